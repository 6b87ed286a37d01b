"""`python -m demonstration FOLDER [--seed N] [--size-km N]`; `--labels` gives labels for points."""

import argparse
import sys
from pathlib import Path

from analytics.errors import ExplainedError
from demonstration.build import SMALLEST_KM, build
from demonstration.truth_labels import PAIR, label_points


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m demonstration",
        description="Make the synthetic demonstration region in a folder.",
    )
    parser.add_argument("folder", type=Path, help="made if absent; left alone if complete")
    parser.add_argument("--seed", type=int, default=2018, help="default 2018")
    parser.add_argument(
        "--size-km", type=int, default=60, help=f"side of the region; {SMALLEST_KM} or more"
    )
    parser.add_argument(
        "--labels",
        nargs=2,
        type=Path,
        metavar=("POINTS", "LABELS"),
        help="read points (CSV: id, x, y) and write the true classes at them as LABELS, which the "
        "platform imports; the region must be there",
    )
    parser.add_argument(
        "--years",
        nargs="+",
        type=int,
        default=list(PAIR),
        metavar="YEAR",
        help=f"one year or two of --labels; default {PAIR[0]} {PAIR[1]}",
    )
    options = parser.parse_args()
    if options.size_km < SMALLEST_KM or options.seed < 0:
        parser.error(f"--size-km must be {SMALLEST_KM} or more, --seed not negative")

    if options.labels is not None:
        return _label(options, parser)

    def progress(step: str, share: float) -> None:
        print(f"{share:5.0%}  {step}", file=sys.stderr, flush=True)

    try:
        build(folder=options.folder, seed=options.seed, size_km=options.size_km, progress=progress)
    except FileExistsError as error:
        parser.error(str(error))
    return 0


def _label(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    points, labels = options.labels
    if len(options.years) > 2:
        parser.error("--years: one year or two")
    try:
        count = label_points(
            folder=options.folder, points=points, labels=labels, years=options.years
        )
    except ExplainedError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{count} points labelled", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
