"""`python -m demonstration FOLDER [--seed N] [--size-km N]`."""

import argparse
import sys
from pathlib import Path

from demonstration.build import SMALLEST_KM, build


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
    options = parser.parse_args()
    if options.size_km < SMALLEST_KM or options.seed < 0:
        parser.error(f"--size-km must be {SMALLEST_KM} or more, --seed not negative")

    def progress(step: str, share: float) -> None:
        print(f"{share:5.0%}  {step}", file=sys.stderr, flush=True)

    try:
        build(folder=options.folder, seed=options.seed, size_km=options.size_km, progress=progress)
    except FileExistsError as error:
        parser.error(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
