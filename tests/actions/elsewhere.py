"""A server with editions of several years, and a platform that refreshes itself from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from django.test import override_settings
from django.utils import timezone

from analytics.grid import window_of_bounds
from clcplus.models import Publication
from clcplus.sources import windows
from clcplus.sources.client import Client, Pace
from tests.region import NORTH, SIDE, WEST
from tests.sources.image_service import ImageService
from tests.sources.misbehaviour import Reply, Request, Served, served

AREA = window_of_bounds(WEST, NORTH - 10 * SIDE, WEST + 10 * SIDE, NORTH)


class Elsewhere:
    """An ImageServer with an edition of each year."""

    def __init__(self, editions: dict[int, np.ndarray]) -> None:
        self.editions = {year: ImageService(codes, AREA) for year, codes in editions.items()}

    def __call__(self, request: Request) -> Reply:
        years = tuple(self.editions)
        for year, service in self.editions.items():
            service.years = years
            if f"_{year}_" in request.path:
                return service(request)
        return next(iter(self.editions.values()))(request)


@contextmanager
def refreshing(there: Elsewhere, *, inbox: Path) -> Iterator[tuple[Elsewhere, Served]]:
    """The platform asks this server, by small windows and without pauses, and sends mail."""
    client = partial(Client, pace=Pace(pause_seconds=0.001))
    with (
        pytest.MonkeyPatch.context() as patch,
        served(there) as server,
        override_settings(
            IMAGE_SERVER_URL=server.url,
            SOURCE_HOSTS=(server.host,),
            CLCPLUS_INBOX=inbox,
            CLMS_KEY_FILE=None,
            NOTIFY_MAIL=("operators@sealing.example",),
            SITE_URL="https://sealing.example",
        ),
    ):
        patch.setattr(windows, "SIDE", 25)
        for module in ("editions.fetch", "refresh.offers"):
            patch.setattr(f"clcplus.actions.{module}.Client", client)
        yield there, server


def aged(days: int) -> None:
    """The platform has published all for so many days."""
    Publication.objects.update(at=timezone.now() - timedelta(days=days))


def due_day(days_ago: int) -> tuple[int, int]:
    """Month and day so many days ago; none that only some years or months have."""
    day = timezone.now() - timedelta(days=days_ago)
    return day.month, min(day.day, 28)
