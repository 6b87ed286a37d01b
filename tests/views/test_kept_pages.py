"""Pages kept in the process: the same bytes, and never another reader's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth import get_user_model
from django.test import Client, override_settings

from clcplus.compressed import Compressed
from clcplus.models import Publication
from clcplus.views.published import KeptPages, pages
from tests.statements import counted
from tests.views.test_pages import SAINT_ELIE
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _kept(world: World) -> Iterator[None]:
    """Every test has the world, and keeps pages."""
    pages.clear()
    with override_settings(PAGES_KEPT_MB=1):
        yield
    pages.clear()


@pytest.mark.parametrize("coding", ["", "gzip"])
def test_a_kept_page_is_the_page(client: Client, coding: str) -> None:
    with override_settings(PAGES_KEPT_MB=0):
        plain = client.get(SAINT_ELIE)
    headers = {"Accept-Encoding": coding}
    first, again = (client.get(SAINT_ELIE, headers=headers) for _ in range(2))
    assert again.content == first.content
    assert first.get("Content-Encoding", "") == coding
    assert "Accept-Encoding" in again["Vary"]
    assert again["ETag"].removeprefix("W/") == plain["ETag"].removeprefix("W/")
    if not coding:
        assert again.content == plain.content


def test_a_kept_page_takes_one_statement(client: Client) -> None:
    client.get(SAINT_ELIE)
    with counted() as sent:
        assert client.get(SAINT_ELIE).status_code == 200
    assert len(sent) == 1


def test_languages_and_hosts_have_pages_of_their_own(client: Client) -> None:
    english = client.get(SAINT_ELIE).content
    assert b"http://testserver/" in english
    assert client.get(f"/fr{SAINT_ELIE}").content != english
    with override_settings(ALLOWED_HOSTS=["other.example", "testserver"]):
        page = client.get(SAINT_ELIE, headers={"Host": "other.example"}).content.decode()
    assert "http://other.example/" in page
    assert "testserver" not in page


def test_who_is_signed_in_has_a_page_of_their_own(client: Client) -> None:
    client.get("/")
    get_user_model().objects.create_superuser("staff", password="x")
    client.login(username="staff", password="x")
    assert b"Administration" in client.get("/").content
    assert b"Administration" not in Client().get("/").content


@pytest.mark.django_db(transaction=True)
def test_a_publication_makes_pages_anew(client: Client) -> None:
    client.get("/")
    Publication.objects.create(event="published", subject="again")
    with counted() as sent:
        client.get("/")
    assert len(sent) > 1


def test_the_longest_unasked_goes_first() -> None:
    kept = KeptPages(most_bytes=100)
    for name in "abc":
        kept.put(name, Compressed(b"x" * 40, "text/html"))
        kept.get("a")
    assert [kept.get(name) is not None for name in "abc"] == [True, False, True]
