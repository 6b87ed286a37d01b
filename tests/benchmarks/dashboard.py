"""The dashboard over the communes of France: how long readers wait for its pages, data and tiles.

PostgreSQL, Redis, the web server as in production, and the readers share the machine's two cores.
Every address is one that was not asked for before, so that nothing kept hides what it costs; then
the same are asked for once more.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from ops import commands
from ops.services import Services
from tests.benchmarks.communes import communes
from tests.benchmarks.dashboard_addresses import Kind, addresses
from tests.benchmarks.rows import QUICK, Disagreement, Measured, Row, Scale, Skipped, at_most
from tests.benchmarks.web_server import ROOT, web_server

HOME = ROOT / ".local" / "bench"
READERS = 20
_MADE_BY = ("migrations/0001_initial.py", "tests/benchmarks/dashboard_database.py")
_WARM_UP = 60
_QUIET = 0.2
_PATIENCE = 8


@dataclass(frozen=True, slots=True)
class Waits:
    """How long readers waited, in milliseconds: the first time, and when they asked again."""

    first: list[float]
    again: list[float]
    per_second: float
    reader_share: float
    """CPU of the readers' own process, as a share of one core."""
    kilobytes: float
    others: float
    """Share of the cores that other programs took just before: they slow everything down."""

    def __str__(self) -> str:
        def both(waits: list[float]) -> str:
            return f"{median(waits):.0f} / {_tail(waits):.0f} ms"

        return (
            f"{len(self.first)} addresses, median / 95th percentile {both(self.first)}, "
            f"asked again {both(self.again)}; {self.per_second:.0f} answers a second of "
            f"{self.kilobytes:.1f} kB, readers' own CPU {self.reader_share:.0%} of a core, "
            f"other programs {self.others:.0%} of both cores"
        )


def _tail(waits: list[float]) -> float:
    return float(np.percentile(waits, 95))


@contextmanager
def dashboard() -> Iterator[tuple[int, dict[str, str]]]:
    """The port of a web server over the prepared database, and the environment of both."""
    communes()
    HOME.mkdir(parents=True, exist_ok=True)
    services = Services(HOME, durable=False)
    mark, made_by = HOME / "made-by", "".join((ROOT / name).read_text() for name in _MADE_BY)
    filled = mark.exists() and mark.read_text() == made_by
    if not filled:
        mark.unlink(missing_ok=True)
        shutil.rmtree(services.cluster.data, ignore_errors=True)
    try:
        environment = {
            **os.environ,
            **services.start(),
            "SECRET_KEY": "of-benchmarks-only-" + "x" * 50,
            "DEBUG": "0",
            "ALLOWED_HOSTS": "127.0.0.1",
            "STATIC_ROOT": str(HOME / "static"),
            "LOG_LEVEL": "WARNING",
            # The readers are all one client; what is costly is limited by client.
            "DOWNLOADS_PER_MINUTE": "0",
        }
        if not filled:
            _fill(environment)
            mark.write_text(made_by)
        _manage(environment, *commands.collect_static())
        with web_server(environment, log=HOME / "web.log") as port:
            yield port, environment
    finally:
        services.stop()


def _fill(environment: dict[str, str]) -> None:
    print("filling the database with the communes of France …", flush=True)
    subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.dashboard_database"],
        env=environment,
        cwd=ROOT,
        check=True,
    )


def _manage(environment: dict[str, str], command: str, *options: str) -> None:
    program = [sys.executable, f"{command}.py", *options]
    subprocess.run(program, env=environment, cwd=ROOT, check=True)


def _read(port: int, paths: list[str], *, readers: int = READERS, every: float = 0) -> Any:
    """What the readers' process reports. Raises RuntimeError where it fails."""
    task = {
        "port": port,
        "paths": paths,
        "readers": readers,
        "every": every,
        "headers": {"Accept-Encoding": "gzip"},
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.readers"],
        input=json.dumps(task),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the readers ended with status {done.returncode}")
    return json.loads(done.stdout)


@cache
def _waits(scale: Scale) -> dict[tuple[str, Kind], Waits]:
    number = 60 if scale == QUICK else 300
    found: dict[tuple[str, Kind], Waits] = {}
    for reading, every in (("spread", 1.0), ("closed", 0.0)):
        # A server anew for each reading: the other one's pages are not kept in it.
        with dashboard() as (port, environment):
            _flush(environment)
            _read(port, addresses(None, _WARM_UP, seed=f"warm-{reading}"))
            for kind in Kind:
                paths = addresses(kind, number, seed=reading)
                others = _quiet()
                first = _checked(_read(port, paths, every=every))
                random.Random(1).shuffle(paths)
                again = _checked(_read(port, paths, every=every))
                found[reading, kind] = Waits(
                    first=first["latencies"],
                    again=again["latencies"],
                    per_second=len(paths) / first["seconds"],
                    reader_share=first["cpu"] / first["seconds"],
                    kilobytes=sum(first["sizes"]) / len(paths) / 1000,
                    others=others,
                )
    return found


def _busy(seconds: float = 2.0) -> float:
    """The share of the cores that is in use while nobody reads."""

    def spent() -> tuple[int, int]:
        numbers = [int(n) for n in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
        return sum(numbers), numbers[3] + numbers[4]

    (before, idle_before), _, (after, idle_after) = spent(), time.sleep(seconds), spent()
    return 1 - (idle_after - idle_before) / max(after - before, 1)


def _quiet() -> float:
    """Wait a little for other programs to be done; the share of the cores that they still take."""
    for _ in range(_PATIENCE):
        if (others := _busy()) < _QUIET:
            break
    return others


def _flush(environment: dict[str, str]) -> None:
    """Forget the tiles that an earlier run has kept."""
    import redis

    redis.Redis.from_url(environment["REDIS_URL"]).flushall()


def _checked(answer: Any) -> Any:
    if set(answer["statuses"]) != {"200"}:
        raise Disagreement(f"answers of status {answer['statuses']}")
    return answer


def _measured(scale: Scale, *, reading: str, kind: Kind, tail: bool) -> Measured:
    waits = _waits(scale)[reading, kind]
    value = _tail(waits.first) if tail else median(waits.first)
    return Measured(value, value, value, str(waits), "every answer had status 200")


def against_database(scale: Scale) -> Measured:
    """Vector tiles one at a time, in times of PostgreSQL's own time for the same statements."""
    paths = addresses(Kind.TILE, 20 if scale == QUICK else 120, seed="database")
    with dashboard() as (port, environment):
        if "DATABASE_URL" not in environment:
            raise Skipped("there is no database")
        _flush(environment)
        # Both find the shapes in PostgreSQL's memory.
        _read(port, paths, readers=4)
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.dashboard_tiles"],
            input=json.dumps(paths),
            stdout=subprocess.PIPE,
            env=environment,
            cwd=ROOT,
            text=True,
            check=True,
        )
        _flush(environment)
        answered = _checked(_read(port, paths, readers=1))["latencies"]
    alone = json.loads(done.stdout)
    value = sum(answered) / sum(alone)
    return Measured(
        value,
        value,
        value,
        f"{len(paths)} tiles, answers {sum(answered):.0f} ms, statements {sum(alone):.0f} ms",
        "every answer had status 200",
    )


_READINGS = {
    "spread": "20 readers, each with a new address every second",
    "closed": "20 readers who request a new address as soon as they have an answer",
}
_WHY = {
    "spread": "",
    "closed": "Readers who never pause keep two cores fully busy, and each waits for 19 others. "
    "A median of 60 ms would need 333 pages a second: 6 ms of both cores for each page with all "
    "its statements. A page of a territory that is not cached takes some 35 ms of a core, most of "
    "it for Django's templates and the statements.",
}


def _rows() -> Iterator[Row]:
    for reading, words in _READINGS.items():
        for kind in Kind:
            for tail, name in ((False, "median"), (True, "tail")):
                bound = kind.tail if tail else kind.median
                measure = "95th percentile" if tail else "median"
                run: Callable[[Scale], Measured] = partial(
                    _measured, reading=reading, kind=kind, tail=tail
                )
                yield Row(
                    name=f"dashboard-{reading}-{kind.value}-{name}",
                    work=f"{kind.words}: {words}; {measure}",
                    required=at_most(bound, "ms"),
                    aim=None,
                    run=run,
                    unit="ms",
                    why=_WHY[reading],
                )


ROWS = (
    *_rows(),
    Row(
        name="dashboard-tile-database",
        work="vector tiles that are not cached, over PostgreSQL's own time for them",
        required=at_most(1.3),
        aim=None,
        run=against_database,
        why="An answer takes some ten milliseconds beyond its statement: for the transaction, the "
        "identity of the data, compression, Redis and Django. For a tile of a thousand communes "
        "(50 ms) that is a fifth; most tiles take less than 10 ms. The statements run on one "
        "connection, which keeps their plan.",
    ),
)
