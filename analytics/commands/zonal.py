"""``python -m analytics zonal``: count the classes of one raster, or the pairs of two, in zones."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from analytics.commands.area_distortion import metres_of_units
from analytics.commands.notes import Notes
from analytics.commands.words import codes, positive
from analytics.commands.zone_input import read_zones

if TYPE_CHECKING:
    from analytics.files import tidy
    from analytics.rasters.grids import RasterGrid
    from analytics.zones import Geometries, ZoneLayer

Subparsers = Any  # argparse has no public name for them

FORMATS = ("csv", "json", "geojson", "parquet")
DEFAULT_MISSING = (253, 254, 255)

_EPILOG = """\
One raster gives a table zone,class,cells,area_m2; two, an earlier and a later one on the same grid,
give zone,from,to,cells,area_m2. Only what occurs has a row. The class "missing" is what is not
observed: the codes of --missing, the declared nodata and cells under a mask. As geojson a zone is
one feature, with cells_CLASS or cells_FROM_TO among its properties. Zones may overlap; each is
counted in full. Cells of a zone beyond the raster are not counted, and a line on stderr says how
many zones that concerns.

centre    a cell belongs to a zone if its centre does: whole cells, which add up over a partition
coverage  a cell counts by the exact fraction of it that lies in the zone: decimal numbers of cells
"""


def add_to(commands: Subparsers) -> None:
    """Add the command to those of the program."""
    parser = commands.add_parser(
        "zonal",
        help="count classes, or pairs of classes, by zone",
        description="Count the cells of each class of a raster, or of each pair of classes of two, "
        "in the zones of a vector layer.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("zones", metavar="ZONES", type=Path, help="vector file of zones")
    parser.add_argument(
        "rasters",
        metavar="RASTER",
        nargs="+",
        help="raster of classes, whole numbers from 0 to 255, in a projected reference system; or "
        "the name of a layer in a file, such as 'NETCDF:\"classes.nc\":2021'",
    )
    parser.add_argument(
        "--id-field",
        metavar="F",
        help="field that tells zones apart (default: they are numbered from 1)",
    )
    parser.add_argument(
        "--rule",
        choices=("centre", "coverage"),
        default="centre",
        help="see below (default: centre)",
    )
    parser.add_argument(
        "-j", "--jobs", metavar="N", type=positive, help="threads (default: one a core)"
    )
    parser.add_argument(
        "--missing",
        metavar="CODE",
        type=codes,
        nargs="*",
        help="codes of what is not observed, besides the declared nodata; none if none is given "
        "(default: 253 254 255)",
    )
    parser.add_argument("--layer", metavar="L", help="layer of ZONES, where it has several")
    parser.add_argument(
        "--format", choices=FORMATS, help="(default: by the ending of FILE, else csv)"
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", type=Path, help="where to write (default: stdout)"
    )
    parser.set_defaults(run=run, parser=parser)


def run(options: argparse.Namespace) -> None:
    """Read, count, write. Raises AnalyticsError; ends with status 2 on bad usage."""
    file_format = _check_usage(options)
    notes = Notes()
    try:
        _run(options, file_format, notes)
    finally:
        notes.wipe()


def _run(options: argparse.Namespace, file_format: str, notes: Notes) -> None:
    from analytics.rasters.grids import open_grid

    grids = [open_grid(source) for source in options.rasters]
    layer = read_zones(
        options.zones, id_field=options.id_field, layer=options.layer, grid=grids[0], notes=notes
    )
    metres = metres_of_units(grids[0], notes)
    notes.doing(f"counting {len(layer.codes)} zones")
    table = _count(layer, grids, options, notes, cell_area=grids[0].cell_area * metres**2)
    notes.doing("writing")
    lonlat = _lonlat(layer.geometries, grids[0].crs) if file_format == "geojson" else []
    with _output(options.output) as file:
        _write(table, file, file_format, lonlat)


def _check_usage(options: argparse.Namespace) -> str:
    """The format to write; ends the program where the options do not fit together."""
    error = options.parser.error
    if len(options.rasters) > 2:
        error(f"one RASTER or two, not {len(options.rasters)}")
    file_format = options.format or _format_of(options.output)
    if file_format == "parquet" and options.output is None and sys.stdout.isatty():
        error("parquet is not for a terminal: name a file with -o")
    if options.output is not None:
        if options.output.resolve() in {
            Path(p).resolve() for p in (options.zones, *options.rasters)
        }:
            error(f"-o {options.output} is one of the files to be read")
        if not options.output.parent.is_dir():
            error(f"-o {options.output}: there is no folder {options.output.parent}")
    return file_format


def _format_of(output: Path | None) -> str:
    ending = output.suffix.lower().lstrip(".") if output is not None else ""
    return ending if ending in FORMATS else "csv"


def _count(
    layer: ZoneLayer,
    grids: Sequence[RasterGrid],
    options: argparse.Namespace,
    notes: Notes,
    *,
    cell_area: float,
) -> tidy.Table:
    from analytics.counting.boundary import borders_of
    from analytics.counting.passes import count_cells, sum_fractions
    from analytics.counting.scanline import edges_of
    from analytics.files import tidy

    chosen = DEFAULT_MISSING if options.missing is None else [c for w in options.missing for c in w]
    missing = frozenset(chosen)
    placement = grids[0].placement
    progress = _progress(layer, notes)
    jobs = options.jobs
    if options.rule == "centre":
        edges = edges_of(layer.geometries, **placement)
        found = count_cells(edges, grids, missing=missing, jobs=jobs, progress=progress)
    else:
        borders = borders_of(layer.geometries, **placement)
        found = sum_fractions(borders, grids, missing=missing, jobs=jobs, progress=progress)
    return tidy.table_of(found.cells, found.codes, zones=layer.codes, cell_area=cell_area)


def _progress(layer: ZoneLayer, notes: Notes) -> Callable[[int, int], None]:
    def progress(done: int, of: int) -> None:
        notes.doing(f"counting {len(layer.codes)} zones: {100 * done // of} %")

    return progress


def _lonlat(geometries: Geometries, crs: str) -> Sequence[str]:
    """Geometries as RFC 7946 wants them: GeoJSON in longitude and latitude, to the centimetre,
    outer borders anticlockwise."""
    import numpy as np
    import pyproj
    import shapely

    transformer = pyproj.Transformer.from_crs(crs, 4326, always_xy=True)

    def move(points: Any) -> Any:
        return np.column_stack(transformer.transform(points[:, 0], points[:, 1])).round(7)

    oriented = shapely.orient_polygons(shapely.transform(geometries, move), exterior_cw=False)
    return cast("Sequence[str]", shapely.to_geojson(oriented).tolist())


@contextmanager
def _output(path: Path | None) -> Iterator[BinaryIO]:
    from analytics.files import replacement

    if path is None:
        yield sys.stdout.buffer
        return
    with replacement.replacing(path) as file:
        yield file


def _write(table: tidy.Table, file: BinaryIO, file_format: str, lonlat: Sequence[str]) -> None:
    from analytics.files import tidy

    if file_format == "geojson":
        tidy.write_geojson(table, file, geometries=lonlat)
    elif file_format == "json":
        tidy.write_json(table, file)
    elif file_format == "parquet":
        tidy.write_parquet(table, file)
    else:
        tidy.write_csv(table, file)
