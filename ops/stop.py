"""`make stop`: ends what `make demo` started in this clone, and nothing else."""

from __future__ import annotations

from ops.demo import SUPERVISOR
from ops.layout import RUN
from ops.problems import run
from ops.processes import read_record, stop_process
from ops.supervisor import stop_leftovers
from ops.terminal import say

PATIENCE = 90.0  # the supervisor lets the worker finish what it is at, for a while


def main() -> int:
    """Ask the supervisor to stop everything; do it here where there is none."""
    supervisor = read_record(RUN, SUPERVISOR)
    if supervisor is not None:
        stop_process(supervisor.identity, supervisor.stop_signal, PATIENCE)
    left = stop_leftovers()
    if supervisor is None and not left:
        say("nothing to stop: `make demo` does not run in this clone")
    else:
        say("stopped" + (f" ({', '.join(left)} had been left running)" if left else ""))
    return 0


if __name__ == "__main__":
    run(main)
