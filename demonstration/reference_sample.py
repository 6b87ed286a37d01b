"""The region's labelled sample: points drawn from two editions as users draw them, with the true
classes as labels."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from analytics.grid import CELL_SIZE, window_of_bounds
from analytics.rasters import MosaicTile, open_grid, write_mosaic
from analytics.sampling import allocation, draws, point_tables, row_blocks, samples, strata
from demonstration import files
from demonstration.grids.frame import Frame
from demonstration.truth_labels import INTERPRETER, PAIR, labels_of_truth

POINTS = 3000
RULE = allocation.DEFAULT_RULE
"""Allocation that leaves enough points where the map may have missed change."""
FOLDER = "sample"


def points_file(folder: Path) -> Path:
    """The labelled points: columns of the draw, then those of labels."""
    return folder / FOLDER / f"points_{PAIR[0]}_{PAIR[1]}.csv"


def strata_file(folder: Path) -> Path:
    """The strata and their sizes, as ``accuracy points --strata`` reads them."""
    return folder / FOLDER / f"strata_{PAIR[0]}_{PAIR[1]}.csv"


def write_labelled_sample(folder: Path, frame: Frame) -> None:
    """Draw a stratified sample from the editions of PAIR, label it from the truth, and write both
    files. The region's editions and truth must be there."""
    sample = _drawn(folder, frame)
    x, y = sample.eastings_northings()
    table = point_tables.point_table(sample, blind=False)
    columns = [
        *table.columns.values(),
        *(labels_of_truth(folder=folder, x=x, y=y, year=year).tolist() for year in PAIR),
        ["high"] * len(sample),
        [INTERPRETER] * len(sample),
        [""] * len(sample),
    ]
    files.write_table(points_file(folder), table.names, zip(*columns, strict=True))
    files.write_table(
        strata_file(folder),
        ["stratum", "units", "area_m2", "sample"],
        [[one.name, one.cells, one.area, one.points] for one in sample.strata],
    )


def _drawn(folder: Path, frame: Frame) -> samples.Sample:
    with TemporaryDirectory() as scratch:
        grids = [
            open_grid(
                _mosaic(folder / "editions" / str(year), frame, Path(scratch) / f"{year}.vrt")
            )
            for year in PAIR
        ]
        scheme = strata.scheme_of(
            len(grids), buffer=strata.BUFFER, cell_width=CELL_SIZE, cell_height=CELL_SIZE
        )
        return draws.stratified(
            row_blocks.Area(grids),
            scheme,
            most=[POINTS] * len(scheme.names),
            allocate=lambda sizes: allocation.allocated(
                POINTS, sizes, rule=RULE, names=scheme.names
            ),
            seed=frame.seed,
        )


def _mosaic(edition: Path, frame: Frame, path: Path) -> Path:
    """All rasters of an edition as one of the whole region."""
    whole = window_of_bounds(frame.left, frame.bottom, frame.right, frame.top)
    tiles = []
    for raster in sorted(edition.glob("*.tif")):
        grid = open_grid(raster)
        west, north = grid.x_origin, grid.y_origin
        south, east = north - grid.height * CELL_SIZE, west + grid.width * CELL_SIZE
        tiles.append(MosaicTile(str(raster.absolute()), window_of_bounds(west, south, east, north)))
    write_mosaic(tiles, window=whole, path=path)
    return path
