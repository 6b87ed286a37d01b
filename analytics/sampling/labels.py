"""Labels that interpreters gave to the points of a sample, checked against the points drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyogrio
import shapely

from analytics.errors import LabelError, MissingField, UnreadableLayer
from analytics.files import read_table
from analytics.nomenclature import OBSERVED_CODES
from analytics.phrases import Phrase, joined
from analytics.phrases import phrase as _
from analytics.sampling.geopackage import LAYER
from analytics.sampling.point_tables import CONFIDENCES

LISTED = 10
"""Rows that an error names."""
_SHOWN = 40
"""Characters of a value that it shows."""

_Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DrawnPoint:
    """A point as it was drawn: the centre of its cell, in the raster's reference system."""

    id: int
    stratum: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Label:
    """What an interpreter found at a point. ``reference`` has a class of each edition, None where
    the interpreter gave none."""

    point: DrawnPoint
    reference: tuple[int | None, ...]
    confidence: str
    interpreter: str
    note: str


def read_drawn(path: Path) -> dict[int, DrawnPoint]:
    """The points of a file that the draw wrote with all columns (CSV or GeoPackage), by id.

    Raises UnreadableLayer, MissingField, or LabelError for rows that no draw wrote.
    """
    rows = _rows(path, ["id", "stratum", "x", "y"])
    faults = _Faults(path.name, len(rows))
    points: dict[int, DrawnPoint] = {}
    for number, row in enumerate(rows, start=1):
        key, x, y = _whole(row["id"]), _finite(row["x"]), _finite(row["y"])
        if key is None or x is None or y is None or key in points:
            faults.add(number, f"id {_cut(row['id'])!r} at {_cut(row['x'])}, {_cut(row['y'])}")
            continue
        points[key] = DrawnPoint(key, row["stratum"], x, y)
    faults.check("ids that occur once, and coordinates")
    return points


def read_crosswalk(path: Path) -> dict[str, int]:
    """Classes by the codes of another nomenclature, such as LUCAS, from a CSV ``code,class``.

    Raises UnreadableLayer, MissingField, or LabelError for an unknown class or a code that is there
    twice.
    """
    rows = _rows(path, ["code", "class"])
    faults = _Faults(path.name, len(rows))
    classes: dict[str, int] = {}
    for number, row in enumerate(rows, start=1):
        code, found = row["code"], _class(row["class"])
        if not code or code in classes or found is None:
            faults.add(
                number,
                _("code %(code)r, class %(found)r", code=_cut(code), found=_cut(row["class"])),
            )
            continue
        classes[code] = found
    faults.check(_("each code once, with a class from 1 to 11"))
    return classes


def read_labels(
    path: Path,
    drawn: Mapping[int, DrawnPoint],
    *,
    cell_width: float,
    cell_height: float,
    crosswalk: Mapping[str, int] | None = None,
) -> list[Label]:
    """The labels in a CSV or GeoPackage that has the columns of the draw (``labels_of``).

    Raises UnreadableLayer, MissingField, or LabelError.
    """
    return labels_of(
        _rows(path, ["id"]),
        drawn,
        name=path.name,
        cell_width=cell_width,
        cell_height=cell_height,
        crosswalk=crosswalk,
    )


def labels_of(
    rows: Sequence[_Row],
    drawn: Mapping[int, DrawnPoint],
    *,
    name: str,
    cell_width: float,
    cell_height: float,
    crosswalk: Mapping[str, int] | None = None,
) -> list[Label]:
    """The labels in rows of text that have the columns of the draw, in their order. ``name`` is
    that of the file, for messages.

    References are the classes 1 to 11, or with a crosswalk its codes and nothing else. A row
    without a reference is not labelled yet and is left out. Several interpreters may label one
    point, each once. Where the file has x and y, they must lie in the cell that was drawn
    (``cell_width`` by ``cell_height``, in units of the reference system); where it has a stratum,
    it must be the drawn one.

    Raises MissingField, or LabelError, which names the first LISTED rows.
    """
    _check_id(rows, name)
    columns = _reference_columns(rows, name)
    unknown, moved, strata, classes, confidences, repeated = (
        _Faults(name, len(rows)) for _kind in range(6)
    )
    read = _class if crosswalk is None else crosswalk.get
    seen: set[tuple[int, str]] = set()
    labels: list[Label] = []
    for number, row in enumerate(rows, start=1):
        point = drawn.get(_whole(row["id"]) or 0)
        if point is None:
            unknown.add(number, _("id %(id)r", id=_cut(row["id"])))
            continue
        if not _in_cell(row, point, cell_width, cell_height):
            moved.add(
                number,
                _(
                    "point %(point)s at %(x)s, %(y)s",
                    point=point.id,
                    x=_cut(row["x"]),
                    y=_cut(row["y"]),
                ),
            )
        if row.get("stratum", point.stratum) != point.stratum:
            strata.add(
                number,
                _(
                    "point %(point)s in %(found)r, not %(drawn)r",
                    point=point.id,
                    found=_cut(row["stratum"]),
                    drawn=point.stratum,
                ),
            )
        texts = [row[column] for column in columns]
        if not any(texts):
            continue
        found = [read(text) if text else None for text in texts]
        for text, value in zip(texts, found, strict=True):
            if text and value is None:
                classes.add(number, repr(_cut(text)))
        confidence, interpreter = row.get("confidence", ""), row.get("interpreter", "")
        if confidence and confidence not in CONFIDENCES:
            confidences.add(number, repr(_cut(confidence)))
        if (point.id, interpreter) in seen:
            twice = _("point %(point)s", point=point.id)
            if interpreter:
                twice = _("point %(point)s by %(name)s", point=point.id, name=_cut(interpreter))
            repeated.add(number, twice)
        seen.add((point.id, interpreter))
        labels.append(Label(point, tuple(found), confidence, interpreter, row.get("note", "")))
    unknown.check(_("ids of points that were drawn"))
    moved.check(_("points within the cells that were drawn"))
    strata.check(_("the strata that the points were drawn from"))
    classes.check(
        _("classes from 1 to 11") if crosswalk is None else _("codes of the crosswalk"),
        hint="" if crosswalk is not None else _("Other nomenclatures need a crosswalk"),
    )
    confidences.check(_("one of %(names)s", names=", ".join(CONFIDENCES)))
    repeated.check(_("one label of an interpreter for each point"))
    return labels


class _Faults:
    """Rows of a file with one kind of fault."""

    def __init__(self, name: str, rows: int) -> None:
        self._name = name
        self._rows = rows
        self._found: list[Phrase] = []
        self._count = 0

    def add(self, row: int, what: str) -> None:
        """Note a row, counted from 1 after the header."""
        self._count += 1
        if len(self._found) < LISTED:
            self._found.append(_("row %(row)s: %(what)s", row=row, what=what))

    def check(self, expected: str, *, hint: str = "") -> None:
        """Raise LabelError if a row was noted."""
        if not self._count:
            return
        more = " …" if self._count > len(self._found) else ""
        raise LabelError(
            self._name,
            found=_(
                "%(n)s of %(of)s rows wrong (%(rows)s%(more)s)",
                n=self._count,
                of=self._rows,
                rows=joined("; ", self._found),
                more=more,
            ),
            expected=expected,
            hint=hint,
        )


def _cut(text: str) -> str:
    return text[:_SHOWN]


def _check_id(rows: Sequence[_Row], name: str) -> None:
    if rows and "id" not in rows[0]:
        raise MissingField(
            name,
            found=_("columns %(names)s", names=", ".join(rows[0])),
            expected=_("a column %(name)r", name="id"),
        )


def _reference_columns(rows: Sequence[_Row], name: str) -> list[str]:
    """The columns of references: of one edition, or of both."""
    present = rows[0] if rows else {}
    for columns in (["reference_earlier", "reference_later"], ["reference"]):
        if all(column in present for column in columns):
            return columns
    raise LabelError(
        name,
        found=_("columns %(names)s", names=", ".join(present)) if rows else _("no point"),
        expected=_(
            "points with a column 'reference', or 'reference_earlier' and 'reference_later'"
        ),
    )


def _in_cell(row: _Row, point: DrawnPoint, width: float, height: float) -> bool:
    if "x" not in row or "y" not in row:
        return True
    x, y = _finite(row["x"]), _finite(row["y"])
    return (
        x is not None
        and y is not None
        and abs(x - point.x) <= width / 2
        and abs(y - point.y) <= height / 2
    )


def _rows(path: Path, fields: Sequence[str]) -> list[dict[str, str]]:
    """Rows of a file as texts, blank where nothing is written."""
    return (_of_geopackage if path.suffix.lower() == ".gpkg" else table_rows)(path, fields)


def table_rows(path: Path, fields: Sequence[str]) -> list[dict[str, str]]:
    """Rows of a CSV that has these columns, as texts, blank where nothing is written.

    Raises UnreadableLayer or MissingField.
    """
    rows = read_table(path, fields)
    return [
        {str(name): (value or "").strip() for name, value in row.items() if isinstance(name, str)}
        for row in rows
    ]


def _of_geopackage(path: Path, fields: Sequence[str]) -> list[dict[str, str]]:
    """The same for the layer of points of a GeoPackage; x and y are those of the geometries."""
    try:
        meta, _, wkb, columns = pyogrio.raw.read(path, layer=LAYER)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise UnreadableLayer(
            path.name,
            found=str(error).splitlines()[0],
            expected=f"a GeoPackage with a layer {LAYER!r}",
        ) from error
    names = [str(name) for name in meta["fields"]]
    for field in fields:
        if field not in names:
            raise MissingField(
                path.name, found=f"columns {', '.join(names)}", expected=f"a column {field!r}"
            )
    table = dict(zip(names, ([_text(v) for v in column] for column in columns), strict=True))
    geometries = shapely.from_wkb(wkb)
    table["x"] = [repr(float(x)) for x in shapely.get_x(geometries)]
    table["y"] = [repr(float(y)) for y in shapely.get_y(geometries)]
    return [dict(zip(table, values, strict=True)) for values in zip(*table.values(), strict=True)]


def _text(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _finite(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _class(text: str) -> int | None:
    code = _whole(text)
    return code if code in OBSERVED_CODES else None
