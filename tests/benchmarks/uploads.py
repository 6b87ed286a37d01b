"""Twenty uploads of zones at once: none is lost, and readers of pages wait little longer.

PostgreSQL, Redis, the web server and the worker as in production, the senders and the reader share
the machine's two cores. No page is kept, so that each is made anew before and during.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pyproj
import shapely

from ops import commands
from tests.benchmarks.inputs import FOLDER
from tests.benchmarks.landscape import CELL, NORTH, WEST, pair
from tests.benchmarks.partition import zones
from tests.benchmarks.platform import ingest, platform
from tests.benchmarks.rows import QUICK, Disagreement, Measured, Row, Scale, at_most
from tests.benchmarks.web_server import ROOT, web_server

UPLOADS = 20
ZONES = 200
"""Of each upload, of some 3 km² each."""
SIDE, TERRITORIES = 8_192, 436
READINGS = 150
PATIENCE = 600
_CHECKING = ("queued", "checking")
"""States of a job whose report is not there yet."""
_PAUSE = 0.05
"""Seconds that a reader looks at a page."""


@dataclass
class _Reader:
    """Reads pages one after the other; ``milliseconds`` of each."""

    port: int
    paths: list[str]
    milliseconds: list[float] = field(default_factory=list)

    def read(self, number: int) -> None:
        path = self.paths[number % len(self.paths)]
        begun = time.perf_counter()
        status, _, _ = _ask(self.port, "GET", path)
        self.milliseconds.append((time.perf_counter() - begun) * 1000)
        if status != 200:
            raise Disagreement(f"{path} has status {status} while files are uploaded")
        time.sleep(_PAUSE)

    def read_until(self, end: threading.Event) -> None:
        number = 0
        while not end.is_set():
            self.read(number)
            number += 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the uploads, and how long a reader waited, in milliseconds."""

    before: list[float]
    during: list[float]
    answered: list[float]
    """Seconds until each sender had its job."""
    seconds: float
    """Until all zones of all sets were computed."""
    computed: int


@cache
def _outcome(scale: Scale) -> Outcome:
    side = 4_096 if scale == QUICK else SIDE
    territories = 109 if scale == QUICK else TERRITORIES
    with platform() as store:
        from django.test import override_settings

        with override_settings(PAGES_KEPT_MB=0):
            ingest(pair(side))
            paths = _territories(store, side, territories)
            token = _account()
            with _servers(store) as port:
                return _measured(port, token, paths, _files(side, UPLOADS, ZONES))


@contextmanager
def in_operation(scale: Scale) -> Iterator[tuple[int, str, Callable[[int, int], list[bytes]]]]:
    """A web server's port, an account's token, and what makes so many files of so many zones."""
    side = 4_096 if scale == QUICK else SIDE
    with platform() as store:
        ingest(pair(side))
        token = _account()
        with _servers(store) as port:
            yield port, token, partial(_files, side)


def reported(port: int, token: str, file: bytes) -> float:
    """Seconds from the sending of a file until its check has ended, and its zones are computed."""
    begun = time.perf_counter()
    _, location = _send(port, token, file)
    state = _CHECKING[0]
    while state in _CHECKING and time.perf_counter() - begun < PATIENCE:
        time.sleep(_PAUSE)  # oftener than a sender need ask
        _, _, body = _ask(port, "GET", location, Authorization=f"Bearer {token}")
        state = json.loads(body)["state"]
    took = time.perf_counter() - begun
    if state not in {"computing", "succeeded"}:
        raise Disagreement(f"the job is {state}")
    _followed(port, token, location)
    return took


def _measured(port: int, token: str, paths: list[str], files: list[bytes]) -> Outcome:
    reader = _Reader(port, paths)
    for number in range(READINGS):
        reader.read(number)
    # The first readings are those of processes that have just begun.
    before = reader.milliseconds[READINGS // 3 :]
    busy, end = _Reader(port, paths), threading.Event()
    with ThreadPoolExecutor(UPLOADS + 1) as threads:
        begun = time.perf_counter()
        reading = threads.submit(busy.read_until, end)
        try:
            sent = list(threads.map(lambda file: _send(port, token, file), files))
            jobs = [_followed(port, token, location) for _, location in sent]
        finally:
            seconds = time.perf_counter() - begun
            end.set()
        reading.result()
    lost = [job for job in jobs if job["state"] != "succeeded"]
    computed = sum(job["zones"]["done"] or 0 for job in jobs)
    if lost or len({job["id"] for job in jobs}) != len(files) or computed != len(files) * ZONES:
        raise Disagreement(f"{len(files)} uploads, {computed} zones computed; not done: {lost[:1]}")
    return Outcome(before, busy.milliseconds, [waited for waited, _ in sent], seconds, computed)


def _ask(
    port: int, method: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


def _send(port: int, token: str, file: bytes) -> tuple[float, str]:
    """Seconds until the answer, and where the job is."""
    begun = time.perf_counter()
    status, headers, body = _ask(
        port,
        "POST",
        "/api/v1/zones/",
        file,
        Authorization=f"Bearer {token}",
        Content_Type="application/geo+json",
    )
    if status != 202:
        raise Disagreement(f"an upload has status {status}: {body!r}")
    return time.perf_counter() - begun, headers["Location"]


def _followed(port: int, token: str, location: str) -> dict[str, Any]:
    """The job once it has ended, asked for as often as it says."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        status, headers, body = _ask(port, "GET", location, Authorization=f"Bearer {token}")
        if status != 200:
            raise Disagreement(f"{location} has status {status}: {body!r}")
        if "Retry-After" not in headers:
            return dict(json.loads(body))
        time.sleep(int(headers["Retry-After"]))
    raise Disagreement(f"{location} has not ended after {PATIENCE} s")


def _files(side: int, uploads: int, zones: int) -> list[bytes]:
    """Uploads of areas with wandering borders, each with areas of its own."""
    random = np.random.default_rng(20)
    to_degrees = pyproj.Transformer.from_crs("EPSG:3035", "OGC:CRS84", always_xy=True)
    turns = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    files = []
    for _ in range(uploads):
        features = []
        for number in range(zones):
            x, y = random.uniform(2_000, side * CELL - 2_000, 2)
            reach = random.uniform(600, 1_400, len(turns))
            ring = np.column_stack(
                (WEST + x + reach * np.cos(turns), NORTH - y + reach * np.sin(turns))
            )
            points = np.column_stack(to_degrees.transform(*ring.T)).round(7)
            area = shapely.geometry.mapping(shapely.Polygon(points))
            about = {"code": f"Z{number}", "name": f"Area {number}"}
            features.append({"type": "Feature", "properties": about, "geometry": area})
        files.append(json.dumps({"type": "FeatureCollection", "features": features}).encode())
    return files


def _territories(store: Path, side: int, count: int) -> list[str]:
    """Pages of the territories that are imported, counted and shown."""
    import pyogrio

    from clcplus.actions.territories import zones as zone_actions
    from clcplus.jobs import runner
    from clcplus.models import Run, Unit

    geometries = zones(count=count, side=side)
    codes = np.array([f"{n:05}" for n in range(count)], dtype=object)
    path = store / "territories.gpkg"
    pyogrio.raw.write(
        path,
        np.array(shapely.to_wkb(geometries), dtype=object),
        [codes, codes],
        ["code", "name"],
        geometry_type="Polygon",
        crs="EPSG:3035",
    )
    zone_actions.import_zones(
        paths=[path], level="commune", vintage=2024, code_field="code", name_field="name"
    )
    for run in Run.objects.filter(state=Run.State.QUEUED):
        for number in Unit.objects.filter(run=run).values_list("pk", flat=True):
            runner.work(run.kind, number)
        runner.finish(run.kind, run.pk)
    pages = [f"/territories/commune/{code}/" for code in codes[: READINGS - 3]]
    return ["/", "/ranking/commune/", "/editions/", *pages]


def _account() -> str:
    """The token of an account of staff."""
    from django.contrib.auth.models import User

    from clcplus.actions import api_tokens
    from clcplus.models.api_token import Scope

    owner = User.objects.create_user("benchmark", is_staff=True)
    _token, key = api_tokens.create(
        account=owner, name="benchmark", by="benchmark", scopes=Scope.values
    )
    return key


@contextmanager
def _servers(store: Path) -> Iterator[int]:
    """The port of a web server; a worker beside it."""
    from tests.workers import environment, worker

    known = {
        **environment(),
        "ALLOWED_HOSTS": "127.0.0.1",
        "STATIC_ROOT": str(store / "static"),
        "LOG_LEVEL": "WARNING",
        "PAGES_KEPT_MB": "0",
        "DEBUG": "0",
    }
    name, *options = commands.collect_static()
    subprocess.run([sys.executable, f"{name}.py", *options], env=known, cwd=ROOT, check=True)
    with (
        worker(log=FOLDER / "uploads-worker.log"),
        web_server(known, log=FOLDER / "uploads-web.log") as port,
    ):
        yield port


def readers(scale: Scale) -> Measured:
    """The median wait for a page while uploads are worked on, in times of that before."""
    found = _outcome(scale)
    value = median(found.during) / median(found.before)
    low, high = (
        float(np.percentile(found.during, share) / np.percentile(found.before, share))
        for share in (25, 95)
    )
    return Measured(
        value=value,
        low=min(low, value),
        high=max(high, value),
        seconds=f"before {_waits(found.before)}, during {_waits(found.during)} "
        f"({len(found.during)} pages); load {os.getloadavg()[0]:.1f}",
        agreement=f"every page had status 200; in brackets the ratios of the 25th and of the 95th "
        f"percentiles; {UPLOADS} of {UPLOADS} uploads computed",
    )


def uploads(scale: Scale) -> Measured:
    """Seconds until all zones of all uploads are computed."""
    found = _outcome(scale)
    return Measured(
        value=found.seconds,
        low=found.seconds,
        high=found.seconds,
        seconds=f"{UPLOADS} uploads of {ZONES} zones; answers after {min(found.answered):.2f} to "
        f"{max(found.answered):.2f} s",
        agreement=f"{found.computed} of {UPLOADS * ZONES} zones computed, no upload lost",
    )


def _waits(milliseconds: list[float]) -> str:
    return f"{median(milliseconds):.0f} / {np.percentile(milliseconds, 95):.0f} ms"


ROWS = (
    Row(
        name="uploads-readers",
        work="pages while 20 uploads sent at once are checked and computed, over the same "
        "pages before: median",
        required=at_most(2),
        aim=None,
        run=readers,
    ),
    Row(
        name="uploads-computed",
        work="20 uploads of 200 zones, sent at once: until the last zone is computed in two "
        "editions and their change, one reader beside",
        required=None,
        aim=None,
        run=uploads,
        unit="s",
    ),
)
