"""The command line of the engine: ``python -m analytics COMMAND …``; no database, no Django.

Exit status: 0 done, 1 bad data (one line on stderr says what), 2 bad usage.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import warnings
from collections.abc import Sequence

from analytics.commands import accuracy, change, sample, zonal
from analytics.commands.startup import NEEDLESS, without
from analytics.counting import kernel_cache
from analytics.errors import AnalyticsError

SHOWN = 10
"""Warnings of libraries that are shown."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m analytics",
        description="Statistics of land-cover rasters, and of samples that check them.",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    zonal.add_to(commands)
    change.add_to(commands)
    sample.add_to(commands)
    accuracy.add_to(commands)
    options = parser.parse_args(arguments)
    try:
        kernel_cache.check()
        with warnings.catch_warnings(record=True) as found, without(*NEEDLESS):
            warnings.simplefilter("default")
            for of_programmers in (DeprecationWarning, PendingDeprecationWarning):
                warnings.simplefilter("ignore", of_programmers)
            options.run(options)
        sys.stdout.flush()
        _show(found)
    except AnalyticsError as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader of stdout has gone, as `head` does; Python would fail once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        return 130
    return 0


def _show(found: Sequence[warnings.WarningMessage]) -> None:
    """Warnings of libraries, a line each, without their places in code; an error says enough."""
    texts = dict.fromkeys(" ".join(str(warning.message).split()) for warning in found)
    for text in list(texts)[:SHOWN]:
        print(f"warning: {text}", file=sys.stderr)
    if len(texts) > SHOWN:
        print(f"{len(texts) - SHOWN} more warnings", file=sys.stderr)


if __name__ == "__main__":
    # A tenth of a small run: threads for linear algebra, of which there is none, and the search for
    # cycles among what has just been imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.disable()
    sys.exit(main())
