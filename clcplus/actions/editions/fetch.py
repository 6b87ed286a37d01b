"""Editions fetched from the services of Copernicus: requested, fetched by a worker, registered."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import reduce
from pathlib import Path
from typing import Any

import shapely
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from pyproj import Transformer

from analytics.grid import CELL_SIZE, EPSG, Y_ORIGIN, Window, window_of_bounds
from analytics.products import valid_codes
from analytics.rasters import Source
from clcplus.actions.editions import registration
from clcplus.actions.territories.named_zone import territories_named
from clcplus.errors import UnknownLevel
from clcplus.jobs import runs
from clcplus.jobs.kinds import Attempt
from clcplus.jobs.runs import Progress
from clcplus.jobs.states import ENDED_EARLY, OPEN
from clcplus.models import Run
from clcplus.sources import archives, image_server
from clcplus.sources.area import AreaFetch, fetch_area
from clcplus.sources.client import Client
from clcplus.sources.download_api import FINISHED, DownloadApi, ServiceKey
from clcplus.sources.downloads import download
from clcplus.sources.errors import AccessRefused, OrderFailed, SourceError

PRODUCT = "clcplus"
IMAGE_SERVER = "image-server"
DOWNLOAD_API = "download-api"
SOURCES = (IMAGE_SERVER, DOWNLOAD_API)
POLL_SECONDS = 10.0
POLLS = 60
"""Times that a worker asks for an order; after that the schedule comes back to the job."""
_GIGABYTE = 1_000_000_000
_GRID = Window(0, 0, Y_ORIGIN // CELL_SIZE, Y_ORIGIN // CELL_SIZE)
"""All cells of the grid: those of tiles with a name."""
_TO_DEGREES = Transformer.from_crs(EPSG, 4326, always_xy=True)
_FROM_DEGREES = Transformer.from_crs(4326, EPSG, always_xy=True)


def usual_source(year: int) -> str:
    """The source of a reference year: the one without a login, where it has the year."""
    return IMAGE_SERVER if year in image_server.YEARS else DOWNLOAD_API


def window_of_degrees(bounds: tuple[float, float, float, float]) -> Window:
    """The cells of a rectangle given in degrees: west, south, east, north."""
    return window_of_bounds(*_FROM_DEGREES.transform_bounds(*bounds, densify_pts=21))


def window_of_zones(names: str) -> Window:
    """The cells of a rectangle round zones. Raises UnknownLevel, also where none of them lies in
    the grid, as overseas territories do not."""
    windows = [window_of_bounds(*zone.geometry.extent) for zone in territories_named(names)]
    inside = [window for window in windows if window.intersection(_GRID) is not None]
    if not inside:
        raise UnknownLevel(names, found="no cell of the grid", expected="territories within Europe")
    return reduce(Window.union, inside)


def download_api(client: Client) -> DownloadApi:
    """The download API with the configured key. Raises AccessRefused where there is none."""
    return DownloadApi(client, _key(), root=settings.DOWNLOAD_API_URL)


def request_fetch(
    *,
    year: int,
    zone: str = "",
    window: Window | None = None,
    source: str = "",
    publish: bool = False,
    by: Any = None,
) -> Run:
    """Queue the fetch of an edition over a window of cells, or over zones: ``level:code``,
    ``level:*`` for all of a level, or several, parted by commas.

    The same request that is under way or was not finished is taken up. Raises UnknownLevel for a
    zone that is not loaded, and AccessRefused for a service that needs a key which is not
    configured.
    """
    parameters = _parameters(year=year, zone=zone, window=window, source=source)
    if parameters["source"] == DOWNLOAD_API:
        _key()
    earlier = _same(parameters).filter(state__in=(*OPEN, *ENDED_EARLY)).first()
    if earlier is None:
        return runs.start(
            Run(
                kind=Run.Kind.FETCH,
                requested_by=by,
                publish=publish,
                message="waiting for a worker",
                parameters=parameters,
            )
        )
    if publish:
        Run.objects.filter(pk=earlier.pk).update(publish=True)
    if earlier.state in ENDED_EARLY:
        runs.resume(earlier)
    earlier.refresh_from_db()
    return earlier


def finished_fetch(*, year: int, zone: str = "", window: Window | None = None) -> Run | None:
    """The last run that has fetched an edition over a zone or a window from its usual source."""
    parameters = _parameters(year=year, zone=zone, window=window, source="")
    return _same(parameters).filter(state=Run.State.SUCCEEDED).first()


def _parameters(*, year: int, zone: str, window: Window | None, source: str) -> dict[str, Any]:
    """What identifies a request."""
    if zone:
        window = window_of_zones(zone)
    if window is None:
        raise ValueError("a zone or a window")
    return {
        "product": PRODUCT,
        "year": year,
        "source": source or usual_source(year),
        "zone": zone,
        "window": asdict(window),
    }


def _same(parameters: dict[str, Any]) -> QuerySet[Run]:
    return Run.objects.filter(kind=Run.Kind.FETCH, parameters__contains=parameters)


def work(attempt: Attempt) -> bool:
    """Fetch what a run asks for, and register it. Raises SourceError, RasterError and EndedRun.

    What was fetched stays in the folder of the request: a further attempt continues.
    """
    run = Run.objects.get(pk=attempt.number)
    progress = Progress(run)
    client = Client(trusted=frozenset(settings.SOURCE_HOSTS))
    by_source = {IMAGE_SERVER: _from_image_server, DOWNLOAD_API: _from_download_api}
    paths = by_source[run.parameters["source"]](run, progress, client)
    if paths is None:
        return False
    of_edition = {"product": run.parameters["product"], "year": run.parameters["year"]}
    cells = _window(run).cells
    sources = registration.check_sources(
        paths=paths,
        say=lambda name, *_: progress.note(cells - 1, cells, message=f"checking {name}"),
        **of_edition,
    )
    _check_covered(run, sources)
    with transaction.atomic():
        return registration.end_with_ingest(run, sources=sources, **of_edition) is not None


def folder_of(run: Run) -> Path:
    """The folder of what a request fetches; the same request again finds it."""
    wanted = run.parameters
    request = {name: wanted[name] for name in ("product", "year", "source", "zone", "window")}
    digest = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
    inbox: Path = settings.CLCPLUS_INBOX
    return inbox / "fetched" / f"{wanted['product']}-{wanted['year']}-{digest[:16]}"


def _from_image_server(run: Run, progress: Progress, client: Client) -> list[Path]:
    year = run.parameters["year"]
    url = image_server.service_url(year, root=settings.IMAGE_SERVER_URL)
    fetch = AreaFetch(
        client=client,
        service=image_server.describe(client, url),
        area=_window(run),
        needed=_needed(run),
        codes=valid_codes(run.parameters["product"], year),
        folder=folder_of(run),
        connections=settings.SOURCE_CONNECTIONS,
    )
    if not fetch.windows():
        raise SourceError(url, found="no cell of the area", expected="an area that it covers")
    return fetch_area(
        fetch, progress=lambda done, total: progress.go_on(done, total, message="fetching")
    )


def _from_download_api(run: Run, progress: Progress, client: Client) -> list[Path] | None:
    api = download_api(client)
    folder = folder_of(run)
    archive = folder / "archive.zip"
    cells = _window(run).cells
    most_bytes = settings.FETCH_GIGABYTES * _GIGABYTE
    if not archive.exists():
        url = _finished_order(run, progress, api)
        if url is None:
            return None
        download(
            client,
            url,
            archive,
            begins=(b"PK",),
            most_bytes=most_bytes,
            progress=lambda done, total: progress.go_on(
                cells * done // max(done, total) - 1, cells, message="downloading"
            ),
        )
    return archives.unpack(
        archive, folder / "rasters", suffixes=archives.RASTERS, most_bytes=most_bytes
    )


def _finished_order(run: Run, progress: Progress, api: DownloadApi) -> str | None:
    """Address of the archive of the run's order; None while it is not ready."""
    task = run.parameters.get("task")
    if not task:
        dataset = api.dataset_of(run.parameters["year"])
        bounds = _TO_DEGREES.transform_bounds(*_window(run).bounds, densify_pts=21)
        task = api.order(dataset, bounds=bounds)
        _note_task(run, task)
    for _ in range(POLLS):
        try:
            order = api.state_of(task)
        except OrderFailed:
            # A further attempt orders anew.
            _note_task(run, "")
            raise
        if order.state == FINISHED:
            return order.url
        progress.go_on(
            0, _window(run).cells, message=f"order {task} at the service: {order.state}"[:400]
        )
        time.sleep(POLL_SECONDS)
    # Waiting is no failed attempt, and holds no worker.
    Run.objects.filter(pk=run.pk).update(attempts=0)
    return None


def _note_task(run: Run, task: str) -> None:
    run.parameters["task"] = task
    run.save(update_fields=("parameters",))


def _key() -> ServiceKey:
    if settings.CLMS_KEY_FILE is None:
        raise AccessRefused(
            "CLMS_KEY_FILE",
            found="nothing",
            expected="the file of a service key",
            hint="Create a key in the profile of an account at land.copernicus.eu",
        )
    return ServiceKey.from_file(settings.CLMS_KEY_FILE)


def _window(run: Run) -> Window:
    return Window(**run.parameters["window"])


def _needed(run: Run) -> Callable[[Window], bool]:
    """Whether a window holds a part of what the run asks for."""
    if not run.parameters["zone"]:
        return lambda window: True
    zones = territories_named(run.parameters["zone"])
    shapes = shapely.STRtree([shapely.from_wkb(bytes(zone.geometry.wkb)) for zone in zones])

    def needed(window: Window) -> bool:
        return len(shapes.query(shapely.box(*window.bounds), predicate="intersects")) > 0

    return needed


def _check_covered(run: Run, sources: list[Source]) -> None:
    """Raise SourceError where the service sent another place than was asked for."""
    wanted = _window(run)
    if not any(source.window.intersection(wanted) for source in sources):
        raise SourceError(
            run.parameters["source"],
            found="rasters of another place",
            expected=f"rasters within {wanted.bounds} (EPSG:{EPSG})",
        )
