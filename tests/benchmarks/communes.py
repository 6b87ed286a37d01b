"""The 35 000 communes of France over a synthetic landscape: zones, populations, counts.

The communes are real data beside the checkout; the land cover is not. Counted by the engine, three
editions at the real size, and kept below ``.local/benchmarks``.
"""

from __future__ import annotations

import csv
import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
import pyogrio
import pyproj
import rasterio
import shapely

from analytics.nomenclature import CODES, OBSERVED_CODES
from tests.benchmarks import engine
from tests.benchmarks.country import repeated
from tests.benchmarks.inputs import built
from tests.benchmarks.landscape import Pair, pair
from tests.benchmarks.rows import Skipped

SOURCE = Path(__file__).resolve().parents[3] / "shared" / "data" / "france"
YEARS = (2018, 2021, 2023)
PAIRS = tuple(itertools.combinations(YEARS, 2))
_BASE = 8_192
_SIDE = 120_000
"""Cells along a side of the square that holds the mainland and Corsica."""
_SHIFT = (500_000, -500_000)
"""From France to the square of the landscape, in metres: whole cells."""
_OVERSEAS = "97"


@dataclass(frozen=True, slots=True)
class Communes:
    """Files to import, and the counts of the communes by code."""

    layer: Path
    population: Path
    departements: Path
    regions: Path
    codes: list[str]
    status: dict[int, npt.NDArray[np.int64]]
    """By year: communes × CODES."""
    change: dict[tuple[int, int], npt.NDArray[np.int64]]
    """By pair of years: communes × 121."""


def communes() -> Communes:
    """The prepared inputs. Raises Skipped where the communes are not beside the checkout."""
    if not SOURCE.is_dir():
        raise Skipped("the communes are not beside this checkout (../shared/data/france)")
    folder = built(f"communes-{_SIDE}-of-{_BASE}", _build)
    with np.load(folder / "counts.npz") as counts:
        status = {year: counts[f"status-{year}"] for year in YEARS}
        change = {(a, b): counts[f"change-{a}-{b}"] for a, b in PAIRS}
        codes = counts["codes"].tolist()
    return Communes(
        layer=folder / "communes.gpkg",
        population=folder / "population.csv",
        departements=folder / "departements.csv",
        regions=SOURCE / "regions.csv",
        codes=codes,
        status=status,
        change=change,
    )


def _build(folder: Path) -> None:
    table = pq.read_table(SOURCE / "communes_2018_population.parquet").to_pydict()
    rows = [n for n, dep in enumerate(table["dep"]) if not dep.startswith(_OVERSEAS)]
    codes, names, parents = (
        np.array([table[column][n] for n in rows], dtype=object)
        for column in ("code", "nom", "dep")
    )
    shapes = _projected(shapely.from_wkb([table["geometry"][n] for n in rows]))
    pyogrio.raw.write(
        folder / "communes.gpkg",
        shapely.to_wkb(shapes),
        [codes, names, parents],
        fields=np.array(["code", "name", "dep"], dtype=object),
        crs="EPSG:3035",
        geometry_type="MultiPolygon",
        promote_to_multi=True,
    )
    with (folder / "population.csv").open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(("code", "year", "population"))
        people = [table["pop"][n] for n in rows]
        lines.writerows(
            (code, 2018, int(number))
            for code, number in zip(codes, people, strict=True)
            if number is not None and number == number
        )
    used = set(parents)
    with (SOURCE / "departements.csv").open(newline="") as file:
        listed = [row for row in csv.DictReader(file) if row["DEP"] in used]
    with (folder / "departements.csv").open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(("code", "name", "region"))
        lines.writerows((row["DEP"], row["LIBELLE"], row["REG"]) for row in listed)
    np.savez(folder / "counts.npz", codes=codes.astype(str), **_counts(folder, shapes))


def _projected(shapes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    turn = pyproj.Transformer.from_crs(4326, 3035, always_xy=True)
    moved = shapely.transform(
        shapes, lambda points: np.column_stack(turn.transform(points[:, 0], points[:, 1]))
    )
    valid = shapely.make_valid(moved)
    return np.array(
        [
            shapely.multipolygons(
                [part for part in shapely.get_parts(one) if part.geom_type == "Polygon"]
            )
            if one.geom_type == "GeometryCollection"
            else one
            for one in valid
        ],
        dtype=object,
    )


def _counts(folder: Path, shapes: npt.NDArray[Any]) -> dict[str, npt.NDArray[np.int64]]:
    over = shapely.transform(shapes, lambda points: points + _SHIFT)
    base = pair(_BASE)
    third = third_edition(base)
    files = {}
    for year, path in zip(YEARS, (*base.paths, third), strict=True):
        files[year] = folder / f"{year}.vrt"
        files[year].write_text(repeated(path, base.side, _SIDE))
    found: dict[str, npt.NDArray[np.int64]] = {}
    for earlier, later in PAIRS:
        counts = engine.pair_counts(Pair(files[earlier], files[later], _SIDE), over)
        first, last = engine.by_code(counts)
        for year, by_code in ((earlier, first), (later, last)):
            found[f"status-{year}"] = by_code[:, CODES]
        table = np.zeros((len(shapes), len(OBSERVED_CODES), len(OBSERVED_CODES)), dtype=np.int64)
        for i, a in enumerate(counts.codes[0]):
            for j, b in enumerate(counts.codes[1]):
                if a in OBSERVED_CODES and b in OBSERVED_CODES:
                    at = OBSERVED_CODES.index(a), OBSERVED_CODES.index(b)
                    table[:, at[0], at[1]] = counts.cells[:, i, j]
        found[f"change-{earlier}-{later}"] = table.reshape(len(shapes), -1)
    return found


def third_edition(base: Pair) -> Path:
    """The file of an edition that follows both of a pair."""
    return built(f"third-{base.side}", lambda folder: _third(folder, base)) / "third.tif"


def _third(folder: Path, base: Pair) -> None:
    """One cell in a hundred of the later edition becomes sealed."""
    random = np.random.default_rng(3)
    with rasterio.open(base.later) as later:
        profile = later.profile
        with rasterio.open(folder / "third.tif", "w", **profile) as third:
            for _, window in later.block_windows(1):
                cells = later.read(1, window=window)
                land = (cells < 12) & (random.random(cells.shape) < 0.01)
                third.write(np.where(land, np.uint8(1), cells), 1, window=window)
