"""A small random region on disk that straddles four 100 km tiles, with its oracle.

60 × 60 cells round the corner that the tiles E37N22, E38N22, E37N23 and E38N23 share; nine communes
with borders that cross the tiles, two départements, one region; three editions. The north-western
cells are sea, the last column lies outside of coverage.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyogrio
import shapely

from analytics.nomenclature import SEA_BUFFER
from tests import oracle
from tests.rasters import write_raster

SIDE = 60
WEST, NORTH = 3_800_000 - 300, 2_300_000 + 300
YEARS = (2018, 2021, 2023)
CORNERS = np.array(
    [
        (90, 110),
        (310, 80),
        (520, 120),
        (80, 300),
        (330, 310),
        (500, 280),
        (120, 520),
        (290, 480),
        (510, 530),
    ]
)

Codes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Region:
    """Where the files lie, and what is in them."""

    folder: Path
    zones: dict[str, shapely.Geometry]
    parents: dict[str, str]
    codes: dict[int, Codes]

    @property
    def communes(self) -> Path:
        return self.folder / "communes.gpkg"

    @property
    def departements(self) -> Path:
        return self.folder / "departements.csv"

    @property
    def regions(self) -> Path:
        return self.folder / "regions.csv"

    def edition(self, year: int) -> Path:
        return self.folder / f"{year}.tif"

    @cached_property
    def masks(self) -> dict[str, npt.NDArray[np.bool_]]:
        """The cells of each commune, by the naive oracle."""
        shape = (SIDE, SIDE)
        return {c: oracle.mask(z, shape=shape, x0=WEST, y0=NORTH) for c, z in self.zones.items()}

    def counts(self, code: str, year: int) -> dict[int, int]:
        """Cells of a commune by class; the sea of 2018 is that of 2021."""
        return oracle.class_counts(self.masked(year), self.masks[code])

    def pairs(self, code: str, earlier: int, later: int) -> dict[tuple[int, int], int]:
        """Cells of a commune by former and later class."""
        return oracle.pair_counts(self.masked(earlier), self.masked(later), self.masks[code])

    def masked(self, year: int) -> Codes:
        codes = self.codes[year].copy()
        if year == 2018:
            codes[self.codes[2021] == SEA_BUFFER] = SEA_BUFFER
        return codes


def make_region(folder: Path, *, seed: int = 11) -> Region:
    """Write the region's files below a folder."""
    random = np.random.default_rng(seed)
    first = random.choice(np.arange(1, 12, dtype=np.uint8), (SIDE, SIDE))
    codes = {2018: first}
    for before, year in pairwise(YEARS):
        changed = random.random((SIDE, SIDE)) < 0.1
        codes[year] = np.where(changed, random.integers(1, 12, (SIDE, SIDE)), codes[before]).astype(
            np.uint8
        )
    codes[2018][:12, :15] = 10
    for year in (2021, 2023):
        codes[year][:12, :15] = SEA_BUFFER
    codes[2021][40:44, 40:50] = 255
    for year in YEARS:
        codes[year][:, -1] = 254
    frame = shapely.box(WEST, NORTH - 600, WEST + 600, NORTH)
    cells = shapely.get_parts(
        shapely.voronoi_polygons(
            shapely.MultiPoint(CORNERS + np.array([WEST, NORTH - 600])), extend_to=frame
        )
    )
    pieces = sorted(
        (shapely.intersection(cell, frame) for cell in cells),
        key=lambda p: (p.centroid.x // 200, p.centroid.y),
    )
    zones = {f"0V00{n}": shapely.MultiPolygon([p]) for n, p in enumerate(pieces, start=1)}
    parents = {code: "0V" if n < 5 else "1W" for n, code in enumerate(zones)}
    region = Region(folder=folder, zones=zones, parents=parents, codes=codes)
    for year in YEARS:
        write_raster(region.edition(year), codes[year], west=WEST, north=NORTH)
    write_zones(region.communes, zones, parents)
    region.departements.write_text("code,name,region\n0V,Haut-Val,07\n1W,L'Aval,07\n", "utf-8")
    region.regions.write_text("code,name\n07,Valmont\n", "utf-8")
    return region


def write_zones(
    path: Path,
    zones: dict[str, shapely.Geometry],
    parents: dict[str, str] | None = None,
    *,
    crs: str | None = "EPSG:3035",
) -> Path:
    """Write a layer with the fields code, name and parent."""
    path.parent.mkdir(parents=True, exist_ok=True)
    codes = list(zones)
    pyogrio.raw.write(
        path,
        shapely.to_wkb(np.array(list(zones.values()), dtype=object)),
        [
            np.array(codes, dtype=object),
            np.array([f"Saint-Élie-{code}" for code in codes], dtype=object),
            np.array([(parents or {}).get(code, "") for code in codes], dtype=object),
        ],
        fields=np.array(["code", "name", "parent"], dtype=object),
        crs=crs,
        geometry_type="MultiPolygon",
    )
    return path
