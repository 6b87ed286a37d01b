"""Run the tests: in one process more than there are cores, each with a PostgreSQL and a Redis of
its own.

    python3 -m ops.tests [ARGUMENT OF PYTEST...]

``WORKERS=1`` runs them one after the other in one process, for the debugger or a single file; the
status is pytest's.
"""

from __future__ import annotations

import os
import shlex
import sys

from ops.layout import PYTHON, ROOT
from ops.problems import Problem, run
from ops.with_services import HARMLESS

MOST_WORKERS = 8
"""Each has its own servers, browser and numerical libraries, which take some 2 GB."""
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""Workers share the cores: threads of numerical libraries would wait for each other."""
WITH_SERVICES = (sys.executable, str(ROOT / "ops" / "with_services.py"), "--", str(PYTHON))


def workers() -> int:
    """As WORKERS says, or else one more than there are cores: tests of browsers, slow clients and
    outages wait most of their time."""
    text = os.environ.get("WORKERS", "")
    if not text:
        return min(len(os.sched_getaffinity(0)) + 1, MOST_WORKERS)
    if not text.isdecimal() or int(text) == 0:
        raise Problem(f"WORKERS: found {text}; expected a whole number from 1 on")
    return int(text)


def command(arguments: list[str], *, number: int) -> list[str]:
    """The command that runs pytest with so many workers."""
    if number == 1:
        return [*WITH_SERVICES, "-m", "pytest", *arguments]
    # pytest-xdist starts each worker as the "Python" named here.
    start = f"{number}*popen//python={shlex.join(WITH_SERVICES)}"
    return [str(PYTHON), "-m", "pytest", "--dist", "worksteal", "--tx", start, *arguments]


def main() -> int:
    """Replace this process by pytest's."""
    number = workers()
    wanted = command(sys.argv[1:], number=number)
    threads = ONE_THREAD if number > 1 else {}
    # Whoever hands out the tests reads the settings too, and asks no server.
    os.execvpe(wanted[0], wanted, {**HARMLESS, **threads, **os.environ})


if __name__ == "__main__":
    run(main)
