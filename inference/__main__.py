"""The command line of the model: ``python -m inference COMMAND …``. No database, no Django.

Exit status: 0 done, 1 bad data (one line on stderr says what), 2 bad usage.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from analytics.counting import kernel_cache
from analytics.errors import ExplainedError
from inference.commands import compose, evaluate, predict, train


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m inference", description="CLC+ classes from Sentinel-2."
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in (compose, train, evaluate, predict):
        command.add_to(commands)
    options = parser.parse_args(arguments)
    try:
        kernel_cache.check()
        options.run(options)
        sys.stdout.flush()
    except ExplainedError as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader of stdout has closed it, as `head` does. Python would fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
