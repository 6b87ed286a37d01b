"""What the check of an upload found, in the reader's language: by its code and its measures.

What the engine says of one file alone, such as the name of a field, is data: it is shown as it was
written, in English.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from analytics.uploads import Finding, Severity
from clcplus.presentation.numbers import count, percent, shape_area, square_metres

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Words:
    """Words for the findings of one code."""

    title: Text
    expected: Text
    action: Text
    found: Any = ""
    """A text with the finding's names and measures, or a function of it; empty where only the
    engine knows."""
    counted: str = ""
    """The measure by which the text has its plural; the text calls it ``n``."""


@dataclass(frozen=True, slots=True)
class Said:
    """A finding in words; ``english`` where what was found, or all of it, is the engine's."""

    severity: Severity
    title: Text
    found: str
    expected: Text
    action: Text
    english: bool = False


def title_of(code: str) -> Text:
    """A finding's heading; its code where a newer engine has one that has no words yet."""
    return _WORDS[code].title if code in _WORDS else code


def said(finding: Finding) -> Said:
    """A finding in the reader's language, as far as its measures tell it."""
    words = _WORDS.get(finding.code)
    if words is None:
        words = Words(finding.code, finding.expected, finding.action)
    try:
        found = _found(words, finding)
    except KeyError:
        found = ""
    return Said(
        finding.severity,
        words.title,
        found or finding.found,
        words.expected,
        words.action,
        english=not found,
    )


def _found(words: Words, finding: Finding) -> str:
    if callable(words.found):
        return str(words.found(finding))
    values = _Values(finding)
    if words.counted:
        values["number"] = int(finding.measures[words.counted])
        values["n"] = values[words.counted]
    return str(words.found % values)


class _Values(dict[str, Any]):
    """The names of a finding, and those of its measures that a text asks for, as it writes them."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.names)
        self._measures = finding.measures

    def __missing__(self, name: str) -> str:
        return _WRITERS.get(name, _whole)(self._measures[name])


def _whole(value: float) -> str:
    return count(int(value))


_WRITERS: dict[str, Callable[[float], str]] = {
    "area_before": square_metres,
    "area_after": square_metres,
    "area": shape_area,
    "share": percent,
    "index": lambda value: count(int(value) + 1),
}
"""How a text writes measures; all others are whole numbers."""


def _without_shapes(finding: Finding) -> str:
    number = int(finding.measures["records"] - finding.measures["shapes"])
    told = ngettext(
        "%(n)s more record in the .dbf than shapes in the .shp",
        "%(n)s more records in the .dbf than shapes in the .shp",
        number,
    ) % {"n": count(number)}
    shown = finding.names["shown"]
    return f"{told} ({shown})" if shown else told


def _guessed(finding: Finding) -> str:
    if finding.names["declared"]:
        return (
            gettext("the encoding “%(declared)s” of the .cpg is not known; read as %(used)s")
            % finding.names
        )
    return (
        gettext("no declared encoding, and texts that are not UTF-8; read as %(used)s")
        % finding.names
    )


def _doubted(finding: Finding) -> str:
    names = finding.names
    if "likely" not in names:
        return (
            gettext("coordinates of another size than %(crs)s has, which was chosen all the same")
            % names
        )
    swapped, mapped = finding.measures["swapped"], finding.measures["mapped"]
    outside = (
        gettext("all zones lie outside the map in %(crs)s")
        if mapped
        else gettext("all zones lie outside the area of %(crs)s")
    )
    inside = (
        gettext("with %(likely)s and swapped axes they lie inside")
        if swapped
        else gettext("with %(likely)s they lie inside")
    )
    return gettext("%(outside)s; %(inside)s") % {
        "outside": outside % names,
        "inside": inside % names,
    }


def _outside(finding: Finding) -> str:
    share = finding.measures["share_outside"]
    if share >= 1:
        return gettext("all of it lies outside the map")
    return gettext("%(share)s of it (%(area)s) lies outside the map") % {
        "share": percent(share),
        "area": shape_area(finding.measures["area_outside"]),
    }


def _not_finite(finding: Finding) -> str:
    value, place = finding.names["value"], {"field": finding.names["field"]}
    if not value:
        return gettext("a number too large to be kept in the field “%(field)s”") % place
    line = finding.measures.get("line")
    if line is None:
        return gettext("%(value)s in the field “%(field)s”") % {"value": value, **place}
    return gettext("%(value)s in the field “%(field)s”, line %(line)s") % {
        "value": value,
        "line": count(int(line)),
        **place,
    }


_COMPARE = _("Compare the names in each encoding, and have the file read in the one that is right")
_CHOOSE = _("Choose another field, or number the features")
_LEFT_OUT = _("Draw or export it again, or leave it out")
_WORDS: dict[str, Words] = {
    "shapes-missing": Words(
        _("Records without a shape"),
        _("a shape in the .shp for each record"),
        _("Save the layer again: these records are no zones"),
        _without_shapes,
    ),
    "records-deleted": Words(
        _("Deleted records"),
        _("records that are meant"),
        _("Nothing, if they were meant to be deleted: they were left out"),
        ngettext_lazy(
            "%(n)s record that is marked as deleted",
            "%(n)s records that are marked as deleted",
            "number",
        ),
        "records",
    ),
    "index-remade": Words(
        _("Index made anew"),
        _("the .shx that was written with the .shp"),
        _("Look whether shapes are there that had been deleted"),
        _("no .shx that fits the .shp"),
    ),
    "shapes-unlisted": Words(
        _("Deleted shapes"),
        _("shapes that the .shx lists"),
        _("Nothing, if they were meant to be deleted: they were left out"),
        _("shapes of the .shp that its .shx does not list"),
    ),
    "encoding-contradicted": Words(
        _("Another encoding than declared"),
        _("texts in the declared encoding"),
        _COMPARE,
        _("the texts are %(used)s, not %(said)s as the %(source)s says"),
    ),
    "encoding-guessed": Words(
        _("Encoding guessed"), _("a .cpg that names the encoding"), _COMPARE, _guessed
    ),
    "encoding-unreadable": Words(
        _("Texts of another encoding"),
        _("texts of one encoding"),
        _COMPARE,
        ngettext_lazy(
            "%(n)s text that is not %(encoding)s: %(shown)s",
            "%(n)s texts that are not %(encoding)s, such as %(shown)s",
            "number",
        ),
        "texts",
    ),
    "fields-left-out": Words(
        _("Fields left out"),
        _("fewer fields"),
        _("Leave out columns that are not needed, if the code or the name is among these"),
        ngettext_lazy(
            "%(n)s field beside the %(read)s that were read: %(shown)s",
            "%(n)s fields beside the %(read)s that were read: %(shown)s",
            "number",
        ),
        "fields",
    ),
    "reference-doubted": Words(
        _("Perhaps another reference system"),
        _("a reference system in which the zones lie on the map"),
        _("Check the reference system, and have the file read in another one"),
        _doubted,
    ),
    "encoding-assumed": Words(
        _("Encoding assumed"),
        _("a table in UTF-8"),
        _("Look at the names: where letters are wrong, save the table as UTF-8"),
        _("text that is not UTF-8; it was taken as Windows-1252"),
    ),
    "wal-mode": Words(
        _("Perhaps not all features"),
        _("a file that was closed by the program that writes it"),
        _("Close that program and copy the file again, unless all features are here"),
        _("written in WAL mode: the last changes may lie in a file -wal that is not here"),
    ),
    "geometry-broken": Words(_("Geometry cannot be read"), _("a polygon"), _LEFT_OUT),
    "geometry-missing": Words(
        _("No geometry"),
        _("a polygon"),
        _("Draw it, or leave it out"),
        _("a record without a shape"),
    ),
    "coordinates-impossible": Words(
        _("Coordinates lie nowhere on the Earth"),
        _("coordinates that the reference system has"),
        _("Check the reference system"),
        _("coordinates that the reference system does not have"),
    ),
    "no-area": Words(_("No area"), _("a polygon with an area"), _LEFT_OUT, _("an area of 0 m²")),
    "not-an-area": Words(
        _("Not an area"),
        _("a polygon"),
        _("Points and lines have no area: draw an outline, or leave it out"),
        _("a geometry of type %(kind)s"),
    ),
    "code-missing": Words(_("No code"), _("a code"), _CHOOSE, _("an empty code")),
    "code-unusable": Words(
        _("Code cannot be used"),
        _("at most 40 characters, all of them visible and none a slash"),
        _CHOOSE,
        _("a code that cannot stand in an address"),
    ),
    "code-duplicate": Words(
        _("Code is there twice"),
        _("a code of its own"),
        _("Change one of the codes, choose another field, or number the features"),
        _("feature %(index)s has the same code"),
    ),
    "outside-coverage": Words(
        _("Outside the map"),
        _("a zone within the map"),
        _("Check the reference system; figures are of the part inside alone"),
        _outside,
    ),
    "geometry-repaired": Words(
        _("Outline repaired"),
        _("rings that do not cross or touch themselves"),
        _("Compare the areas, and look at the repaired outline on the map"),
        _("area before the repair %(area_before)s, after it %(area_after)s"),
    ),
    "parts-dropped": Words(
        _("Points or lines left out"),
        _("areas only"),
        _("Nothing, if they were not meant"),
        ngettext_lazy(
            "%(n)s point or line beside the areas",
            "%(n)s points or lines beside the areas",
            "number",
        ),
        "parts",
    ),
    "slivers": Words(
        _("Slivers"),
        _("parts wider than 10 m"),
        _("Slivers come from outlines that nearly coincide: check whether they are meant"),
        ngettext_lazy(
            "%(n)s of %(parts)s parts is narrower than half a cell",
            "%(n)s of %(parts)s parts are narrower than half a cell",
            "number",
        ),
        "slivers",
    ),
    "few-cells": Words(
        _("Few cells"),
        _("100 cells at least"),
        _("The border decides figures of so small a zone: read them with care"),
        ngettext_lazy("%(n)s cell", "%(n)s cells", "number"),
        "cells",
    ),
    "geometry-duplicate": Words(
        _("Outline is there twice"),
        _("an outline of its own"),
        _("Leave one of them out, unless both are meant"),
        _("the same outline as feature %(index)s"),
    ),
    "overlap": Words(
        _("Overlap"),
        _("zones beside each other"),
        _("Cells in both count in both: check whether that is meant"),
        ngettext_lazy(
            "%(area)s shared with %(n)s other feature",
            "%(area)s shared with %(n)s other features",
            "number",
        ),
        "features",
    ),
    "overlaps-many": Words(
        _("Very many overlaps"),
        _("zones beside each other"),
        _("Only the first 1 000 are listed: check whether zones are there twice"),
        _("more than 1 000 overlaps"),
    ),
    "not-observed": Words(
        _("Not observed"),
        _("a twentieth of the cells at most"),
        _("Shares are of the observed cells alone"),
        _("%(share)s of its cells not observed in the newest edition"),
    ),
    "value-not-finite": Words(
        _("No value"),
        _("a value of JSON, which has neither NaN nor Infinity"),
        _("Nothing: it was taken as no value. Write null where there is none"),
        _not_finite,
    ),
    "member-repeated": Words(
        _("A field is there twice"),
        _("each name once"),
        _("The last value was taken: check whether that is the one that is meant"),
        _("more than one member %(shown)s"),
    ),
    "row-ragged": Words(
        _("Row of another length"),
        _("as many cells as the heading has"),
        _("Look at its values: a separator within one needs quotes around it"),
        ngettext_lazy(
            "%(n)s cell in the row that ends in line %(line)s",
            "%(n)s cells in the row that ends in line %(line)s",
            "number",
        ),
        "cells",
    ),
    "record-missing": Words(
        _("Shape without a record"),
        _("a record in the .dbf for each shape"),
        _("Save the layer again in the program that it comes from"),
        ngettext_lazy(
            "shape %(shape)s of the .shp; the .dbf has %(n)s record",
            "shape %(shape)s of the .shp; the .dbf has %(n)s records",
            "number",
        ),
        "records",
    ),
    "holes-kept": Words(
        _("Holes kept"),
        _("holes that are meant"),
        _("Nothing: what lies in a hole is not counted"),
        ngettext_lazy("%(n)s hole", "%(n)s holes", "number"),
        "holes",
    ),
    "heights-dropped": Words(
        _("Heights dropped"),
        _("an outline in the plane"),
        _("Nothing: areas are counted in the plane"),
        _("coordinates with heights"),
    ),
    "name-control-characters": Words(
        _("Name cleaned"),
        _("a name on one line"),
        _("Nothing: they were removed"),
        _("line breaks or other control characters in the name"),
    ),
    "name-cut": Words(
        _("Name shortened"),
        _("a shorter one"),
        _("Nothing, or a shorter name"),
        _("a name longer than 200 characters"),
    ),
}
