"""``python -m analytics sample``: plan a reference sample, count its strata, draw it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from analytics.commands import sample_draw, sample_plan
from analytics.commands.words import (
    add_missing,
    named_share,
    points,
    positive,
    positive_number,
    share,
)
from analytics.sampling.allocation import DEFAULT_RULE, RULES

Subparsers = Any  # argparse has no public name for them

DESIGNS = ("stratified", "simple", "systematic", "two-stage")

_STRATA = """\
Strata of two editions, which lie on one grid:

stable_sealed    sealed in both
gain             sealed in the later alone
loss             sealed in the earlier alone
buffer           sealed in neither, and at most 30 m (--buffer-m) from a cell sealed in one of them
stable_unsealed  sealed in neither, elsewhere

Strata of one edition: sealed, buffer, unsealed. Cells that are not observed in an edition (253,
254, 255, the declared nodata, cells under a mask) are in no stratum. With --zones, a cell is drawn
if its centre lies in one of the zones. The buffer takes cells outside of them into account.
"""

_DRAW = f"""\
{_STRATA}
The points are cells; a point is the centre of its cell. The columns of the file: id, stratum, x, y
(reference system of the raster), lon, lat (WGS 84), map_earlier, map_later (of one edition: map),
inclusion_probability, weight, and empty ones for labels: reference_earlier, reference_later (of one
edition: reference), confidence, interpreter, note. Ids are in random order: the first points of the
file are a sample of the same design, with strata in the same proportions.

stratified   simple random in each stratum, without replacement
simple       simple random of all observed cells
systematic   every n-th row and column from a random start, where observed
two-stage    --units squares of --unit-km, drawn with equal probability; --points cells in each

Allocation of --points N in all:

buffer        for change that the map has missed: 10 % of the points in stable_sealed, 5 % in gain,
              15 % in loss, 40 % in buffer and 30 % in stable_unsealed; of the cells of gain at most
              2.5 times the part that is drawn of the buffer. The default, and what estimates of
              change need. Of one edition: 25 % in sealed, 40 % in buffer, 35 % in unsealed
change        as the strata's sizes, but at least 50 (--minimum) in each
proportional  as the sizes, at least 2
equal         as many in each
neyman        as size · √(p (1 − p)), with the shares p of --expected

A stratum that is smaller than its allocation is taken whole.
"""

_PLAN = """\
Without STRATA: points of a simple random sample for the half-width of a share's 95 % interval,
n = 1.96² (1 − p) / (p · width²). With STRATA, a file of `sample strata` or `sample draw --strata`,
and the share of the target that is expected in each stratum: points that reach a half-width, or the
half-width that points reach. Half-widths are parts of the estimate: 0.1 is 10 %.
"""


def add_to(commands: Subparsers) -> None:
    """Add the command to those of the program."""
    parser = commands.add_parser(
        "sample",
        help="plan and draw reference samples",
        description="Plan a reference sample, count its strata, draw it.",
    )
    steps = parser.add_subparsers(title="steps", required=True, metavar="STEP")
    _add_plan(steps)
    _add_strata(steps)
    _add_draw(steps)


def _add_plan(steps: Subparsers) -> None:
    parser = _step(steps, "plan", "say how many points reach which half-width", _PLAN)
    parser.add_argument("strata", metavar="STRATA", type=Path, nargs="?", help="CSV of strata")
    parser.add_argument(
        "--share", metavar="P", type=share, help="expected share, for a simple random sample"
    )
    parser.add_argument(
        "--half-width",
        metavar="W",
        type=positive_number,
        nargs="+",
        help="half-widths to reach (default: 0.1 0.25)",
    )
    parser.add_argument(
        "--points", metavar="N", type=positive, help="points whose half-width is asked for"
    )
    _add_allocation(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.set_defaults(run=sample_plan.run, parser=parser)


def _add_strata(steps: Subparsers) -> None:
    parser = _step(steps, "strata", "count the cells of the strata", _STRATA)
    _add_area(parser)
    parser.add_argument(
        "-o", "--output", metavar="FILE", type=Path, help="CSV of strata (default: stdout)"
    )
    parser.set_defaults(run=sample_draw.run_strata, parser=parser)


def _add_draw(steps: Subparsers) -> None:
    parser = _step(steps, "draw", "draw points", _DRAW)
    _add_area(parser)
    parser.add_argument("--design", choices=DESIGNS, default=DESIGNS[0])
    parser.add_argument(
        "--points",
        metavar="N",
        type=points,
        nargs="+",
        help="points in all, or of each stratum, such as gain=200 loss=200; two-stage: points in "
        "each unit",
    )
    parser.add_argument(
        "--half-width",
        metavar="W",
        type=positive_number,
        help="stratified: instead of --points, the half-width that the sample is to reach, as a "
        "part of the estimate; needs --expected",
    )
    _add_allocation(parser)
    parser.add_argument(
        "--spacing-m",
        metavar="M",
        type=positive_number,
        help="systematic: metres from point to point, instead of --points",
    )
    parser.add_argument("--units", metavar="N", type=positive, help="two-stage: primary units")
    parser.add_argument(
        "--unit-km", metavar="K", type=positive_number, help="two-stage: side of a primary unit"
    )
    parser.add_argument(
        "--seed",
        metavar="S",
        help="whole number that makes the draw reproducible (default: a new one, which is told)",
    )
    parser.add_argument(
        "--blind",
        action="store_true",
        help="leave out of FILE what tells the map: stratum, map_…, inclusion_probability, weight; "
        "keep them with --key, or draw again with the same seed",
    )
    parser.add_argument(
        "--key", metavar="CSV", type=Path, help="write also the points with all columns"
    )
    parser.add_argument("--strata", metavar="CSV", type=Path, help="write also the strata")
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=Path,
        required=True,
        help="file of points; its ending says the format: .csv, .geojson, .kml, .gpkg",
    )
    parser.set_defaults(run=sample_draw.run_draw, parser=parser)


def _step(steps: Subparsers, name: str, does: str, text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = steps.add_parser(
        name,
        help=does,
        description=f"{does[0].upper()}{does[1:]}.",
        epilog=text,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return parser


def _add_area(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "rasters",
        metavar="RASTER",
        nargs="+",
        help="one edition, or an earlier and a later one: codes of CLC+ Backbone in a projected "
        "reference system",
    )
    add_missing(parser)
    parser.add_argument("--zones", metavar="FILE", type=Path, help="draw within these zones alone")
    parser.add_argument("--layer", metavar="L", help="layer of --zones, where it has several")
    parser.add_argument(
        "--buffer-m",
        metavar="M",
        type=float,
        default=30.0,
        help="width of the buffer round sealed cells; 0 for none (default: 30)",
    )
    parser.add_argument(
        "-j", "--jobs", metavar="N", type=positive, help="threads (default: one a core)"
    )


def _add_allocation(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--allocation", choices=RULES, default=DEFAULT_RULE)
    parser.add_argument(
        "--minimum",
        metavar="N",
        type=positive,
        help="points of each stratum at least (default: 50 with change, else 2)",
    )
    parser.add_argument(
        "--expected",
        metavar="S=P",
        type=named_share,
        nargs="+",
        help="expected share of the target in each stratum, such as gain=0.6; 0 where none is "
        "named",
    )
