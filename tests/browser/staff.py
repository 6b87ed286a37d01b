"""What tests of uploads in a browser share: an account of staff, and work beside the browser."""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pyproj
import pytest
import shapely
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client
from playwright.sync_api import Page

from clcplus.jobs import runner
from clcplus.models import AuditEntry, Layer, Level, Run, Zone, ZoneSet
from tests.browser.conftest import Tab
from tests.world import SOUTH, WEST

SET = re.compile(r"/zones/[0-9a-f-]{36}/(\?.*)?$")


def beside(work: Callable[[], Any]) -> Any:
    """What some work gives in a thread of its own, committed: the browser's loop is in this one."""
    given: list[Any] = []

    def run() -> None:
        try:
            given.append(work())
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert given, "the work has failed: see above"
    return given[0]


@pytest.fixture
def signed_in(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """A tab of an account of staff; checks are left to the test."""
    monkeypatch.setattr("clcplus.jobs.queue.send", lambda *_, **__: None)
    name = f"staff-{uuid.uuid4().hex[:8]}"

    def sign_in() -> str:
        user = User.objects.create_user(name, is_staff=True)
        client = Client()
        client.force_login(user)
        return client.cookies[settings.SESSION_COOKIE_NAME].value

    session = beside(sign_in)
    tab.page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": tab.address}]
    )
    yield tab.page

    def clear() -> bool:
        Run.objects.filter(kind="zones").delete()
        ZoneSet.objects.all().delete()
        Zone.objects.filter(layer__level__custom=True).delete()
        Layer.objects.filter(level__custom=True).delete()
        Level.objects.filter(custom=True).delete()
        AuditEntry.objects.all().delete()
        User.objects.filter(username=name).delete()
        return True

    beside(clear)


def check(page: Page) -> None:
    """Do what the worker does with the set of this page."""
    number = SET.search(page.url)
    assert number is not None
    beside(lambda: runner.work("upload", uuid.UUID(page.url.split("/zones/")[1][:36])))


def lambert(x: float, y: float) -> Any:
    """A square of the small world in Lambert-93."""
    moved = pyproj.Transformer.from_crs("EPSG:3035", "EPSG:2154", always_xy=True)
    box = shapely.box(WEST + x, SOUTH + y, WEST + x + 500, SOUTH + y + 500)
    return shapely.transform(box, lambda points: [moved.transform(*one) for one in points.tolist()])
