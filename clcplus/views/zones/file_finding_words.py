"""Words for what is found of a file as a whole: its records, index, encoding and fields."""

from __future__ import annotations

from django.utils.translation import gettext_lazy, ngettext

from clcplus.templatetags.figures import count
from clcplus.views.zones.finding_kind import Kind, Measures, always


def _deleted(measures: Measures) -> str:
    number = int(measures["records"])
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
    ),
    "encoding-guessed": Kind(
        gettext_lazy("Encoding guessed"),
        gettext_lazy("a .cpg that names the encoding"),
        _COMPARE,
    ),
    "encoding-unreadable": Kind(
        gettext_lazy("Texts of another encoding"),
        gettext_lazy("texts of one encoding"),
        _COMPARE,
    ),
    "fields-left-out": Kind(
        gettext_lazy("Fields left out"),
        gettext_lazy("fewer fields"),
        gettext_lazy(
            "Leave out columns that are not needed, if the code or the name is among these"
        ),
    ),
    "reference-doubted": Kind(
        gettext_lazy("Perhaps another reference system"),
        gettext_lazy("a reference system in which the zones lie on the map"),
        gettext_lazy("Check the reference system, and have the file read in another one"),
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
