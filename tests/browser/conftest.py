"""A live server over the small world, and a browser. Skipped, with the reason, without Chromium."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import override_settings
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from clcplus.database import read_side
from tests.browser.chromium import EXECUTABLE, launch
from tests.world import World, world

__all__ = ["world"]

ROOT = Path(__file__).resolve().parent.parent.parent
BUILT = ROOT / "clcplus" / "static" / "build" / "map.js"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE_MS = 30_000
"""A failure, not a measure: other tests may keep the cores busy."""
expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def site(
    world: World, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a server over the committed world. It does not empty the database after each
    test, as pytest-django's fixture does."""
    skip_without_browser()
    with (
        override_static(tmp_path_factory.mktemp("static")),
        django_db_blocker.unblock(),
        served() as address,
    ):
        yield address


def skip_without_browser() -> None:
    """Skip a test whose browser or front-end files are not there."""
    if not EXECUTABLE.exists():
        pytest.skip(f"Chromium is not at {EXECUTABLE}")
    if not BUILT.exists():
        pytest.skip("the front-end files are not built: python -m ops.frontend")


@contextmanager
def served() -> Iterator[str]:
    """The address of a server over the database as it is."""
    server = LiveServer("127.0.0.1")
    yield server.url
    server.stop()
    wait_for_readers()


@pytest.fixture(scope="module")
def browser(site: str) -> Iterator[Browser]:
    """One browser a module, ended with it: Playwright's loop occupies this thread, beside which
    Django's ORM refuses to run unless it is told that this is meant."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        started = launch(playwright)
        yield started
        started.close()
        # The one that the tests' transactions were opened on, beside the loop.
        connections.close_all()


def wait_for_readers(seconds: float = 10) -> None:
    """Until the last request has given its connection back: tiles are asked for to the very end."""
    until = time.monotonic() + seconds
    while read_side.engine().pool.checkedout() and time.monotonic() < until:
        time.sleep(0.05)


def override_static(folder: Path) -> Any:
    """Settings under which style sheets and scripts come from their sources."""
    return override_settings(
        STATIC_ROOT=folder,
        RASTER_STORE=str(folder),
        STORAGES={
            **settings.STORAGES,
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        },
    )


class Tab:
    """A page of the browser, and what went wrong in it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.errors: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on(
            "console",
            lambda message: self.errors.append(message.text) if message.type == "error" else None,
        )

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.address}{path}")
        return self.page

    def wait_for_map(self) -> None:
        self.page.wait_for_selector('[data-config][data-state="ready"]')


def context(browser: Browser, **options: Any) -> BrowserContext:
    return browser.new_context(
        **{"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce", **options}
    )


@pytest.fixture
def tab(browser: Browser, site: str) -> Iterator[Tab]:
    """A tab; a test that leaves errors in its console fails."""
    opened = context(browser)
    made = Tab(opened.new_page(), site)
    yield made
    opened.close()
    assert made.errors == []


@pytest.fixture
def tab_of(browser: Browser, site: str) -> Iterator[Any]:
    """Tabs with options of their own: colour scheme, width, without JavaScript."""
    opened: list[BrowserContext] = []

    def make(**options: Any) -> Tab:
        opened.append(context(browser, **options))
        return Tab(opened[-1].new_page(), site)

    yield make
    for one in opened:
        one.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The accessibility rules of axe-core."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed: npm ci")
    return AXE.read_text(encoding="utf-8")
