"""Real data of one area: its boundaries, and the editions that are fetched over it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from analytics.files import printable
from analytics.grid import Window, window_of_bounds
from clcplus.actions.editions import fetch, publication, tile_plans
from clcplus.actions.editions.bounds import bounds_of
from clcplus.actions.territories.boundaries import Choice
from clcplus.actions.territories.boundary_request import finished_import, request_boundaries
from clcplus.actions.territories.presets import (
    LAU_ADDRESS,
    NUTS_ADDRESS,
    PRESETS,
    department_addresses,
    vintage_of,
)
from clcplus.errors import UnknownArea
from clcplus.jobs import runs
from clcplus.jobs.states import ENDED_EARLY
from clcplus.models import Edition, Layer, Run
from clcplus.sources import addresses, image_server
from clcplus.sources.boundary_files import is_address
from clcplus.sources.client import Client, Pace

YEARS = tuple(sorted(image_server.YEARS, reverse=True))
"""The latest first: the coast of 2021 is masked out of 2018."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """An area whose data are loaded, and the files of its boundaries."""

    zone: str = ""
    window: Window | None = None
    files: tuple[str, ...]

    @property
    def choice(self) -> Choice:
        """The zones that are imported."""
        return Choice(zone=self.zone, window=self.window)


def read_area(text: str, *, files: Sequence[str] = ()) -> Area:
    """The area that a person names: ``departement:38``, ``nuts:FRK24``, ``bbox:W,S,E,N``; with
    ``files`` of boundaries also another ``level:code`` of theirs. Raises UnknownArea."""
    kind, _, rest = text.partition(":")
    if kind == "bbox":
        window = fetch.window_of_degrees(bounds_of(rest))
        return Area(window=window, files=tuple(files) or (LAU_ADDRESS,))
    if kind == "nuts" and re.fullmatch(r"[A-Z]{2}[A-Z0-9]{0,3}", rest):
        zone = f"nuts{len(rest) - 2}:{rest}"
        return Area(zone=zone, files=tuple(files) or (NUTS_ADDRESS, LAU_ADDRESS))
    if kind == "departement" and not files:
        return Area(zone=text, files=department_addresses(rest))
    if files and re.fullmatch(r"[a-z][a-z0-9_-]*:[^\s:]+", text):
        return Area(zone=text, files=tuple(files))
    raise UnknownArea(
        "AREA",
        found=printable(text)[:80] or "nothing",
        expected="departement:38, nuts:FRK24 or bbox:WEST,SOUTH,EAST,NORTH",
        hint="" if files else "Other zones need the file or address of their boundaries",
    )


def check_sources(area: Area) -> None:
    """Raise SourceError now, not after minutes, where a service that is needed cannot be asked."""
    trusted = frozenset(settings.SOURCE_HOSTS)
    if finished_import(files=area.files, choice=area.choice) is None:
        for file in filter(is_address, area.files):
            addresses.resolve(file, trusted=trusted)
    client = Client(trusted=trusted, pace=Pace(tries=2))
    for year in YEARS:
        url = image_server.service_url(year, root=settings.IMAGE_SERVER_URL)
        image_server.describe(client, url)


def is_loaded(area: Area) -> bool:
    """Whether there is nothing left to load."""
    imported = finished_import(files=area.files, choice=area.choice)
    if imported is None:
        return False
    for year in YEARS:
        run = fetch.finished_fetch(year=year, zone=area.zone, window=_window(area, imported))
        # One that was withdrawn or superseded is not brought back.
        shown = (Edition.Status.PUBLISHED, *tile_plans.REPLACED)
        if run is None or not Edition.objects.filter(runs=run, status__in=shown).exists():
            return False
    return True


def request_zones(area: Area, *, vintage: int | None = None) -> Run:
    """The import of the area's boundaries, which is queued unless it was done."""
    run = finished_import(files=area.files, choice=area.choice)
    if run is not None:
        return run
    year = vintage or vintage_of(area.files)
    if year is None and all(is_address(file) for file in area.files):
        # A service gives what is valid now.
        year = timezone.now().year
    return request_boundaries(
        files=area.files, presets=list(PRESETS), vintage=year, choice=area.choice
    )


def request_edition(area: Area, *, year: int, imported: Run) -> Run:
    """The fetch of an edition over the area, which is queued unless it was done."""
    window = _window(area, imported)
    run = fetch.finished_fetch(year=year, zone=area.zone, window=window)
    if run is None:
        run = fetch.request_fetch(year=year, zone=area.zone, window=window, publish=True)
    return run


def ingest_of(fetched: Run) -> Run:
    """The ingest of what a run has fetched; taken up if it had ended early."""
    run = Run.objects.select_related("edition").get(pk=fetched.parameters["ingest"])
    if run.state in ENDED_EARLY:
        runs.resume(run)
        run.refresh_from_db()
    return run


def publish(ingest: Run) -> Edition:
    """The edition of an ingest that has ended, published if it was not yet."""
    edition = Edition.objects.get(runs=ingest)
    if edition.status == Edition.Status.LOADED:
        publication.publish_edition(slug=edition.slug)
        edition.refresh_from_db()
    return edition


def _window(area: Area, imported: Run) -> Window | None:
    """The cells of the zones that were imported for a window: they lie in it with a part alone."""
    if area.window is None:
        return None
    layers = Layer.objects.filter(pk__in=imported.parameters["layers"])
    (extent,) = [layer.extent for layer in layers]
    assert extent is not None
    return window_of_bounds(*extent.extent)
