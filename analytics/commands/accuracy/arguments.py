"""Arguments of ``accuracy``, and what it does with them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics.commands.notes import Notes

if TYPE_CHECKING:
    from analytics.commands.accuracy.reports import Report

Subparsers = Any  # argparse has no public name for them

FORMATS = ("text", "csv", "json")
ESTIMATORS = ("stratified", "regression", "points")

_MATRIX = """\
MATRIX  first column: class of the map; header: classes of the reference; cells: numbers of points
AREAS   class,area: mapped area of each class, in any unit; estimates have the same
The strata of the sample are the map's classes (Olofsson et al. 2014).
"""
_POINTS = """\
POINTS  stratum,map,reference[,unit_area]: a row a point, with labels, or with proportions from -1
        to 1 (--proportions); for --estimator regression: stratum,x,y, without stratum if there is
        one. A column probability is held against the strata.
STRATA  stratum,units or stratum,area[,auxiliary_mean]: number of units (cells), or area, of each

stratified  strata of any kind (Stehman 2014); for proportions, Tyukavina et al. 2025, appendix A
regression  y on x, which is known everywhere: its mean over each stratum is auxiliary_mean
points      points drawn anywhere in strata of area (the same, appendix C)

Areas are in the unit of unit_area or, without it, in that of STRATA. Labels of the reference must
be classes: labels of the map, names of strata, or what --classes names.
"""


def add_to(commands: Subparsers) -> None:
    """Add the command to those of the program."""
    parser = commands.add_parser(
        "accuracy",
        help="area and accuracy from a reference sample",
        description="Estimate areas, user's, producer's and overall accuracy, with standard errors "
        "and 95 % intervals, from an error matrix or from the points of a sample.",
    )
    kinds = parser.add_subparsers(title="samples", required=True, metavar="matrix|points")
    matrix = _add_kind(kinds, "matrix", "from an error matrix, strata = map classes", _MATRIX)
    matrix.add_argument("matrix", metavar="MATRIX", type=Path, help="CSV file of the error matrix")
    matrix.add_argument(
        "--areas", metavar="AREAS", type=Path, required=True, help="CSV file of mapped areas"
    )
    points = _add_kind(kinds, "points", "from points or units in strata", _POINTS)
    points.add_argument("points", metavar="POINTS", type=Path, help="CSV file of the sample")
    points.add_argument(
        "--strata", metavar="STRATA", type=Path, required=True, help="CSV file of the strata"
    )
    points.add_argument(
        "--proportions",
        action="store_true",
        help="values are proportions of a target, -1 to 1, not labels",
    )
    points.add_argument(
        "--estimator",
        choices=ESTIMATORS,
        default="stratified",
        help="see below (default: stratified)",
    )
    points.add_argument(
        "--collapse",
        action="store_true",
        help="merge a stratum that has too few points for a variance with the nearest: by "
        "auxiliary_mean, or in the order of STRATA",
    )
    points.add_argument(
        "--classes", metavar="C,C…", type=_classes, help="classes, if labels may miss some of them"
    )


def _add_kind(kinds: Subparsers, name: str, text: str, epilog: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = kinds.add_parser(
        name,
        help=text,
        description=f"Areas and accuracies {text}.",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--format", choices=FORMATS, default="text", help="(default: text)")
    parser.add_argument(
        "-o", "--output", metavar="FILE", type=Path, help="where to write (default: stdout)"
    )
    parser.set_defaults(run=run, parser=parser, sample=name)
    return parser


def run(options: argparse.Namespace) -> None:
    """Read, estimate, write. Raises AnalyticsError; ends with status 2 on bad usage."""
    _check_usage(options)
    if options.sample == "matrix":
        from analytics.commands.accuracy.matrix_files import report_of_matrix

        report = report_of_matrix(options.matrix, areas=options.areas)
    else:
        from analytics.commands.accuracy.point_reports import report_of_points

        report = report_of_points(
            options.points,
            strata=options.strata,
            estimator=options.estimator,
            proportions=options.proportions,
            collapse=options.collapse,
            classes=options.classes,
        )
    _note(report, Notes())
    _write(report, options)


def _check_usage(options: argparse.Namespace) -> None:
    if options.sample == "points" and options.classes is not None:
        if options.proportions:
            options.parser.error("--classes is for labels, not with --proportions")
        if options.estimator == "regression":
            options.parser.error("--classes is for labels, not with --estimator regression")
    if options.output is not None:
        read = (options.matrix, options.areas) if options.sample == "matrix" else (
            options.points, options.strata,
        )  # fmt: skip
        if options.output.resolve() in {path.resolve() for path in read}:
            options.parser.error(f"-o {options.output} is one of the files to be read")
        if not options.output.parent.is_dir():
            options.parser.error(f"-o {options.output}: there is no folder {options.output.parent}")


def _classes(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    if "" in names or len(set(names)) < len(names):
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of different classes")
    return names


def _note(report: Report, notes: Notes) -> None:
    """Say what was merged, what was not used, and which intervals were cut."""
    for text in report.notes:
        notes.say(text)
    for collapse in report.collapses:
        notes.say(
            f"stratum {collapse.stratum!r} has too few points ({collapse.points}): merged with "
            f"{collapse.into!r} as {collapse.name!r}"
        )
    cut = [found.name for found in report.assessment.classes if found.area.cut]
    if cut:
        notes.say(
            f"the interval of the area is cut at 0 for {', '.join(map(repr, cut))}: too few points "
            "for the normal distribution"
        )


def _write(report: Report, options: argparse.Namespace) -> None:
    from analytics.commands.accuracy.reports import WRITERS
    from analytics.files import replacement

    content = WRITERS[options.format](report).encode()
    if options.output is None:
        sys.stdout.buffer.write(content)
        return
    with replacement.replacing(options.output) as file:
        file.write(content)
