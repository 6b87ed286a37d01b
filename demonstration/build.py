"""Generates the demonstration region in a folder, once."""

import fcntl
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from rasterio import features

from analytics.nomenclature import NO_DATA, SEA_BUFFER, SEALED
from demonstration import files
from demonstration.editions import make_edition
from demonstration.grids.frame import Frame
from demonstration.landscape.ground import Progress, draw_marks, lay_out
from demonstration.reference_sample import write_labelled_sample
from demonstration.territories.communes import (
    DEPARTEMENTS,
    REGION_CODE,
    Movement,
    Territories,
    divide,
)
from demonstration.territories.names import REGION
from demonstration.territories.planning_areas import planning_areas, write_planning_areas
from demonstration.territories.population import count_people, merged
from demonstration.truth.growth import gain_and_loss, grow
from demonstration.truth.land_cover import cover_land

VERSION = 5
"""Increased whenever the same seed and size give another region."""

SMALLEST_KM = 6
METADATA = "metadata.json"
TILE_NAME = "CLMS_CLCPLUS_RAS_S2023_R10m_{tile}_03035_V01_R00.tif"
MOSAIC_NAME = "CLMS_CLCplus_RASTER_{year}_010m_eu_03035_V1_1.tif"
SYNTHETIC = (
    "Everything in this folder is synthetic: the region, its names, its people and its land cover "
    "were made by a program from a random seed and describe no real place. The editions imitate "
    "the format and published accuracy of CLC+ Backbone; they are not Copernicus data."
)


def build(
    *, folder: Path, seed: int = 2018, size_km: int = 60, progress: Progress | None = None
) -> Path:
    """Make the demonstration region in `folder` and return it; at once where it is there already.

    `progress` is called with a step's name and the share done, 0 to 1. The region is made beside
    its place and moved there whole: a folder that exists is complete. A folder that holds something
    else is left alone (FileExistsError).
    """
    if size_km < SMALLEST_KM:
        raise ValueError(f"size_km is {size_km}; the smallest region is {SMALLEST_KM} km wide")
    if seed < 0:
        raise ValueError(f"seed is {seed}; it must not be negative")
    folder = Path(folder).absolute()
    frame = Frame(size_km, seed)
    report = progress or (lambda step, share: None)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        if _is_complete(folder, frame):
            return folder
        if folder.exists() and any(folder.iterdir()) and metadata_of(folder) is None:
            raise FileExistsError(
                f"{folder} holds something else than a demonstration region; name another folder"
            )
        partial = folder.with_name(f".{folder.name}.partial")
        replaced = folder.with_name(f".{folder.name}.replaced")
        shutil.rmtree(partial, ignore_errors=True)  # what an earlier crash left
        try:
            _make(partial, frame, report)
            shutil.rmtree(replaced, ignore_errors=True)
            if folder.exists():
                folder.rename(replaced)
            partial.rename(folder)
            shutil.rmtree(replaced, ignore_errors=True)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    report("done", 1.0)
    return folder


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock a folder, so that two processes wait for each other."""
    with folder.with_name(f".{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def metadata_of(folder: Path) -> dict[str, Any] | None:
    """The content of a region's metadata file. None if the folder holds no region."""
    try:
        found = json.loads((folder / METADATA).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and "generator_version" in found else None


def _is_complete(folder: Path, frame: Frame) -> bool:
    found = metadata_of(folder)
    return (
        found is not None
        and found.items() >= _identity(frame).items()
        and all((folder / name).is_file() for name in found["files"])
    )


def _identity(frame: Frame) -> dict[str, int]:
    return {"generator_version": VERSION, "seed": frame.seed, "size_km": frame.size_km}


def _make(folder: Path, frame: Frame, report: Progress) -> None:
    ground = lay_out(frame, report)
    report("communes", 0.20)
    territories = divide(frame, ground)
    former, current = territories.communes.values()

    report("land cover", 0.32)
    inside = features.rasterize(
        [(territories.land, 1)],
        out_shape=(frame.cells, frame.cells),
        transform=frame.transform,
        dtype=np.uint8,
    )
    marks = draw_marks(frame, ground)
    cover = cover_land(frame, ground, marks, inside)
    report("growth", 0.52)
    grow(frame, ground, cover)
    truth = cover.years

    report("population", 0.56)
    people = count_people(frame, former, truth, marks, ground.density)
    del inside, marks, cover
    _write_zones(folder, territories, people)
    areas = planning_areas(frame, ground.settlements, current)
    write_planning_areas(folder / "zones/planning_areas.geojson", areas)

    editions = {}
    for k, (year, cells) in enumerate(truth.items()):
        report(f"edition {year}", 0.60 + 0.13 * k)
        files.write_raster(folder / f"truth/{year}.tif", frame, cells)
        edition, editions[str(year)] = make_edition(frame, ground.terrain, cells, year)
        target = folder / "editions" / str(year)
        if year == 2023:
            files.write_tiles(target, frame, edition, TILE_NAME)
        else:
            files.write_raster(target / MOSAIC_NAME.format(year=year), frame, edition)
        del edition
    report("labelled sample", 0.98)
    write_labelled_sample(folder, frame)

    changes = []
    for old, new in pairwise(truth):
        gain, loss = gain_and_loss(truth[old], truth[new])
        changes.append({"from": old, "to": new, "true_gain_cells": gain, "true_loss_cells": loss})
    metadata = {
        "statement": SYNTHETIC,
        **_identity(frame),
        "bounds_epsg_3035": [frame.left, frame.bottom, frame.right, frame.top],
        "region": {"code": REGION_CODE, "name": REGION},
        "communes": {str(v): len(c) for v, c in territories.communes.items()},
        "truth": {
            str(year): {
                "land_cells": int((cells < SEA_BUFFER).sum()),
                "sealed_cells": int((cells == SEALED).sum()),
            }
            for year, cells in truth.items()
        },
        "editions": editions,
        "true_changes": changes,
        "no_data_code": NO_DATA,
        "files": sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()),
    }
    # Last: with it there, all other files are complete.
    (folder / METADATA).write_text(
        json.dumps(metadata, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def _write_zones(folder: Path, territories: Territories, people: dict[int, dict[str, int]]) -> None:
    for vintage, communes in territories.communes.items():
        files.write_communes(folder / f"zones/communes_{vintage}.gpkg", communes)
    used = {commune.departement for commune in territories.communes[2020]}
    files.write_table(
        folder / "zones/departements.csv",
        ["code", "name", "region"],
        [[code, name, REGION_CODE] for code, name in DEPARTEMENTS.items() if code in used],
    )
    files.write_table(folder / "zones/regions.csv", ["code", "name"], [[REGION_CODE, REGION]])
    files.write_table(folder / "zones/movements.csv", Movement._fields, territories.movements)
    later = {year: merged(count, territories.movements) for year, count in people.items()}
    files.write_table(
        folder / "population.csv",
        ["vintage", "code", "year", "population"],
        [
            [vintage, code, year, inhabitants]
            for vintage, years in ((2020, people), (2024, later))
            for year, count in years.items()
            for code, inhabitants in count.items()
        ],
    )
