"""Words for what is found of a file as a whole: its records, index, encoding and fields."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from analytics.uploads import Finding
from clcplus.presentation.numbers import count
from clcplus.views.zones.finding_kind import Kind, always


def _without_shapes(finding: Finding) -> str:
    number = int(finding.measures["records"] - finding.measures["shapes"])
    told = ngettext(
        "%(n)s more record in the .dbf than shapes in the .shp",
        "%(n)s more records in the .dbf than shapes in the .shp",
        number,
    ) % {"n": count(number)}
    shown = finding.names["shown"]
    return f"{told} ({shown})" if shown else told


def _contradicted(finding: Finding) -> str:
    return _("the texts are %(used)s, not %(said)s as the %(source)s says") % finding.names


def _guessed(finding: Finding) -> str:
    if finding.names["declared"]:
        return (
            _("the encoding “%(declared)s” of the .cpg is not known; read as %(used)s")
            % finding.names
        )
    return _("no declared encoding, and texts that are not UTF-8; read as %(used)s") % finding.names


def _unreadable(finding: Finding) -> str:
    number = int(finding.measures["texts"])
    return ngettext(
        "%(n)s text that is not %(encoding)s: %(shown)s",
        "%(n)s texts that are not %(encoding)s, such as %(shown)s",
        number,
    ) % {"n": count(number), **finding.names}


def _left_out(finding: Finding) -> str:
    number = int(finding.measures["fields"])
    return ngettext(
        "%(n)s field beside the %(read)s that were read: %(shown)s",
        "%(n)s fields beside the %(read)s that were read: %(shown)s",
        number,
    ) % {"n": count(number), "read": count(int(finding.measures["read"])), **finding.names}


def _doubted(finding: Finding) -> str:
    names = finding.names
    if "likely" not in names:
        return (
            _("coordinates of another size than %(crs)s has, which was chosen all the same") % names
        )
    swapped, mapped = finding.measures["swapped"], finding.measures["mapped"]
    outside = (
        _("all zones lie outside the map in %(crs)s")
        if mapped
        else _("all zones lie outside the area of %(crs)s")
    )
    inside = (
        _("with %(likely)s and swapped axes they lie inside")
        if swapped
        else _("with %(likely)s they lie inside")
    )
    return _("%(outside)s; %(inside)s") % {"outside": outside % names, "inside": inside % names}


def _deleted(finding: Finding) -> str:
    number = int(finding.measures["records"])
    return ngettext(
        "%(n)s record that is marked as deleted",
        "%(n)s records that are marked as deleted",
        number,
    ) % {"n": count(number)}


_COMPARE = gettext_lazy(
    "Compare the names in each encoding, and have the file read in the one that is right"
)
FILE_KINDS: dict[str, Kind] = {
    "shapes-missing": Kind(
        gettext_lazy("Records without a shape"),
        gettext_lazy("a shape in the .shp for each record"),
        gettext_lazy("Save the layer again: these records are no zones"),
        _without_shapes,
    ),
    "records-deleted": Kind(
        gettext_lazy("Deleted records"),
        gettext_lazy("records that are meant"),
        gettext_lazy("Nothing, if they were meant to be deleted: they were left out"),
        _deleted,
    ),
    "index-remade": Kind(
        gettext_lazy("Index made anew"),
        gettext_lazy("the .shx that was written with the .shp"),
        gettext_lazy("Look whether shapes are there that had been deleted"),
        always(gettext_lazy("no .shx that fits the .shp")),
    ),
    "shapes-unlisted": Kind(
        gettext_lazy("Deleted shapes"),
        gettext_lazy("shapes that the .shx lists"),
        gettext_lazy("Nothing, if they were meant to be deleted: they were left out"),
        always(gettext_lazy("shapes of the .shp that its .shx does not list")),
    ),
    "encoding-contradicted": Kind(
        gettext_lazy("Another encoding than declared"),
        gettext_lazy("texts in the declared encoding"),
        _COMPARE,
        _contradicted,
    ),
    "encoding-guessed": Kind(
        gettext_lazy("Encoding guessed"),
        gettext_lazy("a .cpg that names the encoding"),
        _COMPARE,
        _guessed,
    ),
    "encoding-unreadable": Kind(
        gettext_lazy("Texts of another encoding"),
        gettext_lazy("texts of one encoding"),
        _COMPARE,
        _unreadable,
    ),
    "fields-left-out": Kind(
        gettext_lazy("Fields left out"),
        gettext_lazy("fewer fields"),
        gettext_lazy(
            "Leave out columns that are not needed, if the code or the name is among these"
        ),
        _left_out,
    ),
    "reference-doubted": Kind(
        gettext_lazy("Perhaps another reference system"),
        gettext_lazy("a reference system in which the zones lie on the map"),
        gettext_lazy("Check the reference system, and have the file read in another one"),
        _doubted,
    ),
    "encoding-assumed": Kind(
        gettext_lazy("Encoding assumed"),
        gettext_lazy("a table in UTF-8"),
        gettext_lazy("Look at the names: where letters are wrong, save the table as UTF-8"),
        always(gettext_lazy("text that is not UTF-8; it was taken as Windows-1252")),
    ),
    "wal-mode": Kind(
        gettext_lazy("Perhaps not all features"),
        gettext_lazy("a file that was closed by the program that writes it"),
        gettext_lazy("Close that program and copy the file again, unless all features are here"),
        always(
            gettext_lazy(
                "written in WAL mode: the last changes may lie in a file -wal that is not here"
            )
        ),
    ),
}
