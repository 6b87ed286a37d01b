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

from analytics.nomenclature import NO_DATA, SEALED

from . import files
from .communes import REGION_CODE, Territories, divide
from .frame import Frame
from .ground import Progress, cover_ground, lay_out
from .growth import grow
from .land_cover import Cells
from .names import REGION
from .noise import Realised, hide, is_land, make_edition, target_accuracy
from .planning_areas import planning_areas, write_planning_areas
from .population import commune_grid, count_people, merged

VERSION = 4
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
    report = progress or (lambda step, share: None)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with only_one(folder):
        if _is_complete(folder, seed=seed, size_km=size_km):
            return folder
        if folder.exists() and any(folder.iterdir()) and metadata_of(folder) is None:
            raise FileExistsError(
                f"{folder} holds something else than a demonstration region; name another folder"
            )
        partial = folder.with_name(f".{folder.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)  # what an earlier crash left
        try:
            _make(partial, seed=seed, size_km=size_km, report=report)
            replaced = folder.with_name(f".{folder.name}.replaced")
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
def only_one(folder: Path) -> Iterator[None]:
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


def _is_complete(folder: Path, *, seed: int, size_km: int) -> bool:
    found = metadata_of(folder)
    wanted = {"seed": seed, "size_km": size_km, "generator_version": VERSION}
    return (
        found is not None
        and all(found.get(key) == value for key, value in wanted.items())
        and all((folder / name).is_file() for name in found["files"])
    )


def _make(folder: Path, *, seed: int, size_km: int, report: Progress) -> None:
    frame = Frame.of_size(size_km)
    ground = lay_out(frame=frame, seed=seed, report=report)
    terrain, settlements, density = ground.terrain, ground.settlements, ground.density
    report("communes", 0.20)
    territories = divide(
        frame=frame, terrain=terrain, waters=ground.waters, settlements=settlements, seed=seed
    )

    report("land cover", 0.32)
    inside = features.rasterize(
        [(territories.land, 1)],
        out_shape=(frame.cells, frame.cells),
        transform=frame.transform,
        dtype=np.uint8,
    )
    marks, cover = cover_ground(frame=frame, ground=ground, inside=inside, seed=seed)
    report("growth", 0.52)
    grow(frame=frame, cover=cover, density=density, pull=ground.pull, seed=seed)
    del inside
    truth = cover.years

    report("population", 0.56)
    grid = commune_grid(frame=frame, communes=territories.communes[2020])
    people = count_people(
        frame=frame,
        communes=territories.communes[2020],
        grid=grid,
        truth=truth,
        marks=marks,
        density=density,
        seed=seed,
    )
    del grid, marks, cover
    _write_zones(folder, territories, people)
    write_planning_areas(
        folder / "zones/planning_areas.geojson",
        planning_areas(
            frame=frame, settlements=settlements, communes=territories.communes[2024], seed=seed
        ),
    )

    realised: dict[int, Realised] = {}
    for k, (year, cells) in enumerate(truth.items()):
        report(f"edition {year}", 0.60 + 0.13 * k)
        files.write_raster(folder / f"truth/{year}.tif", frame=frame, cells=cells)
        hidden = hide(frame=frame, terrain=terrain, year=year, seed=seed)
        edition, realised[year] = make_edition(
            frame=frame, truth=cells, hidden=hidden, year=year, seed=seed
        )
        del hidden
        target = folder / "editions" / str(year)
        if year == 2023:
            files.write_tiles(target, frame=frame, cells=edition, name=TILE_NAME)
        else:
            files.write_raster(target / MOSAIC_NAME.format(year=year), frame=frame, cells=edition)
        del edition
    _write_metadata(folder, frame, seed, size_km, truth, realised, territories)


def _write_zones(folder: Path, territories: Territories, people: dict[int, dict[str, int]]) -> None:
    for vintage, communes in territories.communes.items():
        files.write_communes(folder / f"zones/communes_{vintage}.gpkg", communes)
    files.write_table(
        folder / "zones/departements.csv",
        ["code", "name", "region"],
        [[code, name, REGION_CODE] for code, name in territories.departements],
    )
    files.write_table(folder / "zones/regions.csv", ["code", "name"], [[REGION_CODE, REGION]])
    files.write_table(
        folder / "zones/movements.csv",
        ["old_code", "old_name", "new_code", "new_name", "year"],
        [[m.old_code, m.old_name, m.new_code, m.new_name, m.year] for m in territories.movements],
    )
    by_vintage = {
        2020: people,
        2024: {year: merged(count, territories.movements) for year, count in people.items()},
    }
    files.write_table(
        folder / "population.csv",
        ["vintage", "code", "year", "population"],
        [
            [vintage, code, year, inhabitants]
            for vintage, years in by_vintage.items()
            for year, count in years.items()
            for code, inhabitants in count.items()
        ],
    )


def _write_metadata(
    folder: Path,
    frame: Frame,
    seed: int,
    size_km: int,
    truth: dict[int, Cells],
    realised: dict[int, Realised],
    territories: Territories,
) -> None:
    """Write the metadata file last. With it there, all other files are complete."""
    editions = {}
    for year, found in realised.items():
        target = target_accuracy(year)
        editions[str(year)] = {
            "target_producers_accuracy": target.producers,
            "target_users_accuracy": target.users,
            "accuracy_source": f"published for the {year} edition"
            if target.borrowed_from is None
            else f"not published for {year}; the figures of the {target.borrowed_from} edition "
            "are used instead",
            "realised_producers_accuracy": found.producers,
            "realised_users_accuracy": found.users,
            "true_sealed_cells_observed": found.true_sealed,
            "mapped_sealed_cells": found.mapped_sealed,
            "omitted_cells": found.omitted,
            "committed_cells": found.committed,
        }
    years = sorted(truth)
    changes = []
    for old, new in pairwise(years):
        was, now = truth[old] == SEALED, truth[new] == SEALED
        changes.append(
            {
                "from": old,
                "to": new,
                "true_gain_cells": int((now & ~was).sum()),
                "true_loss_cells": int((was & ~now).sum()),
            }
        )
    written = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    metadata = {
        "statement": SYNTHETIC,
        "generator_version": VERSION,
        "seed": seed,
        "size_km": size_km,
        "bounds_epsg_3035": [frame.left, frame.bottom, frame.right, frame.top],
        "region": {"code": REGION_CODE, "name": REGION},
        "communes": {str(v): len(c) for v, c in territories.communes.items()},
        "truth": {
            str(year): {
                "land_cells": int(is_land(cells).sum()),
                "sealed_cells": int((cells == SEALED).sum()),
            }
            for year, cells in truth.items()
        },
        "editions": editions,
        "true_changes": changes,
        "no_data_code": NO_DATA,
        "files": written,
    }
    (folder / METADATA).write_text(
        json.dumps(metadata, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
