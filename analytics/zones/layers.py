"""Vector layers as zones: read any file GDAL reads, transform, repair, and say what was done."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from analytics.errors import (
    DuplicateCode,
    InvalidGeometry,
    MissingField,
    UnreadableLayer,
    WrongReferenceSystem,
)
from analytics.geometry import (
    SMALLEST_AREA,
    area_as_drawn,
    farthest,
    multipolygon,
    same_system,
    valid_area,
)
from analytics.grid import EPSG
from analytics.rasters.sources import file_hash
from analytics.uploads import is_deep
from analytics.zones.files import RawZones, read_raw

Geometries = npt.NDArray[np.object_]
Rows = Mapping[str, str]
"""Which features are taken: fields, each with a regular expression that its whole text matches."""


@dataclass(frozen=True, slots=True)
class Repair:
    """A geometry that was not valid, and its area in square metres as drawn and as repaired."""

    code: str
    reason: str
    area_before: float
    area_after: float


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two zones of a layer that share an area, in square metres."""

    code: str
    other_code: str
    area: float


@dataclass(frozen=True, slots=True)
class ZoneLayer:
    """Zones in one reference system; all sequences in the order of the file."""

    codes: list[str]
    names: list[str]
    parent_codes: list[str]
    geometries: Geometries
    repairs: list[Repair] = field(default_factory=list)
    sha256: str = ""


def read_zones(
    paths: Sequence[Path],
    *,
    code_field: str,
    name_field: str,
    parent_field: str | None = None,
    parent_letters: int = 0,
    layer: str | None = None,
    rows: Rows | None = None,
    inside: shapely.Geometry | None = None,
) -> ZoneLayer:
    """Read zones from one file or several as multipolygons in EPSG:3035.

    The parent's code has a field, or is the first ``parent_letters`` letters of the code. Of all
    features those are read that ``rows`` selects, and of these the ones that have an inner point
    in ``inside`` (EPSG:3035). Invalid geometries are repaired and listed; heights are dropped.
    Raises UnreadableLayer, MissingField, DuplicateCode, WrongReferenceSystem or InvalidGeometry,
    each naming the file.
    """
    rows = rows or {}
    fields = [f for f in (code_field, name_field, parent_field) if f is not None]
    files = [
        _read_file(
            path,
            fields=list(dict.fromkeys((*fields, *rows))),
            layer=layer,
            target=pyproj.CRS.from_epsg(EPSG),
            rows=rows,
        )
        for path in paths
    ]
    names = ", ".join(path.name for path in paths[:3])
    drawn = np.concatenate([file.geometries for file in files])
    values = {f: [text for file in files for text in file.values[f]] for f in fields}
    if inside is not None:
        # Few are repaired and looked at closely.
        near = np.flatnonzero(shapely.intersects(shapely.envelope(drawn), shapely.envelope(inside)))
        drawn, values = _taken(near, drawn, values)
    codes = values[code_field]
    _check_codes(codes, file=names)
    geometries, repairs = _areas(drawn, codes)
    if inside is not None:
        points = shapely.point_on_surface(geometries)
        shapely.prepare(inside)
        within = np.flatnonzero(shapely.contains(inside, points))
        geometries, values = _taken(within, geometries, values)
        kept = set(values[code_field])
        codes, repairs = values[code_field], [r for r in repairs if r.code in kept]
    if not codes:
        raise UnreadableLayer(names, found="no zone of the area", expected="zones in it")
    parents = [code[:parent_letters] for code in codes]
    return ZoneLayer(
        codes=codes,
        names=values[name_field],
        parent_codes=values[parent_field] if parent_field else parents,
        geometries=geometries,
        repairs=repairs,
        sha256=_digest(paths, rows=rows, inside=inside),
    )


def joined(parts: Sequence[ZoneLayer]) -> ZoneLayer:
    """The zones of several files as one layer. Raises DuplicateCode."""
    if len(parts) == 1:
        return parts[0]
    codes = [code for part in parts for code in part.codes]
    _check_codes(codes, file=f"{len(parts)} files")
    return ZoneLayer(
        codes=codes,
        names=[name for part in parts for name in part.names],
        parent_codes=[code for part in parts for code in part.parent_codes],
        geometries=np.concatenate([part.geometries for part in parts]),
        repairs=[repair for part in parts for repair in part.repairs],
        sha256=hashlib.sha256("".join(sorted(part.sha256 for part in parts)).encode()).hexdigest(),
    )


def field_texts(path: Path, *, fields: Sequence[str], layer: str | None) -> dict[str, list[str]]:
    """The texts of fields of all features of a layer. Raises UnreadableLayer or MissingField."""
    raw = read_raw(path, fields=fields, layer=layer)
    return _texts(raw, fields=fields, file=path.name)


def _taken(
    positions: npt.NDArray[np.intp], geometries: Geometries, values: dict[str, list[str]]
) -> tuple[Geometries, dict[str, list[str]]]:
    chosen = positions.tolist()
    return geometries[positions], {f: [texts[n] for n in chosen] for f, texts in values.items()}


def _digest(paths: Sequence[Path], *, rows: Rows, inside: shapely.Geometry | None) -> str:
    """Hash of the files and of what is taken from them."""
    whole = file_hash([part for path in paths for part in _contents(path)])
    if not rows and inside is None:
        return whole
    digest = hashlib.sha256(whole.encode())
    digest.update(repr(sorted(rows.items())).encode())
    digest.update(b"" if inside is None else shapely.to_wkb(shapely.normalize(inside)))
    return digest.hexdigest()


def read_areas(
    path: Path, *, code_field: str | None, crs: str, layer: str | None = None
) -> ZoneLayer:
    """Read zones of one file, codes only, as multipolygons in any reference system (WKT or a name).

    Without a field of codes, zones are numbered from 1 in the order of the file. One zone may be
    without a code, which is blank then. Repairs and errors are those of read_zones; names and
    parents are left blank.
    """
    file = _read_file(
        path,
        fields=[] if code_field is None else [code_field],
        layer=layer,
        target=pyproj.CRS.from_user_input(crs),
    )
    codes = _numbers(file) if code_field is None else file.values[code_field]
    coded = [code for code in codes if code]
    _check_codes(coded if len(coded) == len(codes) - 1 else codes, file=path.name)
    geometries, repairs = _areas(file.geometries, codes)
    blank = [""] * len(codes)
    return ZoneLayer(codes, blank, blank, geometries, repairs)


def read_shapes(path: Path, *, layer: str | None = None) -> Geometries:
    """The areas of one file as multipolygons in EPSG:3035, whatever fields they have; errors are
    those of read_zones."""
    file = _read_file(path, fields=[], layer=layer, target=pyproj.CRS.from_epsg(EPSG))
    return _areas(file.geometries, _numbers(file))[0]


@dataclass(frozen=True, slots=True)
class _File:
    """What one file gave: its geometries in the target's system and the texts of its fields."""

    geometries: Geometries
    values: dict[str, list[str]]


def _numbers(file: _File) -> list[str]:
    """Codes for the features of a file that has none: from 1, in its order."""
    return [str(position) for position in range(1, len(file.geometries) + 1)]


def _read_file(
    path: Path,
    *,
    fields: Sequence[str],
    layer: str | None,
    target: pyproj.CRS,
    rows: Rows | None = None,
) -> _File:
    raw = read_raw(path, fields=fields, layer=layer)
    values = _texts(raw, fields=fields, file=path.name)
    wkb = raw.wkb
    if rows:
        wkb, values = _taken(_selected(values, rows, file=path.name), wkb, values)
    return _File(_transformed(_decoded(wkb, path.name), raw, path.name, target=target), values)


def _texts(raw: RawZones, *, fields: Sequence[str], file: str) -> dict[str, list[str]]:
    return {
        field_name: [_text(value, file=file, field_name=field_name) for value in column]
        for field_name, column in zip(fields, raw.columns, strict=True)
    }


def _selected(values: dict[str, list[str]], rows: Rows, *, file: str) -> npt.NDArray[np.intp]:
    patterns = {field_name: re.compile(pattern) for field_name, pattern in rows.items()}
    found = [
        position
        for position, texts in enumerate(zip(*(values[f] for f in patterns), strict=True))
        if all(p.fullmatch(text) for p, text in zip(patterns.values(), texts, strict=True))
    ]
    if not found:
        wanted = " and ".join(
            f"{field_name} like {pattern}" for field_name, pattern in rows.items()
        )
        raise UnreadableLayer(file, found=f"no feature with {wanted}", expected="zones")
    return np.array(found, dtype=np.intp)


def _decoded(wkb: Geometries, name: str) -> Geometries:
    deep = [position for position, one in enumerate(wkb, 1) if one is not None and is_deep(one)]
    if deep:
        raise InvalidGeometry(
            name,
            found=f"collections that lie too deep in each other, in feature {deep[0]}",
            expected="areas",
        )
    try:
        with np.errstate(invalid="ignore"):  # NaN is found later, and told with its place
            return np.asarray(shapely.from_wkb(wkb))
    except (shapely.errors.GEOSException, NotImplementedError) as error:
        raise InvalidGeometry(
            name, found=f"a broken geometry ({' '.join(str(error).split())})", expected="areas"
        ) from error


def overlaps(geometries: Geometries, codes: list[str]) -> list[Overlap]:
    """Pairs of zones that share more than SMALLEST_AREA; the largest first."""
    suspects = _not_matching(geometries)
    if not len(suspects):
        return []
    tree = shapely.STRtree(geometries)
    found_left, found_right = tree.query(geometries[suspects], predicate="intersects")
    pairs = np.column_stack((suspects[found_left], found_right))
    pairs = np.unique(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1), axis=0)
    left, right = pairs[:, 0], pairs[:, 1]
    areas = shapely.area(shapely.intersection(geometries[left], geometries[right]))
    found = [
        Overlap(codes[a], codes[b], float(area))
        for a, b, area in zip(left.tolist(), right.tolist(), areas.tolist(), strict=True)
        if area > SMALLEST_AREA
    ]
    return sorted(found, key=lambda o: -o.area)


def gaps(geometries: Geometries) -> list[float]:
    """Areas in square metres of the holes that the zones leave between them, the largest first.

    A hole may be meant (a lake, an enclave of another country): it is reported, not mended.
    """
    parts = shapely.get_parts(shapely.union_all(geometries))
    holes = (shapely.Polygon(ring).area for part in parts for ring in part.interiors)
    return sorted((area for area in holes if area > SMALLEST_AREA), reverse=True)


def _contents(path: Path) -> list[Path]:
    """The files that hold a layer: all of a folder (.gdb), a shapefile's companions, or itself."""
    if path.is_dir():
        return sorted(p for p in path.rglob("*") if p.is_file())
    if path.suffix.lower() == ".shp":
        return sorted(p for p in path.parent.iterdir() if p.stem == path.stem)
    return [path]


def _not_matching(geometries: Geometries) -> npt.NDArray[np.intp]:
    """Positions of zones with a side inside another zone: of two that overlap, one at least."""
    invalid = shapely.coverage_invalid_edges(geometries)
    return np.flatnonzero(~shapely.is_empty(invalid))


def _text(value: Any, *, file: str, field_name: str) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float | np.floating):
        raise MissingField(
            file,
            found=f"numbers with a decimal point in {field_name!r}",
            expected="text",
            hint="Codes are text, such as 01004: a number has lost their zeros",
        )
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    return str(value).strip()


def _check_codes(codes: list[str], *, file: str) -> None:
    missing = sum(1 for code in codes if not code)
    if missing:
        raise DuplicateCode(file, found=f"{missing} zones without a code", expected="a code each")
    repeated = [code for code, times in Counter(codes).items() if times > 1]
    if repeated:
        listed = ", ".join(repeated[:5]) + (" …" if len(repeated) > 5 else "")
        raise DuplicateCode(
            file, found=f"{len(repeated)} codes more than once: {listed}", expected="a code a zone"
        )


def _transformed(
    geometries: Geometries, raw: RawZones, file: str, *, target: pyproj.CRS
) -> Geometries:
    if raw.crs is None:
        raise WrongReferenceSystem(
            file, found="no reference system", expected="one that is declared (.prj, srs)"
        )
    try:
        source = pyproj.CRS.from_user_input(raw.crs)
    except pyproj.exceptions.CRSError as error:
        raise WrongReferenceSystem(
            file, found=raw.crs[:80], expected="a reference system that PROJ knows"
        ) from error
    if source.is_geocentric:
        raise WrongReferenceSystem(
            file,
            found=f"{source.name} ({source.type_name})",
            expected="coordinates in a plane or in degrees",
        )
    flat = shapely.force_2d(geometries)
    _check_coordinates(flat, source, file)
    if same_system(source, target):
        return np.asarray(flat)
    try:
        transformer = pyproj.Transformer.from_crs(source, target, always_xy=True)
    except pyproj.exceptions.ProjError as error:
        raise WrongReferenceSystem(
            file, found=source.name, expected=f"one that can be transformed to {target.name}"
        ) from error
    moved = shapely.transform(
        flat, lambda points: np.column_stack(transformer.transform(points[:, 0], points[:, 1]))
    )
    points = shapely.get_coordinates(moved)
    if not (np.abs(points) <= farthest(target)).all():  # false for NaN
        raise WrongReferenceSystem(
            file,
            found=f"coordinates that {source.name} or {target.name} does not have",
            expected="coordinates of the reference system that the file declares",
        )
    return np.asarray(moved)


def _check_coordinates(geometries: Geometries, crs: pyproj.CRS, file: str) -> None:
    points, feature = shapely.get_coordinates(geometries, return_index=True)
    wrong = ~(np.abs(points) <= farthest(crs)).all(axis=1)  # true for NaN
    if wrong.any():
        x, y = points[wrong][0].tolist()
        raise InvalidGeometry(
            file,
            found=f"a corner at {x:.10g}, {y:.10g} in feature {int(feature[wrong][0]) + 1}",
            expected=f"coordinates of {crs.name}",
            hint="Mend or leave out what has them",
        )


def _areas(geometries: Geometries, codes: list[str]) -> tuple[Geometries, list[Repair]]:
    """Every geometry as a valid multipolygon, and what had to be repaired."""
    result = np.empty(len(geometries), dtype=object)
    repairs: list[Repair] = []
    valid = shapely.is_valid(geometries)
    for position, geometry in enumerate(geometries):
        zone = f"zone {codes[position]}"
        if geometry is None or geometry.is_empty:
            raise InvalidGeometry(zone, found="no geometry", expected="an area")
        kind = geometry.geom_type
        if kind not in {"Polygon", "MultiPolygon", "GeometryCollection"}:
            raise InvalidGeometry(zone, found=kind, expected="an area")
        if not valid[position] or kind == "GeometryCollection":
            geometry, repair = _repaired(geometry, codes[position])
            repairs.append(repair)
        if geometry.area == 0:
            raise InvalidGeometry(
                zone,
                found="an area of 0" + (" by the even-odd rule" if not valid[position] else ""),
                expected="an area",
            )
        result[position] = multipolygon(geometry)
    return result, repairs


def _repaired(geometry: Any, code: str) -> tuple[Any, Repair]:
    reason = str(shapely.is_valid_reason(geometry))
    if shapely.is_valid(geometry):
        reason = "a GeometryCollection; only its areas count"
    try:
        area = valid_area(geometry)
    except shapely.errors.GEOSException as error:
        raise InvalidGeometry(
            f"zone {code}",
            found=f"an outline that cannot be repaired ({reason})",
            expected="rings that do not cross",
        ) from error
    return area, Repair(code, reason, area_as_drawn(geometry), float(area.area))
