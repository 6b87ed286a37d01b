"""Pages of other sites that read the API with a token (CORS): what the preflight allows is answered
to be read, refusals and redirects too; a session opens nothing to them."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from clcplus.actions import api_tokens
from clcplus.models import Run
from clcplus.models.api_token import Scope
from tests.world import World

pytestmark = pytest.mark.django_db

PAGE = {"Origin": "https://a.test"}
NOWHERE = uuid.UUID(int=0)
READ = ["/api/v1/zones/", "/api/v1/statistics/?level=commune", "/api/v1/editions/"]


@pytest.fixture(autouse=True)
def _world(world: World) -> None:
    """Every test has the world."""
    cache.clear()


@pytest.fixture
def owner() -> User:
    return User.objects.create_superuser("owner")


@pytest.fixture
def token(owner: User) -> dict[str, str]:
    key = api_tokens.create(account=owner, name="tests", by="tests", scopes=Scope.values)[1]
    return {**PAGE, "Authorization": f"Bearer {key}"}


def names(response: Any, header: str) -> set[str]:
    return {name.strip().lower() for name in response[f"Access-Control-{header}"].split(",")}


def asked_before(path: str, method: str = "GET") -> Any:
    """The preflight of a browser: it has neither the token nor a cookie."""
    asked = {
        **PAGE,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization",
    }
    response = Client(enforce_csrf_checks=True).options(path, headers=asked)
    assert 200 <= response.status_code < 300
    assert response["Access-Control-Allow-Origin"] == "*"
    # The star does not stand for it (Fetch, section 4.9).
    assert "authorization" in names(response, "Allow-Headers")
    assert "Access-Control-Allow-Credentials" not in response
    return response


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api/v1/zones/", {"get", "head", "options", "post"}),
        (f"/api/v1/zones/{NOWHERE}/", {"get", "head", "options", "patch", "delete"}),
        (f"/api/v1/zones/{NOWHERE}/report/", {"get", "head", "options"}),
        (f"/api/v1/jobs/{NOWHERE}/", {"get", "head", "options", "post", "delete"}),
        ("/api/v1/statistics/", {"get", "head", "options", "post"}),
        ("/api/v1/change/", {"get", "head", "options"}),
        ("/tiles/editions/clcplus-2021.json", {"get", "head", "options"}),
        ("/api/v1/zones", {"get", "head", "options", "post"}),
    ],
)
def test_the_preflight_names_what_is_allowed(path: str, methods: set[str]) -> None:
    assert names(asked_before(path), "Allow-Methods") == methods


def test_what_is_read_with_a_token_can_be_read(token: dict[str, str]) -> None:
    run = Run.objects.create(kind=Run.Kind.ZONES, state=Run.State.RUNNING)
    for path in (*READ, f"/api/v1/jobs/{run.pk}/"):
        response = Client().get(path, headers=token)
        response.getvalue()
        assert response.status_code == 200
        assert response["Access-Control-Allow-Origin"] == "*", path
        exposed = {"etag", "link", "location", "retry-after", "content-disposition"}
        assert exposed <= names(response, "Expose-Headers")


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/docs/",
        "/api/v1/schema/",
        "/.well-known/security.txt",
        "/tiles/territories/commune.json",
        "/territories/commune/07001/tables/change.csv",
        "/ranking/commune/table.csv",
    ],
)
def test_what_a_preflight_lets_be_asked_can_be_read(path: str) -> None:
    asked_before(path)
    response = Client().get(path, headers=PAGE)
    response.getvalue()
    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == "*"


def test_what_is_not_public_stays_with_its_reader(token: dict[str, str]) -> None:
    response = Client().get("/api/v1/zones/", headers=token)
    assert response["Cache-Control"] == "private, no-store"
    assert {"Authorization", "Cookie"} <= set(response["Vary"].split(", "))


def test_refusals_can_be_read(token: dict[str, str]) -> None:
    wrong = {**PAGE, "Authorization": "Bearer wrong"}
    told = {
        401: Client().get("/api/v1/zones/", headers=wrong),
        404: Client().get(f"/api/v1/jobs/{NOWHERE}/", headers=token),
        405: Client().put("/api/v1/zones/", headers=token),
        406: Client().get("/api/v1/zones/", headers={**token, "Accept": "image/png"}),
        415: Client().post("/api/v1/zones/", "x", "text/plain", headers=token),
        400: Client().get("/api/v1/zones/?page=0", headers=token),
    }
    for number in range(21):
        told[429] = Client().get(
            "/api/v1/zones/", headers={**PAGE, "Authorization": f"Bearer g-{number}"}
        )
    for status, response in told.items():
        assert response.status_code == status
        assert response["Access-Control-Allow-Origin"] == "*", status
        assert "retry-after" in names(response, "Expose-Headers"), status


def test_not_modified_and_redirects_can_be_read(token: dict[str, str]) -> None:
    first = Client().get("/api/v1/editions/", headers=token)
    again = Client().get("/api/v1/editions/", headers={**token, "If-None-Match": first["ETag"]})
    moved = Client().post("/api/v1/zones", "{}", "application/json", headers=token)
    assert (again.status_code, moved.status_code) == (304, 308)
    for response in (again, moved):
        assert response["Access-Control-Allow-Origin"] == "*"
        assert "etag" in names(response, "Expose-Headers")


def test_a_session_opens_nothing_to_other_sites(owner: User) -> None:
    client = Client(headers=PAGE)
    client.force_login(owner)
    for headers in ({}, {"Authorization": "Basic eDp5"}):
        response = client.get("/api/v1/zones/", headers=headers)
        assert response.status_code == 200
        assert "Access-Control-Allow-Origin" not in response
