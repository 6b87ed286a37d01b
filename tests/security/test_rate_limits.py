"""Attacks on rates: many requests at once, many addresses of one client, Redis out of the way."""

from __future__ import annotations

import http.client
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.conf import settings as configured
from django.core.cache import cache
from django.test import Client

from tests.benchmarks.web_server import web_server
from tests.security.concurrency import at_once
from tests.workers import environment
from tests.world import World, world

__all__ = ["world"]
pytestmark = pytest.mark.django_db

BULK = "/api/v1/statistics/?level=commune&format=csv"
POSTED = "/api/v1/statistics/"


@pytest.fixture(autouse=True)
def _nothing_counted() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(scope="module")
def port(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server of four processes, as in production, where 20 a minute may pass."""
    rates = {"DOWNLOADS_PER_MINUTE": "20", "POSTED_ZONES_PER_MINUTE": "20", "DEBUG": "0"}
    log = tmp_path_factory.mktemp("server") / "web.log"
    with web_server({**environment(), **rates}, log=log) as port:
        yield port


def ask(port: int, method: str, path: str, body: str | None = None, key: str = "") -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        headers = {"Content-Type": "application/geo+json"} if body else {}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def test_of_60_downloads_at_once_20_pass(port: int) -> None:
    found = Counter(at_once(lambda _: ask(port, "GET", BULK), 60))
    assert found == {200: 20, 429: 40}


def test_of_60_posted_areas_at_once_20_pass(port: int) -> None:
    body = json.dumps({"type": "nothing"})
    found = Counter(at_once(lambda _: ask(port, "POST", POSTED, body), 60))
    assert found[429] == 40


def test_of_60_guessed_tokens_at_once_20_are_looked_at(port: int) -> None:
    found = Counter(at_once(lambda n: ask(port, "GET", "/api/v1/zones/", key=f"guess-{n}"), 60))
    assert found == {401: 20, 429: 40}


@pytest.fixture
def two(world: World, settings: Any) -> None:
    settings.DOWNLOADS_PER_MINUTE = 2


def status(address: str, **headers: str) -> int:
    response = Client().get(BULK, REMOTE_ADDR=address, headers=headers)
    response.getvalue()
    return int(response.status_code)


@pytest.mark.usefixtures("two")
def test_many_addresses_do_not_raise_the_limit_of_a_client() -> None:
    """One client of IPv6 owns a /64: 2⁶⁴ addresses."""
    addresses = [f"2001:db8:1:2:{number:x}::{number:x}" for number in range(1, 5)]
    assert [status(address) for address in addresses] == [200, 200, 429, 429]
    assert status("2001:db8:1:3::1") == 200


@pytest.mark.usefixtures("two")
def test_other_spellings_do_not_raise_the_limit_of_an_address() -> None:
    ways = ["198.51.100.7", "::ffff:198.51.100.7", "::ffff:c633:6407", "::FFFF:198.51.100.7"]
    assert [status(address) for address in ways] == [200, 200, 429, 429]


def test_a_forwarded_address_is_one_client_with_any_port(world: World, settings: Any) -> None:
    settings.DOWNLOADS_PER_MINUTE = 2
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
    ways = ["203.0.113.9:1", "203.0.113.9:2", "[::ffff:203.0.113.9]:3", " 203.0.113.9"]
    found = [status("10.0.0.1", **{"X-Forwarded-For": f"192.0.2.{n}, {way}"}) for n, way in
             enumerate(ways)]  # fmt: skip
    assert found == [200, 200, 429, 429]


@pytest.mark.usefixtures("two")
def test_a_request_for_the_head_alone_makes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """HEAD is not counted: it had pictures made all the same."""
    made = []
    monkeypatch.setattr("clcplus.views.downloads.charts.png", made.append)
    head = Client().head("/territories/commune/07001/charts/share.png")
    assert (head.status_code, head["Content-Type"]) == (200, "image/png")
    assert not made


@pytest.mark.usefixtures("two")
def test_a_full_redis_does_not_end_the_rates() -> None:
    """Tiles fill Redis, which then refuses to write: the process counts for itself."""
    from clcplus import rates

    rates.local.clear()
    client = redis.Redis.from_url(configured.REDIS_URL)
    before = client.config_get("maxmemory")["maxmemory"]
    client.config_set("maxmemory", 1)
    try:
        found = [status("192.0.2.77") for _ in range(4)]
    finally:
        client.config_set("maxmemory", before)
        client.close()
        rates.local.clear()
    assert found == [200, 200, 429, 429]


def test_counters_in_a_process_stay_small() -> None:
    """Addresses without end do not fill its memory while Redis is away."""
    from clcplus.rates import LocalWindows

    windows = LocalWindows(most=50)
    for number in range(500):
        windows.take(str(number), number=1, seconds=60)
    assert len(windows) == 50
