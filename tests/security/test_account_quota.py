"""Who has an account has its quota, by session and by token alike; answers stay apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from clcplus.actions import api_tokens
from clcplus.models.api_token import Scope
from tests.world import World, world

__all__ = ["world"]
pytestmark = pytest.mark.django_db

STATISTICS = "/api/v1/statistics/"
BULK = (
    f"{STATISTICS}?level=commune&format=csv",
    "/territories/commune/07001/shape.gpkg",
    "/ranking/commune/table.csv",
    "/territories/commune/07001/charts/share.png",
)


@pytest.fixture(autouse=True)
def _rates(world: World, settings: Any) -> Iterator[None]:
    cache.clear()
    settings.DOWNLOADS_PER_MINUTE = 1
    settings.POSTED_ZONES_PER_MINUTE = 1
    settings.POSTED_ZONES_PER_MINUTE_SIGNED_IN = 3
    yield
    cache.clear()


@pytest.fixture
def key() -> str:
    user = User.objects.create_user("reader")
    return api_tokens.create(account=user, name="tests", by="tests", scopes=Scope.values)[1]


def get(client: Client, path: str) -> Any:
    response = client.get(path)
    response.getvalue()
    return response


def post(client: Client, **more: Any) -> int:
    return int(
        client.post(STATISTICS, "{}", content_type="application/geo+json", **more).status_code
    )


def bearer(key: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {key}"})


@pytest.mark.parametrize("path", BULK)
def test_a_token_is_an_account_for_large_files(path: str, key: str) -> None:
    assert [get(bearer(key), path).status_code for _ in range(3)] == [200, 200, 200]
    assert [get(Client(), path).status_code for _ in range(2)] == [200, 429]


def test_a_token_has_the_accounts_quota_of_areas_wherever_it_is_used(key: str) -> None:
    found = [post(bearer(key), REMOTE_ADDR=f"192.0.2.{number}") for number in range(5)]
    assert [status == 429 for status in found] == [False, False, False, True, True]


def test_token_and_session_of_one_account_share_its_quota(key: str) -> None:
    browser = Client()
    browser.force_login(User.objects.get(username="reader"))
    found = [post(bearer(key)), post(browser), post(bearer(key)), post(browser)]
    assert [status == 429 for status in found] == [False, False, False, True]


def test_a_second_token_gives_no_second_quota(key: str) -> None:
    user = User.objects.get(username="reader")
    other = api_tokens.create(account=user, name="second", by="tests", scopes=Scope.values)[1]
    found = [post(bearer(one)) for one in (key, other, key, other)]
    assert [status == 429 for status in found] == [False, False, False, True]


@pytest.mark.parametrize("path", BULK)
def test_a_wrong_token_is_refused_not_counted_to_the_address(path: str) -> None:
    response = bearer("no-such-token").get(path)
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "no-store"
    assert post(bearer("no-such-token")) == 401


def test_a_report_with_a_wrong_token_is_refused_with_a_problem(quiet_broker: list[Any]) -> None:
    assert bearer("wrong").post("/territories/commune/07001/report/").status_code == 401
    assert not quiet_broker


def test_a_token_opens_what_a_worn_out_session_does_not(key: str) -> None:
    """A stale cookie beside a token made the answer public, though it was the account's."""
    client = bearer(key)
    client.cookies["sessionid"] = "worn-out"
    response = client.get("/api/v1/zones/")
    assert response["Cache-Control"] == "private, no-store"
    assert [get(client, BULK[0]).status_code for _ in range(3)] == [200, 200, 200]


def test_the_same_file_for_an_account_and_for_nobody(key: str) -> None:
    """A shared cache may hand either to both: only the quota differs, and no refusal is kept."""
    own, others = get(bearer(key), BULK[0]), get(Client(), BULK[0])
    assert own.getvalue() == others.getvalue()
    assert own["ETag"] == others["ETag"]
    assert own["Cache-Control"] == others["Cache-Control"]
    assert get(Client(), BULK[0])["Cache-Control"] == "no-store"
