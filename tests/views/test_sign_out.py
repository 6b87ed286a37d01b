"""Signing in and out from every page, and the name of the account."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests.views.test_pages import SAINT_ELIE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]

PAGES = ["/", SAINT_ELIE, "/zones/", "/ranking/commune/", "/method/", "/fr/method/"]
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


@pytest.fixture
def reader() -> Client:
    """An account of staff whose forms need their token."""
    get_user_model().objects.create_user("anna.nowak", password="x", is_staff=True)
    client = Client(enforce_csrf_checks=True)
    client.login(username="anna.nowak", password="x")
    return client


def header(page: str) -> str:
    return page[page.index("<header") : page.index("</header>")]


@pytest.mark.parametrize("path", PAGES)
def test_each_page_names_the_account_and_signs_out(reader: Client, path: str) -> None:
    found = header(reader.get(path).content.decode())
    # In the menu of narrow screens and beside the search of wide ones.
    assert found.count("anna.nowak") == 2
    assert found.count("sign-out/") == 2
    assert "/admin/login/" not in found


@pytest.mark.parametrize("path", PAGES)
def test_who_is_not_signed_in_finds_the_way(client: Client, path: str) -> None:
    found = header(client.get(path).content.decode())
    assert f'href="/admin/login/?next={path}"' in found
    assert "csrfmiddlewaretoken" not in found


def test_signing_out_by_the_form(reader: Client) -> None:
    page = reader.get(SAINT_ELIE).content.decode()
    token = TOKEN.search(page)
    assert token is not None
    assert reader.get("/sign-out/").status_code == 405
    assert reader.post("/sign-out/").status_code == 403
    assert "anna.nowak" in reader.get("/").content.decode()
    gone = reader.post("/sign-out/", {"csrfmiddlewaretoken": token[1]})
    assert (gone.status_code, gone["Location"]) == (302, "/")
    assert "anna.nowak" not in reader.get("/").content.decode()


def test_signing_out_does_not_lead_elsewhere(reader: Client) -> None:
    token = TOKEN.search(reader.get("/").content.decode())
    assert token is not None
    sent = {"csrfmiddlewaretoken": token[1], "next": "https://example.org/"}
    assert reader.post("/sign-out/", sent)["Location"] == "/"


def test_a_page_with_an_old_token_is_not_kept(reader: Client) -> None:
    """Whoever signs in again has another secret: the form of an older page would be refused."""
    before = reader.get(SAINT_ELIE)
    reader.logout()
    reader.login(username="anna.nowak", password="x")
    again = reader.get(SAINT_ELIE, headers={"If-None-Match": before["ETag"]})
    assert again.status_code == 200
    token = TOKEN.search(again.content.decode())
    assert token is not None
    assert reader.post("/sign-out/", {"csrfmiddlewaretoken": token[1]}).status_code == 302
