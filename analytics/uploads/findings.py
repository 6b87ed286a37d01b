"""What can be found in an upload: how grave it is, what was expected, what to do.

The text of what was found is written where it is found.
"""

from __future__ import annotations

from collections.abc import Mapping

from analytics.grid import CELL_SIZE
from analytics.uploads.records import Finding, Severity

FEW_CELLS = 100
"""Cells below which the border decides the figures of a zone (docs/method.md)."""
LONGEST_CODE = 40
LONGEST_NAME = 200
MOST_PAIRS = 1_000
"""Overlaps that are listed; a file in which all lies on all has millions."""

_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
_FIELD = "Choose another field, or number the features"
_ENCODING = "Compare the names in each encoding, and choose the one that reads right"
_SYSTEM = "Check the reference system"

KINDS: Mapping[str, tuple[Severity, str, str]] = {
    # Geometries
    "coordinates-impossible": (_ERROR, "coordinates on the Earth", _SYSTEM),
    "few-cells": (_WARNING, f"at least {FEW_CELLS}",
                  "The border decides figures of so small a zone: read them with care"),
    "geometry-broken": (_ERROR, "a polygon", "Draw or export it again"),
    "geometry-duplicate": (_WARNING, "an outline of its own",
                           "Leave one of them out, unless both are meant"),
    "geometry-missing": (_ERROR, "a polygon", "Leave it out, or draw it"),
    "geometry-repaired": (_WARNING, "rings that do not cross", "Look at the repaired outline"),
    "heights-dropped": (_NOTE, "an area in the plane", "Nothing to do"),
    "holes-kept": (_NOTE, "holes that are meant", "They are not counted as part of the zone"),
    "no-area": (_ERROR, "a polygon with an area", "Draw it again"),
    "not-an-area": (_ERROR, "a Polygon or MultiPolygon",
                    "Points and lines have no area: draw an outline"),
    "outside-coverage": (_WARNING, "a zone within the map", "Figures are of the part inside"),
    "overlap": (_WARNING, "zones beside each other",
                "Cells in both count in both: check whether that is meant"),
    "overlaps-many": (_WARNING, "zones beside each other",
                      f"Only the first {MOST_PAIRS} are listed"),
    "parts-dropped": (_WARNING, "areas only", "They were left out"),
    "slivers": (_WARNING, f"parts wider than {CELL_SIZE} m", "Slivers come from outlines that "
                "nearly coincide: check whether they are meant"),
    # Codes, names and other fields
    "code-duplicate": (_ERROR, "a code of its own",
                       "Change one of the codes, choose another field, or number the features"),
    "code-missing": (_ERROR, "a code", _FIELD),
    "code-unusable": (_ERROR, f"at most {LONGEST_CODE} characters, all of them visible and "
                      "none a slash", _FIELD),
    "fields-left-out": (_WARNING, "fewer fields", "Leave out columns that are not needed, if the "
                        "code or the name is among them"),
    "member-repeated": (_WARNING, "each name once", "The last one was taken: check whether that is "
                        "the one that is meant"),
    "name-control-characters": (_NOTE, "a name on one line", "They were removed"),
    "name-cut": (_NOTE, "a shorter one", f"It was cut after {LONGEST_NAME} characters"),
    "row-ragged": (_WARNING, "as many as the heading has",
                   "Look at its values: a separator within one needs quotes around it"),
    "value-not-finite": (_NOTE, "a value of JSON, which has neither NaN nor Infinity",
                         "It was taken as no value; write null where there is none"),
    # Encodings
    "encoding-assumed": (_WARNING, "a table in UTF-8", "Look at the names: where their letters are "
                         "wrong, save the table as UTF-8"),
    "encoding-contradicted": (_WARNING, "texts in the declared encoding", _ENCODING),
    "encoding-guessed": (_WARNING, "a .cpg that names the encoding", _ENCODING),
    "encoding-unreadable": (_WARNING, "texts of one encoding", _ENCODING),
    # Files
    "index-remade": (_WARNING, "the .shx that was written with the .shp", "It was made anew from "
                     "the .shp: shapes that were deleted may be there again"),
    "record-missing": (_WARNING, "a record for each shape",
                       "Save the layer again, or give the zone a code and a name in its program"),
    "records-deleted": (_NOTE, "records that are meant", "They and their shapes were left out"),
    "reference-doubted": (_WARNING, "coordinates of the size that the reference system has",
                          _SYSTEM),
    "shapes-missing": (_WARNING, "a shape for each record",
                       "Save the layer again: these records are no zones"),
    "shapes-unlisted": (_NOTE, "shapes that are listed",
                        "Nothing, if they were meant to be deleted"),
    "wal-mode": (_WARNING, "a file that was closed by the program that writes it",
                 "Close that program and copy the file again, unless all features are here"),
}  # fmt: skip


def finding(
    code: str,
    found: str,
    measures: Mapping[str, float] | None = None,
    names: Mapping[str, str] | None = None,
    *,
    severity: Severity | None = None,
    expected: str = "",
    action: str = "",
) -> Finding:
    """A finding of a kind; what is named holds in place of what the kind says."""
    usual_severity, usual_expected, usual_action = KINDS[code]
    return Finding(
        code,
        severity or usual_severity,
        found,
        expected or usual_expected,
        action or usual_action,
        measures or {},
        names or {},
    )
