"""The rate of what is costly to make."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client
from redis.exceptions import ConnectionError as RedisIsDown

from clcplus.access import rates
from tests.world import World

pytestmark = pytest.mark.django_db

HERE = "/territories/commune/07001/"
COSTLY = (
    "/api/v1/statistics/?level=commune&format=csv",
    "/api/v1/change/?level=commune&format=xlsx",
    f"{HERE}tables/statistics.xlsx",
    f"{HERE}charts/share.png",
    f"{HERE}shape.gpkg",
    "/ranking/commune/table.csv",
)
CHEAP = (
    "/",
    HERE,
    "/ranking/commune/",
    "/api/v1/territories/commune/07001/statistics/",
    f"{HERE}tables/statistics.csv",
    f"{HERE}charts/share.svg",
    f"{HERE}shape.geojson",
    "/tiles/territories/commune.json",
)


@pytest.fixture(autouse=True)
def _two_a_minute(world: World, settings: Any) -> Iterator[None]:
    """Two in a minute, and nothing counted yet."""
    cache.clear()
    rates.local.clear()
    settings.DOWNLOADS_PER_MINUTE = 2
    yield
    cache.clear()
    rates.local.clear()


def status(client: Client, path: str, **more: Any) -> int:
    response = client.get(path, **more)
    response.getvalue()  # to its end, which closes it
    return int(response.status_code)


@pytest.mark.parametrize("path", COSTLY)
def test_third_in_a_minute_is_refused_with_a_problem(client: Client, path: str) -> None:
    assert [status(client, path) for _ in range(2)] == [200, 200]
    response = client.get(path)
    assert response.status_code == 429
    assert response["Content-Type"] == "application/problem+json"
    assert 1 <= int(response["Retry-After"]) <= 60
    assert response.json()["status"] == 429
    assert response["Cache-Control"] == "no-store"
    assert "ETag" not in response


def test_people_get_a_page(client: Client) -> None:
    path = f"{HERE}charts/share.png"
    for _ in range(2):
        status(client, path)
    for asked in (path, "/api/v1/statistics/?level=commune&format=csv"):
        response = client.get(asked, headers={"Accept": "text/html,*/*;q=0.8"})
        assert response.status_code == 429
        assert "Too many downloads at once" in response.content.decode()
        assert int(response["Retry-After"]) >= 1


def test_all_kinds_count_together(client: Client) -> None:
    assert [status(client, path) for path in COSTLY[:4]] == [200, 200, 429, 429]


@pytest.mark.parametrize("path", CHEAP)
def test_cheap_addresses_are_not_counted(client: Client, path: str) -> None:
    assert {status(client, path) for _ in range(4)} == {200}
    assert status(client, COSTLY[0]) == 200


def test_what_a_reader_has_already_is_not_counted(client: Client) -> None:
    path = "/api/v1/statistics/?level=commune&format=csv"
    first = client.get(path)
    first.getvalue()
    known = {"If-None-Match": first["ETag"]}
    assert {status(client, path, headers=known) for _ in range(4)} == {304}
    assert status(client, path) == 200


def test_window_slides(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000_000.0
    monkeypatch.setattr("clcplus.access.rates.time.time", lambda: now)
    found = []
    for second in (0, 30, 59, 61, 62, 91):
        now = 1_000_000.0 + second
        found.append(status(client, COSTLY[0]))
    assert found == [200, 200, 429, 200, 429, 200]


def test_clients_are_told_apart_by_address(client: Client) -> None:
    for _ in range(2):
        assert status(client, COSTLY[0], REMOTE_ADDR="192.0.2.1") == 200
    assert status(client, COSTLY[0], REMOTE_ADDR="192.0.2.1") == 429
    assert status(client, COSTLY[0], REMOTE_ADDR="192.0.2.2") == 200


def _forwarded(client: Client, address: str) -> int:
    return status(client, COSTLY[0], headers={"X-Forwarded-For": address})


def test_forwarded_address_is_not_believed_without_a_proxy(client: Client) -> None:
    found = [_forwarded(client, f"198.51.100.{number}") for number in range(3)]
    assert found == [200, 200, 429]


def test_forwarded_address_behind_a_proxy(client: Client, settings: Any) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
    # What a client says of itself stands before what the proxy has added, and is not looked at.
    found = [_forwarded(client, f"10.0.0.{number}, 198.51.100.7") for number in range(3)]
    assert found == [200, 200, 429]
    assert _forwarded(client, "10.0.0.1, 198.51.100.8") == 200


def test_signed_in_readers_are_not_counted(client: Client) -> None:
    client.force_login(get_user_model().objects.create_user("reader"))
    assert {status(client, COSTLY[0]) for _ in range(4)} == {200}


def test_nought_is_no_limit(client: Client, settings: Any) -> None:
    settings.DOWNLOADS_PER_MINUTE = 0
    assert {status(client, COSTLY[0]) for _ in range(4)} == {200}


def test_each_process_counts_for_itself_while_redis_is_down(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down() -> None:
        raise RedisIsDown

    monkeypatch.setattr("clcplus.access.rates.connection", down)
    assert [status(client, COSTLY[0]) for _ in range(4)] == [200, 200, 429, 429]
    assert {status(client, path) for path in CHEAP} == {200}


def test_reports_are_counted_and_nothing_is_queued_beyond(
    client: Client, quiet_broker: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    answers = []
    with django_capture_on_commit_callbacks(execute=True):
        for code in ("07001", "07002", "07101"):
            path = f"/territories/commune/{code}/report/"
            answers.append(client.post(path, headers={"Accept": "text/html"}))
    *made, page = answers
    assert [response.status_code for response in made] == [302, 302]
    assert page.status_code == 429
    assert int(page["Retry-After"]) > 0
    assert len(quiet_broker) == 2
