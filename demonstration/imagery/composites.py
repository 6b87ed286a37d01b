"""Generates composites of the demonstration region beside its other files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import rasterio
import rasterio.shutil
from rasterio.windows import Window

from analytics.grid import EPSG
from analytics.nomenclature import SEALED
from analytics.rasters import COG_BLOCK, file_hash
from demonstration import build, files
from demonstration.errors import NoTruth
from demonstration.grids.frame import Frame
from demonstration.grids.kernels import run_strips
from demonstration.imagery.materials import BAND_COUNT
from demonstration.imagery.samples import write_sample
from demonstration.imagery.sensor import MARGIN, sense, sky_of
from demonstration.imagery.surfaces import paint
from demonstration.landscape.ground import Ground, Progress, lay_out
from demonstration.truth.growth import FOLLOWING_YEAR, LAST_YEAR, following_truth, gain_and_loss
from demonstration.truth.land_cover import Cells
from inference.composites import BANDS, MISSING, OBSERVATIONS

VERSION = 1
"""Increased whenever the same region gives other imagery."""

FOLDER = "imagery"
METADATA = "imagery/metadata.json"
YEARS = (LAST_YEAR, FOLLOWING_YEAR)


def composite_path(folder: Path, year: int) -> Path:
    """The composite of a year in a region's folder."""
    return folder / FOLDER / f"composite-{year}.tif"


def sample_path(folder: Path, year: int) -> Path:
    """The reference sample of a year. The platform looks for it there."""
    return folder / FOLDER / f"sample-{year}.csv"


def make_imagery(
    *, folder: Path, years: tuple[int, ...] = YEARS, progress: Progress | None = None
) -> dict[int, Path]:
    """Make composites, by year, and reference samples of a region that `build` has made.

    Existing files stay. Each composite appears in one move. `progress` is called with the name of a
    step and the share done. Raises NoTruth if there is no region, or no truth of a year.
    """
    report = progress or (lambda step, share: None)
    region = build.metadata_of(folder)
    if region is None:
        raise NoTruth(
            str(folder),
            found="no demonstration region",
            expected=f"the folder of one, with {build.METADATA}",
            hint="`manage.py load_demonstration` makes it",
        )
    known = sorted([*map(int, region["truth"]), FOLLOWING_YEAR])
    if unknown := sorted(set(years) - set(known)):
        raise NoTruth(
            str(folder),
            found=f"no truth of {', '.join(map(str, unknown))}",
            expected=f"years among {', '.join(map(str, known))}",
        )
    with build.locked(folder):
        described = _described(folder, region)
        missing = [year for year in years if not _is_made(folder, described, year)]
        if missing:
            _make(folder, described, missing, report)
    report("done", 1.0)
    return {year: composite_path(folder, year) for year in years}


def truth_of_2024(folder: Path) -> dict[str, int]:
    """Cells gained and lost between 2023 and 2024, and sealed cells in 2024."""
    found: dict[str, int] = json.loads((folder / METADATA).read_text(encoding="utf-8"))["truth"]
    return found


def _described(folder: Path, region: dict[str, Any]) -> dict[str, Any]:
    """The metadata of this region's imagery by this version, without composites if there are
    none."""
    wanted = {
        "imagery_version": VERSION,
        **{key: region[key] for key in ("generator_version", "seed", "size_km")},
    }
    try:
        found: dict[str, Any] = json.loads((folder / METADATA).read_text(encoding="utf-8"))
        if all(found.get(key) == value for key, value in wanted.items()):
            return found
    except (OSError, ValueError, AttributeError):
        pass
    return {"statement": build.SYNTHETIC, **wanted, "composites": {}}


def _is_made(folder: Path, described: dict[str, Any], year: int) -> bool:
    path, noted = composite_path(folder, year), described["composites"].get(str(year))
    return (
        noted is not None
        and (folder / f"truth/{year}.tif").is_file()
        and sample_path(folder, year).is_file()
        and path.is_file()
        and path.stat().st_size == noted["bytes"]
    )


def _make(folder: Path, described: dict[str, Any], years: list[int], report: Progress) -> None:
    frame = Frame(int(described["size_km"]), int(described["seed"]))
    ground = lay_out(frame, lambda step, share: report(step, share / 3))
    for position, year in enumerate(years):
        begin, size = 0.05 + 0.95 * position / len(years), 0.95 / len(years)
        report(f"truth of {year}", begin)
        if year == FOLLOWING_YEAR:
            truth = _write_following_truth(folder, frame, ground, described)
        else:
            truth = files.read_raster(folder / f"truth/{year}.tif")
        path = composite_path(folder, year)
        with files.replaced(path) as partial:
            _write_composite(partial, frame, ground, truth, year, _part(report, year, begin, size))
        write_sample(sample_path(folder, year), frame, truth, year)
        described["composites"][str(year)] = {
            "bytes": path.stat().st_size,
            "sha256": file_hash([path]),
        }
        with files.replaced(folder / METADATA) as partial:
            text = json.dumps(described, indent=2, ensure_ascii=False) + "\n"
            partial.write_text(text, encoding="utf-8")


def _part(report: Progress, year: int, begin: float, size: float) -> Callable[[float], None]:
    return lambda share: report(f"composite of {year}", begin + share * size)


def _write_following_truth(
    folder: Path, frame: Frame, ground: Ground, described: dict[str, Any]
) -> Cells:
    last = files.read_raster(folder / f"truth/{LAST_YEAR}.tif")
    cells = following_truth(frame, ground, last)
    with files.replaced(folder / f"truth/{FOLLOWING_YEAR}.tif") as partial:
        files.write_raster(partial, frame, cells)
    gain, loss = gain_and_loss(last, cells)
    described["truth"] = {
        "true_gain_cells": gain,
        "true_loss_cells": loss,
        "sealed_cells": int((cells == SEALED).sum()),
    }
    return cells


def _write_composite(
    path: Path,
    frame: Frame,
    ground: Ground,
    truth: Cells,
    year: int,
    report: Callable[[float], None],
) -> None:
    """Simulate and store strip by strip, then copy to a cloud-optimised file."""
    sky = sky_of(frame, year)
    fixed, yearly = frame.subseed("imagery"), frame.subseed(f"imagery {year}")
    parcels = frame.subseed("land cover")
    # Some summers are drier than others.
    dryness = float(frame.generator(f"summer {year}").uniform(-0.12, 0.12))
    rows = frame.cells
    lock, written = Lock(), 0
    raw = path.with_suffix(".raw.tif")
    try:
        with rasterio.open(raw, "w", **_profile(frame)) as file:

            def strip(first: int, stop: int) -> None:
                nonlocal written
                above, below = max(0, first - MARGIN), min(rows, stop + MARGIN)
                painted = np.empty((BAND_COUNT, below - above, rows), dtype=np.float32)
                paint(
                    truth,
                    above,
                    below,
                    ground.terrain,
                    parcels,
                    fixed,
                    yearly,
                    dryness,
                    painted,
                )
                stored = sense(truth, first, painted, first - above, stop - first, sky, yearly)
                with lock:
                    file.write(stored, window=Window(0, first, rows, stop - first))
                    written += stop - first
                    report(0.8 * written / rows)

            run_strips(rows, strip)
            for position, name in enumerate((*BANDS, OBSERVATIONS), start=1):
                file.set_band_description(position, name)
            file.update_tags(
                SEASONS=f"{year}-06-01/{year}-08-31", TIFFTAG_IMAGEDESCRIPTION=build.SYNTHETIC
            )
        # GDAL writes a cloud-optimised file only as a copy of another file.
        rasterio.shutil.copy(
            raw,
            path,
            driver="COG",
            COMPRESS="ZSTD",
            LEVEL="1",
            PREDICTOR="2",
            BLOCKSIZE=COG_BLOCK,
            OVERVIEWS="NONE",
            NUM_THREADS="ALL_CPUS",
            BIGTIFF="IF_SAFER",
        )
    finally:
        raw.unlink(missing_ok=True)
    report(1.0)


def _profile(frame: Frame) -> dict[str, object]:
    return {
        "driver": "GTiff",
        "height": frame.cells,
        "width": frame.cells,
        "count": len(BANDS) + 1,
        "dtype": "int16",
        "nodata": MISSING,
        "crs": f"EPSG:{EPSG}",
        "transform": frame.transform,
        # Read once, block by block, and then removed.
        "tiled": False,
        "blockysize": 16,
        "interleave": "band",
        "BIGTIFF": "IF_SAFER",
    }
