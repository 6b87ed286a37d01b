"""``python -m analytics change``: gain and loss between two editions, by patches that a filter
accepts."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics.commands.area_distortion import metres_of_units
from analytics.commands.notes import Notes
from analytics.commands.words import add_missing, positive
from analytics.commands.zone_input import read_zones
from analytics.errors import UnwritableFile
from analytics.patches import DEFAULT_FILTER, ChangeFilter
from analytics.patches.filters import CONNECTIVITIES, MOST_CONFIDENT

if TYPE_CHECKING:
    from analytics.patches.accepted_change import Receiver, Totals
    from analytics.rasters.grids import RasterGrid

Subparsers = Any  # argparse has no public name for them

_EPILOG = """\
Gain is a cell that is not sealed in EARLIER and sealed in LATER, loss the reverse; codes 253, 254,
255, the declared nodata and cells under a mask are missing, and neither. Cells of one kind that
touch form a patch. A patch is accepted as a whole, if it is large enough (--mmu-ha) and if a square
of --min-width-m fits into it. Patches are formed on the whole raster, whatever the zones.

.gpkg, .parquet  accepted patches as polygons: id, kind, former, later, cells, area_m2, width,
                 confidence
.tif             0 no accepted change, 1 gain, 2 loss, 255 missing
.csv             needs --zones: zone,filter,gain_cells,loss_cells,net_cells, a row for all change
                 (raw) and one for what the filter accepts

With --min-confidence, cells below it, or without a confidence, are left out before patches are
formed; the row "raw" has them.
"""


def add_to(commands: Subparsers) -> None:
    """Add the command to those of the program."""
    parser = commands.add_parser(
        "change",
        help="gain and loss of sealed cells between two editions, filtered by patch",
        description="Find the patches of sealed cells that were gained or lost between two rasters "
        "of classes, and keep those that are large and wide enough.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("earlier", metavar="EARLIER", help="raster of classes (1 = sealed)")
    parser.add_argument("later", metavar="LATER", help="raster of classes on the same grid")
    parser.add_argument(
        "--mmu-ha",
        metavar="HA",
        type=_number,
        default=DEFAULT_FILTER.mmu_ha,
        help=f"minimum mapping unit, in hectares (default: {DEFAULT_FILTER.mmu_ha:g})",
    )
    parser.add_argument(
        "--min-width-m",
        metavar="M",
        type=_number,
        default=DEFAULT_FILTER.min_width_m,
        help="minimum width: side of the largest square in the patch, in metres (default: "
        f"{DEFAULT_FILTER.min_width_m:g})",
    )
    parser.add_argument(
        "--connectivity",
        type=int,
        choices=CONNECTIVITIES,
        default=DEFAULT_FILTER.connectivity,
        help="cells touch by a side (4), or by a corner too (8) "
        f"(default: {DEFAULT_FILTER.connectivity})",
    )
    parser.add_argument(
        "--confidence",
        metavar="FILE",
        action="append",
        default=[],
        help="confidence layer of an edition, 0 to 100, same grid; twice for both editions: the "
        "lower confidence of a cell counts",
    )
    parser.add_argument(
        "--min-confidence",
        metavar="N",
        type=_confidence,
        help="least confidence of a cell of change, 0 to 100; needs --confidence",
    )
    add_missing(parser)
    parser.add_argument("--zones", metavar="Z", type=Path, help="vector file of zones")
    parser.add_argument(
        "--id-field",
        metavar="F",
        help="field that tells zones apart (default: they are numbered from 1)",
    )
    parser.add_argument("--layer", metavar="L", help="layer of Z, where it has several")
    parser.add_argument(
        "-j", "--jobs", metavar="N", type=positive, help="threads (default: one a core)"
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        type=Path,
        required=True,
        help="file to write: .gpkg, .parquet, .tif or .csv",
    )
    parser.set_defaults(run=run, parser=parser)


def run(options: argparse.Namespace) -> None:
    """Read, filter, write. Raises AnalyticsError; ends with status 2 on bad usage."""
    _check_usage(options)
    chosen = ChangeFilter(
        mmu_ha=options.mmu_ha,
        min_width_m=options.min_width_m,
        connectivity=options.connectivity,
        min_confidence=options.min_confidence,
    )
    notes = Notes()
    try:
        _run(options, chosen, notes)
    finally:
        notes.wipe()


Accept = Callable[["Receiver[Any]"], "Totals"]


def _run(options: argparse.Namespace, chosen: ChangeFilter, notes: Notes) -> None:
    from analytics.patches.accepted_change import accept_change
    from analytics.rasters.grids import open_grid

    _check_output(options)
    missing = frozenset(chain.from_iterable(options.missing))
    earlier, later = (
        open_grid(source).with_missing(missing) for source in (options.earlier, options.later)
    )
    metres_of_units(earlier, notes)
    confidences = [open_grid(source) for source in options.confidence]

    def progress(done: int, of: int) -> None:
        notes.doing(f"filtering change: {100 * done // of} %")

    def accept(receiver: Receiver[Any]) -> Totals:
        return accept_change(
            earlier,
            later,
            chosen,
            receiver,
            confidences=confidences,
            jobs=options.jobs,
            progress=progress,
        )

    _WRITERS[options.output.suffix.lower()](options, chosen, earlier, accept, notes)


def _write_table(
    options: argparse.Namespace,
    chosen: ChangeFilter,
    grid: RasterGrid,
    accept: Accept,
    notes: Notes,
) -> None:
    from analytics.counting.scanline import edges_of
    from analytics.files.replacement import replacing
    from analytics.patches.zone_change import ZoneChange
    from analytics.patches.zone_tables import write_table

    with replacing(options.output) as file:
        zones = read_zones(
            options.zones, id_field=options.id_field, layer=options.layer, grid=grid, notes=notes
        )
        counted = ZoneChange(edges_of(zones.geometries, **grid.placement), width=grid.width)
        accept(counted)
        write_table(counted, file, zones=zones.codes, label=chosen.label)


def _write_patches(
    options: argparse.Namespace,
    chosen: ChangeFilter,
    grid: RasterGrid,
    accept: Accept,
    notes: Notes,
) -> None:
    with _receiver(options.output, grid) as receiver:
        accept(receiver)
        notes.doing("writing")


def _receiver(output: Path, grid: RasterGrid) -> AbstractContextManager[Receiver[Any]]:
    """What writes accepted patches into a file of this ending."""
    if output.suffix.lower() == ".tif":
        from analytics.patches.mask_file import change_mask

        return change_mask(output, grid)
    from analytics.patches import vector_files

    if output.suffix.lower() == ".gpkg":
        return vector_files.geopackage(output, grid)
    return vector_files.geoparquet(output, grid)


_WRITERS = {
    ".csv": _write_table,
    ".tif": _write_patches,
    ".gpkg": _write_patches,
    ".parquet": _write_patches,
}
"""What is written, by the ending of the output."""


def _check_usage(options: argparse.Namespace) -> None:
    """End the program where the options do not fit together."""
    error = options.parser.error
    output = options.output
    if output.suffix.lower() not in _WRITERS:
        error(f"-o {output}: its ending is none of {', '.join(_WRITERS)}")
    if output.suffix.lower() == ".csv" and options.zones is None:
        error("a .csv needs --zones")
    if output.suffix.lower() != ".csv" and options.zones is not None:
        error("--zones is for a .csv")
    if options.zones is None and (options.id_field is not None or options.layer is not None):
        error("--id-field and --layer are for --zones")
    if options.min_confidence is not None and not options.confidence:
        error("--min-confidence needs --confidence")


def _check_output(options: argparse.Namespace) -> None:
    """Refuse to write over a file that is read."""
    read = (options.earlier, options.later, *options.confidence, options.zones)
    if options.output.resolve() in {Path(path).resolve() for path in read if path is not None}:
        raise UnwritableFile(
            str(options.output), found="one of the files to be read", expected="another file"
        )


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 on")
    return number


def _confidence(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) > MOST_CONFIDENT:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a whole number from 0 to {MOST_CONFIDENT}"
        )
    return int(text)
