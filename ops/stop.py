"""`make stop`: ends what `make demo` and `make real` started in this clone, and nothing else."""

from __future__ import annotations

from pathlib import Path

from ops.demo import SUPERVISOR
from ops.layout import DEMONSTRATION, REAL, RUN
from ops.problems import run
from ops.processes import read_record, stop_process
from ops.supervisor import stop_leftovers
from ops.terminal import say

PATIENCE = 90.0  # the supervisor lets the worker finish what it is at, for a while


def main() -> int:
    """Ask the supervisor to stop everything; do it here where there is none."""
    found = [_stopped(local / RUN.name) for local in (DEMONSTRATION, REAL)]
    left = [name for _, names in found for name in names]
    if not left and not any(ran for ran, _ in found):
        say("nothing to stop: `make demo` does not run in this clone")
    else:
        say("stopped" + (f" ({', '.join(left)} had been left running)" if left else ""))
    return 0


def _stopped(records: Path) -> tuple[bool, list[str]]:
    """Stop one site; whether a supervisor ran, and what had been left running."""
    supervisor = read_record(records, SUPERVISOR)
    if supervisor is not None:
        stop_process(supervisor.identity, supervisor.stop_signal, PATIENCE)
    return supervisor is not None, stop_leftovers(records)


if __name__ == "__main__":
    run(main)
