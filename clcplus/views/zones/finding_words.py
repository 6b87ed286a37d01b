"""What the check of an upload found, in the reader's language: by its code and its measures.

What the engine says of one file alone, such as the name of a field, is data: it is shown as it was
written, in English.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from analytics.uploads.records import Finding
from clcplus.templatetags.figures import count, percent, square_metres
from clcplus.views.zones.areas import written_area

Text = str | Promise
Measures = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Said:
    """A finding in words; ``english`` where the first two are the engine's."""

    found: str
    expected: Text
    action: Text
    english: bool = False


@dataclass(frozen=True, slots=True)
class _Kind:
    title: Text
    expected: Text
    action: Text
    found: Callable[[Measures], str] | None = None
    """What was found, from measures alone; None where only the engine can say it."""


def title_of(code: str) -> Text:
    """A finding's heading; its code where a newer engine has one that has no words yet."""
    kind = _KINDS.get(code)
    return kind.title if kind else code


def said(finding: Finding) -> Said:
    """A finding in the reader's language, as far as its measures tell it."""
    kind = _KINDS.get(finding.code)
    if kind is None:
        return Said(finding.found, finding.expected, finding.action, english=True)
    if kind.found is None:
        return Said(finding.found, kind.expected, kind.action, english=True)
    try:
        found = kind.found(finding.measures)
    except KeyError:
        return Said(finding.found, kind.expected, kind.action, english=True)
    return Said(found, kind.expected, kind.action)


def _repaired(measures: Measures) -> str:
    before, after = measures["area_before"], measures["area_after"]
    return _("area before the repair %(before)s, after it %(after)s") % {
        "before": square_metres(before),
        "after": square_metres(after),
    }


def _holes(measures: Measures) -> str:
    number = int(measures["holes"])
    return ngettext("%(n)s hole", "%(n)s holes", number) % {"n": count(number)}


def _slivers(measures: Measures) -> str:
    number, parts = int(measures["slivers"]), int(measures["parts"])
    return ngettext(
        "%(n)s of %(parts)s parts is narrower than half a cell",
        "%(n)s of %(parts)s parts are narrower than half a cell",
        number,
    ) % {"n": count(number), "parts": count(parts)}


def _cells(measures: Measures) -> str:
    number = int(measures["cells"])
    return ngettext("%(n)s cell", "%(n)s cells", number) % {"n": count(number)}


def _outside(measures: Measures) -> str:
    share = measures["share_outside"]
    if share >= 1:
        return _("all of it lies outside the map")
    return _("%(share)s of it (%(area)s) lies outside the map") % {
        "share": percent(share),
        "area": written_area(measures["area_outside"]),
    }


def _overlap(measures: Measures) -> str:
    others = int(measures["features"])
    return ngettext(
        "%(area)s shared with %(n)s other feature",
        "%(area)s shared with %(n)s other features",
        others,
    ) % {"area": written_area(measures["area"]), "n": count(others)}


def _same_outline(measures: Measures) -> str:
    return _("the same outline as feature %(n)s") % {"n": count(int(measures["index"]) + 1)}


def _same_code(measures: Measures) -> str:
    return _("feature %(n)s has the same code") % {"n": count(int(measures["index"]) + 1)}


def _unseen(measures: Measures) -> str:
    return _("%(share)s of its cells not observed in the newest edition") % {
        "share": percent(measures["share"])
    }


def _dropped_parts(measures: Measures) -> str:
    number = int(measures["parts"])
    return ngettext(
        "%(n)s point or line beside the areas", "%(n)s points or lines beside the areas", number
    ) % {"n": count(number)}


def _no_record(measures: Measures) -> str:
    number = int(measures["records"])
    return ngettext(
        "shape %(shape)s of the .shp; the .dbf has %(n)s record",
        "shape %(shape)s of the .shp; the .dbf has %(n)s records",
        number,
    ) % {"shape": count(int(measures["shape"])), "n": count(number)}


def _deleted(measures: Measures) -> str:
    number = int(measures["records"])
    return ngettext(
        "%(n)s record that is marked as deleted",
        "%(n)s records that are marked as deleted",
        number,
    ) % {"n": count(number)}


def _always(text: Text) -> Callable[[Measures], str]:
    return lambda measures: str(text)


_CHOOSE = gettext_lazy("Choose another field, or number the features")
_COMPARE = gettext_lazy(
    "Compare the names in each encoding, and have the file read in the one that is right"
)
_LEFT_OUT = gettext_lazy("Draw or export it again, or leave it out")
_KINDS: dict[str, _Kind] = {
    "geometry-broken": _Kind(
        gettext_lazy("Geometry cannot be read"), gettext_lazy("a polygon"), _LEFT_OUT
    ),
    "geometry-missing": _Kind(
        gettext_lazy("No geometry"),
        gettext_lazy("a polygon"),
        gettext_lazy("Draw it, or leave it out"),
        _always(gettext_lazy("a record without a shape")),
    ),
    "coordinates-impossible": _Kind(
        gettext_lazy("Coordinates lie nowhere on the Earth"),
        gettext_lazy("coordinates that the reference system has"),
        gettext_lazy("Check the reference system"),
        _always(gettext_lazy("coordinates that the reference system does not have")),
    ),
    "no-area": _Kind(
        gettext_lazy("No area"),
        gettext_lazy("a polygon with an area"),
        _LEFT_OUT,
        _always(gettext_lazy("an area of 0 m²")),
    ),
    "not-an-area": _Kind(
        gettext_lazy("Not an area"),
        gettext_lazy("a polygon"),
        gettext_lazy("Points and lines have no area: draw an outline, or leave it out"),
    ),
    "code-missing": _Kind(
        gettext_lazy("No code"),
        gettext_lazy("a code"),
        _CHOOSE,
        _always(gettext_lazy("an empty code")),
    ),
    "code-unusable": _Kind(
        gettext_lazy("Code cannot be used"),
        gettext_lazy("at most 40 characters, all of them visible and none a slash"),
        _CHOOSE,
    ),
    "code-duplicate": _Kind(
        gettext_lazy("Code is there twice"),
        gettext_lazy("a code of its own"),
        gettext_lazy("Change one of the codes, choose another field, or number the features"),
        _same_code,
    ),
    "outside-coverage": _Kind(
        gettext_lazy("Outside the map"),
        gettext_lazy("a zone within the map"),
        gettext_lazy("Check the reference system; figures are of the part inside alone"),
        _outside,
    ),
    "geometry-repaired": _Kind(
        gettext_lazy("Outline repaired"),
        gettext_lazy("rings that do not cross or touch themselves"),
        gettext_lazy("Compare the areas, and look at the repaired outline on the map"),
        _repaired,
    ),
    "parts-dropped": _Kind(
        gettext_lazy("Points or lines left out"),
        gettext_lazy("areas only"),
        gettext_lazy("Nothing, if they were not meant"),
        _dropped_parts,
    ),
    "slivers": _Kind(
        gettext_lazy("Slivers"),
        gettext_lazy("parts wider than 10 m"),
        gettext_lazy(
            "Slivers come from outlines that nearly coincide: check whether they are meant"
        ),
        _slivers,
    ),
    "few-cells": _Kind(
        gettext_lazy("Few cells"),
        gettext_lazy("100 cells at least"),
        gettext_lazy("The border decides figures of so small a zone: read them with care"),
        _cells,
    ),
    "geometry-duplicate": _Kind(
        gettext_lazy("Outline is there twice"),
        gettext_lazy("an outline of its own"),
        gettext_lazy("Leave one of them out, unless both are meant"),
        _same_outline,
    ),
    "overlap": _Kind(
        gettext_lazy("Overlap"),
        gettext_lazy("zones beside each other"),
        gettext_lazy("Cells in both count in both: check whether that is meant"),
        _overlap,
    ),
    "overlaps-many": _Kind(
        gettext_lazy("Very many overlaps"),
        gettext_lazy("zones beside each other"),
        gettext_lazy("Only the first 1 000 are listed: check whether zones are there twice"),
        _always(gettext_lazy("more than 1 000 overlaps")),
    ),
    "not-observed": _Kind(
        gettext_lazy("Not observed"),
        gettext_lazy("a twentieth of the cells at most"),
        gettext_lazy("Shares are of the observed cells alone"),
        _unseen,
    ),
    "record-missing": _Kind(
        gettext_lazy("Shape without a record"),
        gettext_lazy("a record in the .dbf for each shape"),
        gettext_lazy("Save the layer again in the program that it comes from"),
        _no_record,
    ),
    "shapes-missing": _Kind(
        gettext_lazy("Records without a shape"),
        gettext_lazy("a shape in the .shp for each record"),
        gettext_lazy("Save the layer again: these records are no zones"),
    ),
    "records-deleted": _Kind(
        gettext_lazy("Deleted records"),
        gettext_lazy("records that are meant"),
        gettext_lazy("Nothing, if they were meant to be deleted: they were left out"),
        _deleted,
    ),
    "index-remade": _Kind(
        gettext_lazy("Index made anew"),
        gettext_lazy("the .shx that was written with the .shp"),
        gettext_lazy("Look whether shapes are there that had been deleted"),
        _always(gettext_lazy("no .shx that fits the .shp")),
    ),
    "shapes-unlisted": _Kind(
        gettext_lazy("Deleted shapes"),
        gettext_lazy("shapes that the .shx lists"),
        gettext_lazy("Nothing, if they were meant to be deleted: they were left out"),
        _always(gettext_lazy("shapes of the .shp that its .shx does not list")),
    ),
    "encoding-contradicted": _Kind(
        gettext_lazy("Another encoding than declared"),
        gettext_lazy("texts in the declared encoding"),
        _COMPARE,
    ),
    "encoding-guessed": _Kind(
        gettext_lazy("Encoding guessed"),
        gettext_lazy("a .cpg that names the encoding"),
        _COMPARE,
    ),
    "encoding-unreadable": _Kind(
        gettext_lazy("Texts of another encoding"),
        gettext_lazy("texts of one encoding"),
        _COMPARE,
    ),
    "fields-left-out": _Kind(
        gettext_lazy("Fields left out"),
        gettext_lazy("fewer fields"),
        gettext_lazy(
            "Leave out columns that are not needed, if the code or the name is among these"
        ),
    ),
    "reference-doubted": _Kind(
        gettext_lazy("Perhaps another reference system"),
        gettext_lazy("a reference system in which the zones lie on the map"),
        gettext_lazy("Check the reference system, and have the file read in another one"),
    ),
    "holes-kept": _Kind(
        gettext_lazy("Holes kept"),
        gettext_lazy("holes that are meant"),
        gettext_lazy("Nothing: what lies in a hole is not counted"),
        _holes,
    ),
    "heights-dropped": _Kind(
        gettext_lazy("Heights dropped"),
        gettext_lazy("an outline in the plane"),
        gettext_lazy("Nothing: areas are counted in the plane"),
        _always(gettext_lazy("coordinates with heights")),
    ),
    "name-control-characters": _Kind(
        gettext_lazy("Name cleaned"),
        gettext_lazy("a name on one line"),
        gettext_lazy("Nothing: they were removed"),
        _always(gettext_lazy("line breaks or other control characters in the name")),
    ),
    "name-cut": _Kind(
        gettext_lazy("Name shortened"),
        gettext_lazy("a shorter one"),
        gettext_lazy("Nothing, or a shorter name"),
        _always(gettext_lazy("a name longer than 200 characters")),
    ),
}
