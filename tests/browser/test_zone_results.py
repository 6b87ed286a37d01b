"""Pages of sets of zones in a browser: accessible, no wider than a phone, and without errors."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from tests.browser.conftest import Tab
from tests.world import World
from tests.zone_sets.world import Sets, build_sets

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def sets(world: World, django_db_blocker: Any) -> Sets:
    """Committed, as the world is: the server has connections of its own."""
    with django_db_blocker.unblock():
        return build_sets(world)


@pytest.fixture(scope="module")
def session(sets: Sets, django_db_blocker: Any) -> str:
    """A session of the owner."""
    with django_db_blocker.unblock():
        client = Client()
        client.force_login(sets.owner)
        return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


def sign_in(tab: Tab, session: str) -> None:
    """Give a tab a session."""
    tab.page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": tab.address}]
    )


def violations(tab: Tab, axe: str) -> list[str]:
    """In light colours and in dark ones."""
    tab.page.evaluate(axe)
    found = []
    for scheme in ("light", "dark"):
        tab.page.emulate_media(color_scheme=scheme)
        for one in tab.page.evaluate("async () => (await axe.run()).violations"):
            found.append(f"{scheme}: {one['id']}: {one['nodes'][0]['html'][:200]}")
    return found


@pytest.mark.parametrize("width", [390, 1280])
def test_pages_are_accessible_and_fit(
    tab_of: Any, sets: Sets, session: str, axe: str, width: int
) -> None:
    tab = tab_of(viewport={"width": width, "height": 844})
    paths = [
        "/zones/",
        sets.published.get_absolute_url(),
        f"/territories/{sets.published.slug}/P1/",
        f"/ranking/{sets.published.slug}/",
    ]
    for path in paths:
        tab.open(path)
        assert violations(tab, axe) == [], path
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= width, path
    sign_in(tab, session)
    for path in ("/zones/", sets.private.get_absolute_url()):
        tab.open(path)
        assert violations(tab, axe) == [], path
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert tab.errors == []


def test_a_set_is_shared_by_its_link(tab: Tab, tab_of: Any, sets: Sets, session: str) -> None:
    sign_in(tab, session)
    page = tab.open(sets.private.get_absolute_url())
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_role("textbox", name="Share link").input_value()
    reader = tab_of()
    reader.page.goto(link)
    expect(reader.page.get_by_role("heading", level=1)).to_have_text(sets.private.name)
    reader.wait_for_map()
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("button", name="Make a link")).to_be_visible()
    answer = reader.page.reload()
    assert answer is not None
    assert answer.status == 404


def test_a_zone_found_over_the_map_leads_to_its_page(tab: Tab, sets: Sets) -> None:
    page = tab.open("/")
    page.get_by_role("combobox", name="Find a place").fill("Parc du Nord")
    page.get_by_role("option", name="Parc du Nord").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Parc du Nord")


def test_a_set_is_found_by_its_name(tab: Tab, sets: Sets) -> None:
    page = tab.open("/")
    page.get_by_role("combobox", name="Find a place").fill("Parcs aubrac")
    page.get_by_role("listbox").get_by_role("option", name="Parcs de l'Aubrac").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Parcs de l'Aubrac")


def test_the_map_of_the_home_page_shows_a_set(tab: Tab, sets: Sets) -> None:
    page = tab.open("/?layer=change")
    tab.wait_for_map()
    areas = page.get_by_role("combobox", name="Areas")
    expect(areas).to_have_value("")
    expect(areas.locator("optgroup option")).to_have_text(["Parcs de l'Aubrac"])
    with page.expect_response(lambda one: f"/tiles/territories/{sets.published.slug}/" in one.url):
        areas.select_option("Parcs de l'Aubrac")
    tab.wait_for_map()
    expect(page).to_have_url(re.compile(f"areas={sets.published.slug}"))
    expect(page.get_by_role("radio", name="Change", exact=True)).to_be_checked()
    expect(page.get_by_role("radio", name="Per inhabitant")).to_be_hidden()
    # A zone that is found lies on this map: it is gone to and outlined, not left for.
    page.get_by_role("combobox", name="Find a place").fill("Parc du Sud")
    page.get_by_role("listbox").get_by_role("option", name="Parc du Sud").click()
    chosen = page.get_by_role("region", name="Chosen place")
    expect(chosen.get_by_role("link", name="Parc du Sud")).to_be_visible()
    areas.select_option("Territories")
    tab.wait_for_map()
    expect(page).not_to_have_url(re.compile("areas=|place="))
    areas.select_option("Parcs de l'Aubrac")
    page.get_by_role("link", name="Page of this set").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Parcs de l'Aubrac")
