"""Run a command with a PostgreSQL and a Redis of its own.

    python3 ops/with_services.py -- COMMAND [ARGUMENT...]

The command finds them in DATABASE_URL, DATABASE_READ_URL and REDIS_URL. They are never those of
`make demo`, and never those the caller's environment names. They end with the command, also when
this process is interrupted or killed; the status is the command's. Several may run side by side:
each takes a free slot below ``.local/test/`` and finds the cluster made there the last time.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if not __package__:
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from ops.interruption import Ended, listen, undisturbed
from ops.layout import LOCAL, TESTS, make_local
from ops.locks import held
from ops.platform_environment import NO_BYTECODE
from ops.privacy import UMASK
from ops.problems import Problem, run
from ops.processes import end_with_parent
from ops.services import Services

SLOTS = 16
HARMLESS = {"SECRET_KEY": "for-tests-only-" + "x" * 50}


@contextmanager
def slot(folder: Path = TESTS) -> Iterator[Path]:
    """A folder no other run uses; the lock goes with the process, however it ends."""
    make_local(LOCAL)
    make_local(folder)
    for number in range(SLOTS):
        with held(folder / f"{number}.lock", wait=False) as mine:
            if mine:
                yield make_local(folder / str(number))
                return
    raise Problem(f"{SLOTS} runs use {folder} already")


def execute(command: list[str], environment: dict[str, str], *, umask: int) -> int:
    """Run the command; pass on the wish to end; its status as a shell gives it."""
    parent = os.getpid()
    try:
        child = subprocess.Popen(
            command,
            env=os.environ | environment,
            umask=umask,
            preexec_fn=lambda: end_with_parent(parent, signal.SIGTERM),
        )
    except OSError as error:
        raise Problem(f"cannot run {command[0]}: {error.strerror}") from None
    while True:
        try:
            status = child.wait()
            return status if status >= 0 else 128 - status
        except Ended as ended:
            # Ctrl-C reaches the command from the terminal itself.
            if not (ended.number == signal.SIGINT and sys.stdin.isatty()):
                with suppress(ProcessLookupError):
                    child.send_signal(ended.number)


def main() -> int:
    """The command line."""
    words = sys.argv[1:]
    if words[:1] == ["--"]:
        words = words[1:]
    if not words:
        print("usage: with_services.py -- COMMAND [ARGUMENT...]", file=sys.stderr)
        return 2
    listen()
    callers = os.umask(UMASK)  # the command's files are the caller's, the servers' are closed
    with slot() as home:
        services = Services(home, durable=False)
        try:
            environment = {
                NO_BYTECODE: "",
                **{key: value for key, value in HARMLESS.items() if key not in os.environ},
                **services.start(),
            }
            return execute(words, environment, umask=callers)
        except Ended as ended:
            return 128 + ended.number
        finally:
            with undisturbed():
                services.stop()


if __name__ == "__main__":
    run(main)
