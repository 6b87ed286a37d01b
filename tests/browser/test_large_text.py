"""Letters twice as large, a window of 320 pixels, and the lists of the administration: nothing is
cut, and the page does not move sideways."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from clcplus.actions import audit
from clcplus.models import AuditEntry, Run, ZoneSet
from tests.browser.conftest import Tab
from tests.browser.staff import beside
from tests.world import World

pytestmark = pytest.mark.django_db

ACCOUNT = "anna.maria.kowalska-nowakowska@statistics.example.org"
PAGES = ["/", "/fr/", "/pl/", "/fr/ranking/commune/", "/pl/territories/commune/07001/"]


@pytest.fixture
def signed_in(tab_of: Any, site: str) -> Any:
    """Tabs of a superuser with a long name."""

    def session() -> str:
        user = User.objects.create_superuser(ACCOUNT, password="x")
        client = Client()
        client.force_login(user)
        return client.cookies[settings.SESSION_COOKIE_NAME].value

    cookie = beside(session)

    def make(**options: Any) -> Tab:
        tab: Tab = tab_of(**options)
        tab.page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": site}]
        )
        return tab

    yield make
    beside(lambda: User.objects.filter(username=ACCOUNT).delete())


def widths(tab: Tab) -> tuple[int, int]:
    found = tab.page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    return found[0], found[1]


@pytest.mark.parametrize("path", PAGES)
def test_the_header_holds_letters_twice_as_large(signed_in: Any, path: str) -> None:
    tab = signed_in(viewport={"width": 320, "height": 900})
    tab.open(path)
    tab.page.evaluate("document.documentElement.style.fontSize = '200%'")
    for width in (320, 390, 820, 1024, 1280, 1440):
        tab.page.set_viewport_size({"width": width, "height": 900})
        header_holds(tab, path)


def header_holds(tab: Tab, path: str) -> None:
    wide, window = widths(tab)
    header = tab.page.locator(".site-header")
    assert header.evaluate("element => element.scrollWidth") <= window
    cut = header.evaluate(
        """header => [...header.querySelectorAll("a, button, summary, input")]
        .filter(one => one.checkVisibility() && one.getBoundingClientRect().width > 1)
        .filter(one => { const box = one.getBoundingClientRect();
                         return box.right > innerWidth + 1 || box.left < -1; })
        .map(one => one.outerHTML.slice(0, 120))"""
    )
    assert cut == []
    if path.endswith("/") and path.count("/") <= 2:
        assert wide <= window


@pytest.mark.parametrize("size", [100, 200])
def test_the_menu_of_a_phone_is_not_cut(signed_in: Any, size: int) -> None:
    tab = signed_in(viewport={"width": 320, "height": 800})
    page = tab.open("/fr/method/")
    page.evaluate(f"document.documentElement.style.fontSize = '{size}%'")
    page.locator(".site-menu summary").click()
    box = page.locator(".site-menu ul").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 320
    out = page.locator(".site-menu").get_by_role("button", name="Déconnexion")
    assert out.is_visible()
    out.click()
    page.wait_for_url("**/fr/")
    assert ACCOUNT not in page.content()


LISTS = ["edition", "run", "unit", "zone", "zoneset", "zonebatch", "auditentry", "report", "layer"]


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_lists_of_the_administration(signed_in: Any, world: World, width: int) -> None:
    words = "A message of some length about what has happened to this run. " * 4

    def fill() -> list[Any]:
        user = User.objects.get(username=ACCOUNT)
        made: list[Any] = [
            Run.objects.create(kind="ingest", edition=world.editions[2021], message=words),
            audit.record(
                AuditEntry.Event.UPLOADED,
                subject=AuditEntry.Subject.ZONE_SET,
                key="0b6f1c4e-7d3a-4a51-9c52-27d2f8c6b8aa",
                name="x" * 80,
                by=ACCOUNT,
                **{"a" * 40: "b" * 180},
            ),
            ZoneSet.objects.create(
                id=uuid4(), name="z" * 80, owner=user, file_name="w" * 120, file_bytes=1
            ),
        ]
        return made

    made = beside(fill)
    try:
        tab = signed_in(viewport={"width": width, "height": 900})
        for name in LISTS:
            tab.open(f"/admin/clcplus/{name}/")
            wide, window = widths(tab)
            assert wide <= window, name
            results = tab.page.locator(".results")
            if width == 1440 and results.count():
                inner = results.evaluate("one => [one.scrollWidth, one.clientWidth]")
                assert inner[0] <= inner[1], name
        assert "Zone batches" in tab.page.content()
    finally:
        beside(lambda: [one.delete() for one in made])
