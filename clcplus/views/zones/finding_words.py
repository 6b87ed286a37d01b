"""What the check of an upload found, in the reader's language: by its code and its measures.

What the engine says of one file alone, such as the name of a field, is data: it is shown as it was
written, in English.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from analytics.uploads import Finding
from clcplus.presentation.numbers import count, percent, square_metres
from clcplus.views.zones.areas import written_area
from clcplus.views.zones.file_finding_words import FILE_KINDS
from clcplus.views.zones.finding_kind import Kind, Text, always


@dataclass(frozen=True, slots=True)
class Said:
    """A finding in words; ``english`` where the first two are the engine's."""

    found: str
    expected: Text
    action: Text
    english: bool = False


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
        found = kind.found(finding)
    except KeyError:
        return Said(finding.found, kind.expected, kind.action, english=True)
    return Said(found, kind.expected, kind.action)


def _repaired(finding: Finding) -> str:
    before, after = finding.measures["area_before"], finding.measures["area_after"]
    return _("area before the repair %(before)s, after it %(after)s") % {
        "before": square_metres(before),
        "after": square_metres(after),
    }


def _holes(finding: Finding) -> str:
    number = int(finding.measures["holes"])
    return ngettext("%(n)s hole", "%(n)s holes", number) % {"n": count(number)}


def _slivers(finding: Finding) -> str:
    number, parts = int(finding.measures["slivers"]), int(finding.measures["parts"])
    return ngettext(
        "%(n)s of %(parts)s parts is narrower than half a cell",
        "%(n)s of %(parts)s parts are narrower than half a cell",
        number,
    ) % {"n": count(number), "parts": count(parts)}


def _cells(finding: Finding) -> str:
    number = int(finding.measures["cells"])
    return ngettext("%(n)s cell", "%(n)s cells", number) % {"n": count(number)}


def _outside(finding: Finding) -> str:
    share = finding.measures["share_outside"]
    if share >= 1:
        return _("all of it lies outside the map")
    return _("%(share)s of it (%(area)s) lies outside the map") % {
        "share": percent(share),
        "area": written_area(finding.measures["area_outside"]),
    }


def _overlap(finding: Finding) -> str:
    others = int(finding.measures["features"])
    return ngettext(
        "%(area)s shared with %(n)s other feature",
        "%(area)s shared with %(n)s other features",
        others,
    ) % {"area": written_area(finding.measures["area"]), "n": count(others)}


def _same_outline(finding: Finding) -> str:
    return _("the same outline as feature %(n)s") % {"n": count(int(finding.measures["index"]) + 1)}


def _same_code(finding: Finding) -> str:
    return _("feature %(n)s has the same code") % {"n": count(int(finding.measures["index"]) + 1)}


def _unseen(finding: Finding) -> str:
    return _("%(share)s of its cells not observed in the newest edition") % {
        "share": percent(finding.measures["share"])
    }


def _dropped_parts(finding: Finding) -> str:
    number = int(finding.measures["parts"])
    return ngettext(
        "%(n)s point or line beside the areas", "%(n)s points or lines beside the areas", number
    ) % {"n": count(number)}


def _ragged(finding: Finding) -> str:
    cells = int(finding.measures["cells"])
    return ngettext(
        "%(n)s cell in the row that ends in line %(line)s",
        "%(n)s cells in the row that ends in line %(line)s",
        cells,
    ) % {"n": count(cells), "line": count(int(finding.measures["line"]))}


def _another_kind(finding: Finding) -> str:
    return _("a geometry of type %(kind)s") % finding.names


def _not_finite(finding: Finding) -> str:
    value, place = finding.names["value"], {"field": finding.names["field"]}
    if not value:
        return _("a number too large to be kept in the field “%(field)s”") % place
    line = finding.measures.get("line")
    if line is None:
        return _("%(value)s in the field “%(field)s”") % {"value": value, **place}
    return _("%(value)s in the field “%(field)s”, line %(line)s") % {
        "value": value,
        "line": count(int(line)),
        **place,
    }


def _repeated(finding: Finding) -> str:
    return _("more than one member %(shown)s") % finding.names


def _no_record(finding: Finding) -> str:
    number = int(finding.measures["records"])
    return ngettext(
        "shape %(shape)s of the .shp; the .dbf has %(n)s record",
        "shape %(shape)s of the .shp; the .dbf has %(n)s records",
        number,
    ) % {"shape": count(int(finding.measures["shape"])), "n": count(number)}


_CHOOSE = gettext_lazy("Choose another field, or number the features")
_LEFT_OUT = gettext_lazy("Draw or export it again, or leave it out")
_KINDS: dict[str, Kind] = {
    **FILE_KINDS,
    "geometry-broken": Kind(
        gettext_lazy("Geometry cannot be read"), gettext_lazy("a polygon"), _LEFT_OUT
    ),
    "geometry-missing": Kind(
        gettext_lazy("No geometry"),
        gettext_lazy("a polygon"),
        gettext_lazy("Draw it, or leave it out"),
        always(gettext_lazy("a record without a shape")),
    ),
    "coordinates-impossible": Kind(
        gettext_lazy("Coordinates lie nowhere on the Earth"),
        gettext_lazy("coordinates that the reference system has"),
        gettext_lazy("Check the reference system"),
        always(gettext_lazy("coordinates that the reference system does not have")),
    ),
    "no-area": Kind(
        gettext_lazy("No area"),
        gettext_lazy("a polygon with an area"),
        _LEFT_OUT,
        always(gettext_lazy("an area of 0 m²")),
    ),
    "not-an-area": Kind(
        gettext_lazy("Not an area"),
        gettext_lazy("a polygon"),
        gettext_lazy("Points and lines have no area: draw an outline, or leave it out"),
        _another_kind,
    ),
    "code-missing": Kind(
        gettext_lazy("No code"),
        gettext_lazy("a code"),
        _CHOOSE,
        always(gettext_lazy("an empty code")),
    ),
    "code-unusable": Kind(
        gettext_lazy("Code cannot be used"),
        gettext_lazy("at most 40 characters, all of them visible and none a slash"),
        _CHOOSE,
        always(gettext_lazy("a code that cannot stand in an address")),
    ),
    "code-duplicate": Kind(
        gettext_lazy("Code is there twice"),
        gettext_lazy("a code of its own"),
        gettext_lazy("Change one of the codes, choose another field, or number the features"),
        _same_code,
    ),
    "outside-coverage": Kind(
        gettext_lazy("Outside the map"),
        gettext_lazy("a zone within the map"),
        gettext_lazy("Check the reference system; figures are of the part inside alone"),
        _outside,
    ),
    "geometry-repaired": Kind(
        gettext_lazy("Outline repaired"),
        gettext_lazy("rings that do not cross or touch themselves"),
        gettext_lazy("Compare the areas, and look at the repaired outline on the map"),
        _repaired,
    ),
    "parts-dropped": Kind(
        gettext_lazy("Points or lines left out"),
        gettext_lazy("areas only"),
        gettext_lazy("Nothing, if they were not meant"),
        _dropped_parts,
    ),
    "slivers": Kind(
        gettext_lazy("Slivers"),
        gettext_lazy("parts wider than 10 m"),
        gettext_lazy(
            "Slivers come from outlines that nearly coincide: check whether they are meant"
        ),
        _slivers,
    ),
    "few-cells": Kind(
        gettext_lazy("Few cells"),
        gettext_lazy("100 cells at least"),
        gettext_lazy("The border decides figures of so small a zone: read them with care"),
        _cells,
    ),
    "geometry-duplicate": Kind(
        gettext_lazy("Outline is there twice"),
        gettext_lazy("an outline of its own"),
        gettext_lazy("Leave one of them out, unless both are meant"),
        _same_outline,
    ),
    "overlap": Kind(
        gettext_lazy("Overlap"),
        gettext_lazy("zones beside each other"),
        gettext_lazy("Cells in both count in both: check whether that is meant"),
        _overlap,
    ),
    "overlaps-many": Kind(
        gettext_lazy("Very many overlaps"),
        gettext_lazy("zones beside each other"),
        gettext_lazy("Only the first 1 000 are listed: check whether zones are there twice"),
        always(gettext_lazy("more than 1 000 overlaps")),
    ),
    "not-observed": Kind(
        gettext_lazy("Not observed"),
        gettext_lazy("a twentieth of the cells at most"),
        gettext_lazy("Shares are of the observed cells alone"),
        _unseen,
    ),
    "value-not-finite": Kind(
        gettext_lazy("No value"),
        gettext_lazy("a value of JSON, which has neither NaN nor Infinity"),
        gettext_lazy("Nothing: it was taken as no value. Write null where there is none"),
        _not_finite,
    ),
    "member-repeated": Kind(
        gettext_lazy("A field is there twice"),
        gettext_lazy("each name once"),
        gettext_lazy("The last value was taken: check whether that is the one that is meant"),
        _repeated,
    ),
    "row-ragged": Kind(
        gettext_lazy("Row of another length"),
        gettext_lazy("as many cells as the heading has"),
        gettext_lazy("Look at its values: a separator within one needs quotes around it"),
        _ragged,
    ),
    "record-missing": Kind(
        gettext_lazy("Shape without a record"),
        gettext_lazy("a record in the .dbf for each shape"),
        gettext_lazy("Save the layer again in the program that it comes from"),
        _no_record,
    ),
    "holes-kept": Kind(
        gettext_lazy("Holes kept"),
        gettext_lazy("holes that are meant"),
        gettext_lazy("Nothing: what lies in a hole is not counted"),
        _holes,
    ),
    "heights-dropped": Kind(
        gettext_lazy("Heights dropped"),
        gettext_lazy("an outline in the plane"),
        gettext_lazy("Nothing: areas are counted in the plane"),
        always(gettext_lazy("coordinates with heights")),
    ),
    "name-control-characters": Kind(
        gettext_lazy("Name cleaned"),
        gettext_lazy("a name on one line"),
        gettext_lazy("Nothing: they were removed"),
        always(gettext_lazy("line breaks or other control characters in the name")),
    ),
    "name-cut": Kind(
        gettext_lazy("Name shortened"),
        gettext_lazy("a shorter one"),
        gettext_lazy("Nothing, or a shorter name"),
        always(gettext_lazy("a name longer than 200 characters")),
    ),
}
