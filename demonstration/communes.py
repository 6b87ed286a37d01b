"""Communes and their two vintages: an exact partition with natural-looking borders."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from affine import Affine
from rasterio import features
from scipy.spatial import cKDTree

from . import names
from .fields import fractal_grid, sample_at
from .frame import Frame, generator, subseed
from .hydrology import Waters
from .settlements import DEPARTEMENTS, Settlements
from .terrain import Terrain

REGION_CODE = "07"
DEPARTEMENT_CODES = ("0V", "0W", "0X", "0Y", "0Z")
MERGER_SIZES = (3, 2, 2)
MERGER_YEAR = 2024

LABEL_M = 40  # spacing of the grid on which borders are first drawn
HINTERLAND = 1 << 20  # land where no commune lies
SEA = HINTERLAND + 1
CRUMB_M2 = 250_000.0  # a piece cut off that is smaller joins its neighbour


@dataclass(frozen=True, kw_only=True)
class Commune:
    code: str
    name: str
    departement: str
    geometry: shapely.MultiPolygon  # EPSG:3035, coordinates in whole centimetres
    seat: int  # of the (largest) seat, an index into `Settlements.seats`


@dataclass(frozen=True, kw_only=True)
class Movement:
    old_code: str
    old_name: str
    new_code: str
    new_name: str
    year: int


@dataclass(frozen=True, kw_only=True)
class Territories:
    communes: dict[int, list[Commune]]  # by vintage, in the order of their codes
    movements: list[Movement]
    departements: list[tuple[str, str]]  # code, name
    land: shapely.Geometry  # all land of the region, within communes or not


def divide(
    *, frame: Frame, terrain: Terrain, waters: Waters, settlements: Settlements, seed: int
) -> Territories:
    labels = _label(frame, terrain, settlements, seed)
    pieces = _vectorise(frame, labels, seed)
    land = shapely.coverage_union_all([piece for label, piece in pieces.items() if label != SEA])
    seats = sorted(label for label in pieces if label < HINTERLAND)
    communes = _christen(
        frame, terrain, waters, settlements, {seat: pieces[seat] for seat in seats}, seed
    )
    merged, movements = _merge(communes, settlements, seed)
    used = {commune.departement for commune in communes}
    return Territories(
        communes={2020: communes, 2024: merged},
        movements=movements,
        departements=[
            (code, name)
            for code, name in zip(DEPARTEMENT_CODES, names.DEPARTEMENTS, strict=True)
            if code in used
        ],
        land=land,
    )


def _label(
    frame: Frame, terrain: Terrain, settlements: Settlements, seed: int
) -> npt.NDArray[np.int32]:
    """The seat that each point of the labelling grid belongs to: the nearest, as the crow flies
    over a bent plane, which gives borders their bends."""
    n = frame.size_m // LABEL_M
    row, column = np.mgrid[0:n, 0:n]
    points = np.stack([column.ravel(), row.ravel()], axis=1) * float(LABEL_M) + LABEL_M / 2

    bend = min(1.0, math.sqrt(frame.area_km2 / len(settlements.seats)) / 3.8)
    warps = [
        bend
        * (
            620
            * fractal_grid(
                frame, wavelength=3000 * bend, octaves=2, seed=subseed(seed, f"borders-{axis}")
            )
            + 150
            * fractal_grid(
                frame, wavelength=700 * bend, octaves=3, seed=subseed(seed, f"bends-{axis}")
            )
        )
        for axis in "xy"
    ]

    def bent(places: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return places + np.stack([sample_at(warp, places) for warp in warps], axis=1)

    nearest = cKDTree(bent(settlements.seats)).query(bent(points), workers=2)[1]
    labels = nearest.astype(np.int32)

    rugged = fractal_grid(
        frame, wavelength=0.12 * frame.size_m, octaves=5, seed=subseed(seed, "outline")
    )
    inset = 0.028 * frame.size_m
    to_edge = np.minimum(points, frame.size_m - points).min(axis=1)
    outside = to_edge < np.maximum(60.0, inset * (1 + 1.2 * sample_at(rugged, points)))
    outside |= sample_at(terrain.beyond_border, points) > 0
    seat_rows = (settlements.seats // LABEL_M).astype(int)
    lost = np.flatnonzero(outside.reshape(n, n)[seat_rows[:, 1], seat_rows[:, 0]])
    labels[outside | np.isin(labels, lost)] = HINTERLAND
    labels[sample_at(terrain.elevation, points) < 0] = SEA
    grid: npt.NDArray[np.int32] = labels.reshape(n, n)
    return grid


def _vectorise(
    frame: Frame, labels: npt.NDArray[np.int32], seed: int
) -> dict[int, shapely.MultiPolygon]:
    transform = Affine(LABEL_M, 0, frame.left, 0, -LABEL_M, frame.top)
    polygons = []
    owners = []
    for shape, value in features.shapes(labels, connectivity=4, transform=transform):
        polygons.append(shapely.geometry.shape(shape))
        owners.append(int(value))
    # GDAL leaves out vertices on straight lines, also where three pieces meet; a coverage needs
    # them.
    polygons = list(shapely.segmentize(polygons, LABEL_M))
    owner = _adopt_crumbs(polygons, np.array(owners))
    values = np.unique(owner)
    coverage: Any = [
        shapely.coverage_union_all([polygons[k] for k in np.flatnonzero(owner == value)])
        for value in values
    ]
    # Staircases become slanted lines, the same ones on both sides of a border.
    coverage = shapely.coverage_simplify(coverage, tolerance=LABEL_M * 1.1)
    coverage = _shifted(frame, coverage, seed)
    if not shapely.coverage_is_valid(coverage):
        raise RuntimeError("the communes do not form a partition")
    return {
        int(value): polygon
        if isinstance(polygon, shapely.MultiPolygon)
        else shapely.MultiPolygon([polygon])
        for value, polygon in zip(values, coverage, strict=True)
    }


def _adopt_crumbs(
    polygons: list[shapely.Polygon], owner: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Give small pieces cut off from their commune to the neighbour with the longest border."""
    area = shapely.area(polygons)
    largest: dict[int, float] = {}
    for value, size in zip(owner, area, strict=True):
        largest[int(value)] = max(size, largest.get(int(value), 0.0))
    tree = shapely.STRtree(polygons)
    for k in np.argsort(area, kind="stable"):
        if area[k] >= CRUMB_M2 or area[k] == largest[int(owner[k])]:
            continue
        near = [int(j) for j in sorted(tree.query(polygons[k], predicate="touches"))]
        borders = {j: polygons[k].intersection(polygons[j]).length for j in near}
        candidates = [j for j in near if borders[j] > 0 and area[j] > area[k]]
        # An island's only neighbour is the sea: it stays what it is.
        if owner[k] != SEA:
            candidates = [j for j in candidates if owner[j] != SEA]
        if candidates:
            owner[k] = owner[max(candidates, key=lambda j: borders[j])]
    return owner


def _shifted(frame: Frame, polygons: npt.NDArray[np.object_], seed: int) -> npt.NDArray[np.object_]:
    """Take vertices off the labelling grid, equal vertices alike, to whole centimetres."""
    shifts = [
        fractal_grid(frame, wavelength=420, octaves=1, seed=subseed(seed, f"shift-{axis}"))
        for axis in "xy"
    ]

    def shift(coordinates: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        places = np.stack([coordinates[:, 0] - frame.left, frame.top - coordinates[:, 1]], axis=1)
        to_edge = np.minimum(places, frame.size_m - places).min(axis=1)
        # The frame itself stays straight, or the land would not fill it.
        amount = 16 * np.clip(to_edge / 200, 0, 1)
        moved = coordinates + np.stack([amount * sample_at(s, places) for s in shifts], axis=1)
        return np.asarray(np.round(moved, 2))

    return np.asarray(shapely.transform(polygons, shift))


def _christen(
    frame: Frame,
    terrain: Terrain,
    waters: Waters,
    settlements: Settlements,
    pieces: dict[int, shapely.MultiPolygon],
    seed: int,
) -> list[Commune]:
    """Names that suit the place; codes in the order of names within each département."""
    book = names.NameBook(generator(seed, "names"))
    rng = generator(seed, "codes")
    seats = settlements.seats
    for city in names.CITIES:
        book.take(city)
    # The port's name goes to the port.
    city_names = [name for name in names.CITIES if not name.startswith("Port-")]
    city_names.insert(settlements.port, next(n for n in names.CITIES if n.startswith("Port-")))

    river_points = np.vstack([path for path, _ in waters.rivers] or [np.full((1, 2), -1e9)])
    river_of = np.concatenate(
        [np.full(len(path), k) for k, (path, _) in enumerate(waters.rivers)] or [np.zeros(1, int)]
    )
    river_tree = cKDTree(river_points)
    named: dict[int, str] = {}
    for seat in pieces:
        here = seats[seat : seat + 1]
        if seat < settlements.cities:
            named[seat] = city_names[seat]
            continue
        distance, at = river_tree.query(seats[seat])
        river = names.RIVERS[river_of[at] % len(names.RIVERS)] if distance < 1300 else None
        away = np.hypot(*(seats[: settlements.cities] - seats[seat]).T)
        close = away.min() < 0.1 * frame.size_m
        city = city_names[int(away.argmin())]
        named[seat] = book.invent(
            river=river,
            city=city if close and "-" not in city else None,
            coastal=bool(sample_at(terrain.shore, here)[0] < 2000),
            high=bool(sample_at(terrain.elevation, here)[0] > 550),
        )

    away = np.hypot(
        seats[:, None, 0] - seats[None, settlements.capitals, 0],
        seats[:, None, 1] - seats[None, settlements.capitals, 1],
    )
    home = away.argmin(axis=1)
    communes = []
    for number, departement in enumerate(DEPARTEMENT_CODES[:DEPARTEMENTS]):
        code = 0
        for seat in sorted((s for s in pieces if home[s] == number), key=lambda s: named[s]):
            # Real codes have gaps where communes were merged long ago.
            code += 1 + int(rng.random() < 0.08) + int(rng.random() < 0.04)
            communes.append(
                Commune(
                    code=f"{departement}{code:03d}",
                    name=named[seat],
                    departement=departement,
                    geometry=pieces[seat],
                    seat=seat,
                )
            )
    return communes


def _merge(
    communes: list[Commune], settlements: Settlements, seed: int
) -> tuple[list[Commune], list[Movement]]:
    """The later vintage: the first merger keeps the largest commune's code under a new name, the
    second its code and name, the third takes a new code and a new name."""
    rng = generator(seed, "mergers")
    groups = _merger_groups(communes, settlements, rng)
    gone = {k for group in groups for k in group}
    later = [commune for k, commune in enumerate(communes) if k not in gone]
    movements = []
    taken = {commune.name for commune in communes}
    for number, group in enumerate(groups):
        members = sorted(
            (communes[k] for k in group),
            key=lambda c: (-settlements.inhabitants[c.seat], c.code),
        )
        largest = members[0]
        code, name = largest.code, largest.name
        if number != 1:
            stems = [_stem(m.name) for m in members[:2]]
            name = f"Val-d'{stems[0]}" if stems[0][0] in "AEÉHIOUY" else "-".join(stems)
            name = name if name not in taken else f"{name}-le-Neuf"
            taken.add(name)
        if number == 2:
            last = max(int(c.code[2:]) for c in communes if c.departement == largest.departement)
            code = f"{largest.departement}{last + 1:03d}"
        union = shapely.coverage_union_all([m.geometry for m in members])
        later.append(
            Commune(
                code=code,
                name=name,
                departement=largest.departement,
                geometry=union
                if isinstance(union, shapely.MultiPolygon)
                else shapely.MultiPolygon([union]),
                seat=largest.seat,
            )
        )
        movements += [
            Movement(
                old_code=m.code, old_name=m.name, new_code=code, new_name=name, year=MERGER_YEAR
            )
            for m in sorted(members, key=lambda c: c.code)
        ]
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
    cities = range(settlements.cities)
    near: list[list[int]] = []
    for commune in communes:
        found = tree.query(commune.geometry, predicate="touches")
        near.append(
            [
                int(j)
                for j in sorted(found)
                if communes[j].departement == commune.departement
                and communes[j].seat not in cities
                and commune.geometry.intersection(communes[j].geometry).length > 300
            ]
        )
    # In a small region a first choice may leave no room for the rest: then another one is tried.
    for _ in range(500):
        used: set[int] = set()
        groups: list[list[int]] = []
        for k in rng.permutation(len(communes)).tolist():
            free = [j for j in near[k] if j not in used]
            size = MERGER_SIZES[len(groups)]
            if k in used or communes[k].seat in cities or len(free) < size - 1:
                continue
            groups.append([k, *free[: size - 1]])
            # The next one elsewhere, where the region is large enough for that.
            used.update([k, *free] if len(communes) > 80 else groups[-1])
            if len(groups) == len(MERGER_SIZES):
                return groups
    raise RuntimeError("no three mergers fit these communes; choose another seed or size")
