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
from rasterio.windows import Window as RasterWindow

from analytics.grid import EPSG
from analytics.nomenclature import SEALED
from analytics.rasters import COG_BLOCK, file_hash
from inference.composites import BANDS, MISSING, OBSERVATIONS

from .. import build, files
from ..errors import NoTruth
from ..frame import Frame, generator, subseed
from ..ground import Ground, Progress, lay_out
from ..kernels import run_strips
from ..land_cover import Cells
from . import following_year
from .samples import write_sample
from .sensor import MARGIN, look_up, sense
from .spectra import BAND_COUNT, SPECTRA
from .surfaces import paint

VERSION = 1
"""Increased whenever the same region gives other imagery."""

FOLDER = "imagery"
METADATA = "imagery/metadata.json"
YEARS = (2023, 2024)


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
    known = sorted([*map(int, region["truth"]), following_year.YEAR])
    if unknown := sorted(set(years) - set(known)):
        raise NoTruth(
            str(folder),
            found=f"no truth of {', '.join(map(str, unknown))}",
            expected=f"years among {', '.join(map(str, known))}",
        )
    with build.only_one(folder):
        described = _described(folder, region)
        missing = [year for year in years if not _is_made(folder, described, year)]
        if missing:
            _make(folder, region, described, missing, report)
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


def _make(
    folder: Path,
    region: dict[str, Any],
    described: dict[str, Any],
    years: list[int],
    report: Progress,
) -> None:
    seed = int(region["seed"])
    frame = Frame.of_size(int(region["size_km"]))
    ground = lay_out(frame=frame, seed=seed, report=lambda step, share: report(step, share / 3))
    for position, year in enumerate(years):
        begin = 0.05 + 0.95 * position / len(years)
        report(f"truth of {year}", begin)
        if year == following_year.YEAR:
            truth = _following_truth(folder, frame, ground, described, seed)
        else:
            truth = _read(folder / f"truth/{year}.tif")
        path = composite_path(folder, year)
        _write_composite(
            path,
            frame=frame,
            ground=ground,
            truth=truth,
            year=year,
            seed=seed,
            report=lambda share, year=year, begin=begin: report(  # type: ignore[misc]
                f"composite of {year}", begin + share * 0.95 / len(years)
            ),
        )
        write_sample(sample_path(folder, year), frame=frame, truth=truth, year=year, seed=seed)
        described["composites"][str(year)] = {
            "bytes": path.stat().st_size,
            "sha256": file_hash([path]),
        }
        _write_description(folder, described)


def _following_truth(
    folder: Path, frame: Frame, ground: Ground, described: dict[str, Any], seed: int
) -> Cells:
    last = _read(folder / f"truth/{following_year.LAST_YEAR}.tif")
    growth = following_year.grow_on(frame=frame, ground=ground, last=last, seed=seed)
    path = folder / f"truth/{following_year.YEAR}.tif"
    partial = path.with_name(f".{path.name}.partial")
    files.write_raster(partial, frame=frame, cells=growth.cells)
    partial.replace(path)
    described["truth"] = {
        "true_gain_cells": growth.gained,
        "true_loss_cells": growth.lost,
        "sealed_cells": int((growth.cells == SEALED).sum()),
    }
    return growth.cells


def _write_composite(
    path: Path,
    *,
    frame: Frame,
    ground: Ground,
    truth: Cells,
    year: int,
    seed: int,
    report: Callable[[float], None],
) -> None:
    """Simulate and store strip by strip, then copy to a cloud-optimised file."""
    path.parent.mkdir(exist_ok=True)
    raw = path.with_name(f".{path.stem}.raw.tif")
    partial = path.with_name(f".{path.name}.partial")
    sky = look_up(frame=frame, year=year, seed=seed)
    fixed, yearly = subseed(seed, "imagery"), subseed(seed, f"imagery {year}")
    # Some summers are drier than others.
    dryness = float(generator(seed, f"summer {year}").uniform(-0.12, 0.12))
    parcels = subseed(seed, "land cover")
    rows = frame.cells
    lock, written = Lock(), 0
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
                    SPECTRA,
                    ground.terrain.elevation,
                    ground.terrain.southness,
                    parcels,
                    fixed,
                    yearly,
                    dryness,
                    painted,
                )
                stored = sense(
                    truth=truth,
                    first_row=first,
                    painted=painted,
                    offset=first - above,
                    rows=stop - first,
                    sky=sky,
                    seed=yearly,
                )
                with lock:
                    file.write(stored, window=RasterWindow(0, first, rows, stop - first))
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
            partial,
            driver="COG",
            COMPRESS="ZSTD",
            LEVEL="1",
            PREDICTOR="2",
            BLOCKSIZE=COG_BLOCK,
            OVERVIEWS="NONE",
            NUM_THREADS="ALL_CPUS",
            BIGTIFF="IF_SAFER",
        )
        partial.replace(path)
    finally:
        raw.unlink(missing_ok=True)
        partial.unlink(missing_ok=True)
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


def _read(path: Path) -> Cells:
    with rasterio.open(path) as file:
        cells: Cells = file.read(1)
    return cells


def _write_description(folder: Path, described: dict[str, Any]) -> None:
    path = folder / METADATA
    partial = path.with_name(f".{path.name}.partial")
    text = json.dumps(described, indent=2, ensure_ascii=False) + "\n"
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
