"""Communes and their two vintages: an exact partition with natural-looking borders."""

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from affine import Affine
from rasterio import features
from scipy.spatial import cKDTree

from analytics.arrays import Int64Array
from demonstration.grids.drawing import Points
from demonstration.grids.fields import Field, sample_at, sample_pair
from demonstration.grids.frame import Frame
from demonstration.landscape.ground import Ground
from demonstration.landscape.settlements import Settlements, distances
from demonstration.territories import names

REGION_CODE = "07"
DEPARTEMENTS = dict(zip(("0V", "0W", "0X", "0Y", "0Z"), names.DEPARTEMENTS, strict=True))
"""Names by code."""
MERGER_SIZES = (3, 2, 2)
MERGER_YEAR = 2024

LABEL_M = 40  # spacing of the grid on which borders are first drawn
HINTERLAND = 1 << 20  # land where no commune lies
SEA = HINTERLAND + 1
CRUMB_M2 = 250_000.0  # a piece cut off that is smaller joins its neighbour


class Commune(NamedTuple):
    code: str
    name: str
    departement: str
    geometry: shapely.MultiPolygon  # EPSG:3035, coordinates in whole centimetres
    seat: int  # of the (largest) seat, an index into `Settlements.seats`


class Movement(NamedTuple):
    """A row of `movements.csv`."""

    old_code: str
    old_name: str
    new_code: str
    new_name: str
    year: int


class Territories(NamedTuple):
    communes: dict[int, list[Commune]]  # by vintage, in the order of their codes
    movements: list[Movement]
    land: shapely.Geometry  # all land of the region, within communes or not


def divide(frame: Frame, ground: Ground) -> Territories:
    pieces = _vectorise(frame, _label(frame, ground))
    land = shapely.coverage_union_all([piece for label, piece in pieces.items() if label != SEA])
    communes = _name_communes(
        frame, ground, {label: piece for label, piece in pieces.items() if label < HINTERLAND}
    )
    merged, movements = _merge(frame, communes, ground.settlements)
    return Territories({2020: communes, 2024: merged}, movements, land)


def _label(frame: Frame, ground: Ground) -> npt.NDArray[np.int32]:
    """The seat that each point of the labelling grid belongs to: the nearest one on a bent plane,
    so that borders are not straight."""
    terrain, seats = ground.terrain, ground.settlements.seats
    n = frame.size_m // LABEL_M
    row, column = np.mgrid[0:n, 0:n]
    points = np.stack([column.ravel(), row.ravel()], axis=1) * float(LABEL_M) + LABEL_M / 2

    bend = min(1.0, math.sqrt(frame.area_km2 / len(seats)) / 3.8)

    def warp(axis: str) -> Field:
        wide = frame.field(f"borders-{axis}", 3000 * bend, 2)
        return bend * (620 * wide + 150 * frame.field(f"bends-{axis}", 700 * bend, 3))

    warps = [warp(axis) for axis in "xy"]
    bent_seats, bent_points = (places + sample_pair(warps, places) for places in (seats, points))
    labels = cKDTree(bent_seats).query(bent_points, workers=2)[1].astype(np.int32)

    rugged = sample_at(frame.field("outline", 0.12 * frame.size_m, 5), points)
    outside = _to_edge(frame, points) < np.maximum(60.0, 0.028 * frame.size_m * (1 + 1.2 * rugged))
    outside |= sample_at(terrain.beyond_border, points) > 0
    seat_columns, seat_rows = (seats // LABEL_M).astype(int).T
    lost = np.flatnonzero(outside.reshape(n, n)[seat_rows, seat_columns])
    labels[outside | np.isin(labels, lost)] = HINTERLAND
    labels[sample_at(terrain.elevation, points) < 0] = SEA
    grid: npt.NDArray[np.int32] = labels.reshape(n, n)
    return grid


def _to_edge(frame: Frame, points: Points) -> Points:
    """Metres to the nearest edge of the frame."""
    return np.asarray(np.minimum(points, frame.size_m - points).min(axis=1))


def _vectorise(frame: Frame, labels: npt.NDArray[np.int32]) -> dict[int, shapely.MultiPolygon]:
    """Polygons by label, in the order of labels."""
    transform = Affine(LABEL_M, 0, frame.left, 0, -LABEL_M, frame.top)
    shapes, owners = zip(*features.shapes(labels, connectivity=4, transform=transform), strict=True)
    # GDAL leaves out vertices on straight lines, also where three pieces meet; a coverage needs
    # them.
    polygons = shapely.segmentize([shapely.geometry.shape(shape) for shape in shapes], LABEL_M)
    owner = _join_crumbs(polygons, np.array(owners, dtype=np.int64))
    values = np.unique(owner)
    coverage: Any = [shapely.coverage_union_all(polygons[owner == value]) for value in values]
    # Staircases become slanted lines, the same ones on both sides of a border.
    coverage = shapely.coverage_simplify(coverage, tolerance=LABEL_M * 1.1)
    coverage = _shifted(frame, coverage)
    if not shapely.coverage_is_valid(coverage):
        raise RuntimeError("the communes do not form a partition")
    return {
        int(value): _as_multipolygon(polygon)
        for value, polygon in zip(values, coverage, strict=True)
    }


def _as_multipolygon(geometry: shapely.Geometry) -> shapely.MultiPolygon:
    return shapely.multipolygons(shapely.get_parts(geometry))


def _join_crumbs(polygons: npt.NDArray[np.object_], owner: Int64Array) -> Int64Array:
    """Give small pieces cut off from their commune to the neighbour with the longest border."""
    area = shapely.area(polygons)
    largest: dict[int, float] = {}
    for value, size in zip(owner.tolist(), area, strict=True):
        largest[value] = max(size, largest.get(value, 0.0))
    tree = shapely.STRtree(polygons)
    for k in np.argsort(area, kind="stable"):
        if area[k] >= CRUMB_M2 or area[k] == largest[int(owner[k])]:
            continue
        near = np.sort(tree.query(polygons[k], predicate="touches"))
        borders = shapely.length(shapely.intersection(polygons[k], polygons[near]))
        suited = (borders > 0) & (area[near] > area[k])
        # An island's only neighbour is the sea: it stays what it is.
        if owner[k] != SEA:
            suited &= owner[near] != SEA
        if suited.any():
            owner[k] = owner[near[suited][borders[suited].argmax()]]
    return owner


def _shifted(frame: Frame, polygons: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Take vertices off the labelling grid, equal vertices alike, to whole centimetres."""
    shifts = [frame.field(f"shift-{axis}", 420, 1) for axis in "xy"]

    def shift(coordinates: Points) -> Points:
        places = np.stack([coordinates[:, 0] - frame.left, frame.top - coordinates[:, 1]], axis=1)
        # The frame itself stays straight, or the land would not fill it.
        amount = 16 * np.clip(_to_edge(frame, places) / 200, 0, 1)
        moved = coordinates + amount[:, None] * sample_pair(shifts, places)
        return np.asarray(np.round(moved, 2))

    return np.asarray(shapely.transform(polygons, shift))


def _name_communes(
    frame: Frame, ground: Ground, pieces: dict[int, shapely.MultiPolygon]
) -> list[Commune]:
    """Names that suit the place; codes in the order of names within each département."""
    terrain, settlements = ground.terrain, ground.settlements
    seats, cities = settlements.seats, settlements.seats[: settlements.cities]
    rng = frame.generator("names")
    taken = set(names.CITIES)
    # The port's name goes to the port.
    city_names = sorted(names.CITIES, key=lambda name: name.startswith("Port-"))
    city_names.insert(settlements.port, city_names.pop())

    rivers = [path for path, _ in ground.waters.rivers] or [np.full((1, 2), -1e9)]
    river_of = np.repeat(np.arange(len(rivers)), [len(path) for path in rivers])
    river_tree = cKDTree(np.vstack(rivers))
    elevation, shore = sample_at(terrain.elevation, seats), sample_at(terrain.shore, seats)
    named: dict[int, str] = {}
    for seat in pieces:
        if seat < len(cities):
            named[seat] = city_names[seat]
            continue
        endings: list[str] = []
        distance, at = river_tree.query(seats[seat])
        if distance < 1300:
            endings += [f"sur-{names.RIVERS[river_of[at] % len(names.RIVERS)]}"] * 3
        away = distances(cities, seats[seat])
        city = city_names[int(away.argmin())]
        if away.min() < 0.1 * frame.size_m and "-" not in city:
            endings.append(f"lès-{city}")
        if shore[seat] < 2000:
            endings += names.COASTAL
        if elevation[seat] > 550:
            endings += names.HIGH
        named[seat] = names.invent_name(rng, endings, taken)

    rng = frame.generator("codes")
    home = cKDTree(seats[: settlements.capitals]).query(seats)[1]
    communes = []
    for number, departement in enumerate(DEPARTEMENTS):
        code = 0
        for seat in sorted((s for s in pieces if home[s] == number), key=named.__getitem__):
            # Real codes have gaps where communes were merged long ago.
            code += 1 + int(rng.random() < 0.08) + int(rng.random() < 0.04)
            communes.append(
                Commune(f"{departement}{code:03d}", named[seat], departement, pieces[seat], seat)
            )
    return communes


def _merge(
    frame: Frame, communes: list[Commune], settlements: Settlements
) -> tuple[list[Commune], list[Movement]]:
    """The later vintage: the first merger keeps the largest commune's code under a new name, the
    second its code and name, the third takes a new code and a new name."""
    groups = _merger_groups(communes, settlements, frame.generator("mergers"))
    gone = {k for group in groups for k in group}
    later = [commune for k, commune in enumerate(communes) if k not in gone]
    movements = []
    taken = {commune.name for commune in communes}
    for number, group in enumerate(groups):
        members = [communes[k] for k in sorted(group)]
        by_size = sorted(members, key=lambda c: -settlements.inhabitants[c.seat])
        largest, second = by_size[:2]
        code, name = largest.code, largest.name
        if number != 1:
            stem = _stem(name)
            name = f"Val-d'{stem}" if stem[0] in "AEÉHIOUY" else f"{stem}-{_stem(second.name)}"
            name = name if name not in taken else f"{name}-le-Neuf"
            taken.add(name)
        if number == 2:
            last = max(int(c.code[2:]) for c in communes if c.departement == largest.departement)
            code = f"{largest.departement}{last + 1:03d}"
        union = _as_multipolygon(shapely.coverage_union_all([m.geometry for m in by_size]))
        later.append(largest._replace(code=code, name=name, geometry=union))
        movements += [Movement(m.code, m.name, code, name, MERGER_YEAR) for m in members]
    return sorted(later, key=lambda c: c.code), movements


def _stem(name: str) -> str:
    """A name without its ending: "Saint-Just-sur-Vaurne" → "Saint-Just"."""
    parts = name.split("-")
    return "-".join(parts[: 2 if parts[0] in ("Saint", "Sainte") else 1])


def _merger_groups(
    communes: list[Commune], settlements: Settlements, rng: np.random.Generator
) -> list[list[int]]:
    """Groups of neighbours within one département, none of them a city, none in two groups."""
    tree = shapely.STRtree([c.geometry for c in communes])
    near = [
        [
            int(j)
            for j in sorted(tree.query(commune.geometry, predicate="touches"))
            if communes[j].departement == commune.departement
            and communes[j].seat >= settlements.cities
            and commune.geometry.intersection(communes[j].geometry).length > 300
        ]
        for commune in communes
    ]
    # In a small region a first choice may leave no room for the rest: then another one is tried.
    for _ in range(500):
        used: set[int] = set()
        groups: list[list[int]] = []
        for k in rng.permutation(len(communes)).tolist():
            free = [j for j in near[k] if j not in used]
            size = MERGER_SIZES[len(groups)]
            if k in used or communes[k].seat < settlements.cities or len(free) < size - 1:
                continue
            groups.append([k, *free[: size - 1]])
            # The next one elsewhere, where the region is large enough for that.
            used.update([k, *free] if len(communes) > 80 else groups[-1])
            if len(groups) == len(MERGER_SIZES):
                return groups
    raise RuntimeError("no three mergers fit these communes; choose another seed or size")
