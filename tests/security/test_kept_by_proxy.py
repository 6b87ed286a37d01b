"""The proxy keeps documents of published data, the same for everybody, for seconds."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache

from clcplus.actions import api_tokens
from clcplus.actions.editions import publication
from clcplus.models import Edition
from clcplus.models.api_token import Scope
from ops.places import Place
from tests.ops.conftest import folder_for_servers, open_folder, place  # noqa: F401 - fixtures
from tests.security.site import Site, site_of
from tests.workers import environment
from tests.world import World, build

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("quiet_broker"),
]
EDITIONS = "/api/v1/editions/"
SHORT = 12.0
"""Seconds after which nothing withdrawn may be there any more; the proxy keeps answers for five."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def slugs(self) -> list[str]:
        return [one["slug"] for one in json.loads(self.body)["results"]]


@pytest.fixture
def world(store: Path) -> World:
    made = build()
    cache.clear()
    store.mkdir()
    return made


@pytest.fixture
def site(world: World, place: Place, tmp_path: Path) -> Iterator[Site]:  # noqa: F811
    static = tmp_path / "static"
    static.mkdir()
    (static / "staticfiles.json").write_text('{"paths": {}, "version": "1.1", "hash": ""}')
    more = {"DEBUG": "0", "STATIC_ROOT": str(static), "ALLOWED_HOSTS": "127.0.0.1"}
    with site_of(place, environment() | more, log=tmp_path / "web.log") as site:
        yield site


def ask(site: Site, path: str = EDITIONS, *, method: str = "GET", **headers: str) -> Answer:
    with closing(site.connection()) as asking:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        asking.request(method, path, headers=named)
        answer = asking.getresponse()
        return Answer(answer.status, dict(answer.getheaders()), answer.read())


def test_what_was_withdrawn_is_gone_in_seconds(site: Site) -> None:
    before = ask(site)
    assert "clcplus-2021" in before.slugs
    assert "X-Accel-Expires" not in before.headers
    publication.withdraw_edition(slug="clcplus-2021")
    # The same answer with its own date: it came from the proxy, without the platform.
    assert ask(site).body == before.body
    tag = before.headers["ETag"]
    kept = ask(site, If_None_Match=tag)
    assert (kept.status, kept.body, kept.headers["ETag"]) == (304, b"", tag)
    until = time.monotonic() + SHORT
    while "clcplus-2021" in (found := ask(site)).slugs:
        assert time.monotonic() < until
        time.sleep(0.5)
    assert ask(site, If_None_Match=tag).status == 200
    assert found.headers["ETag"] != tag


def test_accounts_are_always_asked_on(site: Site) -> None:
    user = User.objects.create_user("reader")
    key = api_tokens.create(account=user, name="t", by="tests", scopes=Scope.values)[1]
    assert "clcplus-2021" in ask(site).slugs
    publication.withdraw_edition(slug="clcplus-2021")
    for who in ({"Authorization": f"Bearer {key}"}, {"Cookie": "sessionid=x"}, {"Cookie": "a=b"}):
        assert "clcplus-2021" not in ask(site, **who).slugs
    # What they got is not what others get.
    assert "clcplus-2021" in ask(site).slugs


def test_each_form_of_an_answer_is_kept_apart(site: Site) -> None:
    whole = ask(site)
    assert ask(site, Accept="text/html").status == 406
    packed = [ask(site, Accept_Encoding="gzip") for _ in range(2)]
    assert [one.headers.get("Content-Encoding") for one in packed] == ["gzip", "gzip"]
    assert [gzip.decompress(one.body) for one in packed] == [whole.body] * 2
    plain = ask(site)
    assert (plain.headers.get("Content-Encoding"), plain.body) == (None, whole.body)
    head = ask(site, method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert ask(site).body == whole.body
    assert ask(site, f"{EDITIONS}?unknown=1").status == 400
    assert ask(site, Host="elsewhere.example").status == 400


def test_each_request_has_an_id_of_its_own(site: Site) -> None:
    first, second = ask(site), ask(site)
    assert first.body == second.body
    ids = {one.headers["X-Request-ID"] for one in (first, second)}
    assert len(ids) == 2
    assert ask(site, X_Request_ID="batch-7").headers["X-Request-ID"] == "batch-7"
    hostile = ask(site, X_Request_ID="a b" * 40).headers["X-Request-ID"]
    assert " " not in hostile


def test_downloads_are_counted_each_time(site: Site) -> None:
    """What counts towards a rate is not kept: also not as JSON."""
    path = "/api/v1/statistics/?level=commune"
    assert ask(site, path).status == 200
    Edition.objects.filter(slug="clcplus-2021").update(product_name="Another")
    publication.withdraw_edition(slug="clcplus-2021")
    assert "clcplus-2021" not in json.loads(ask(site, path).body)["editions"]


def test_an_error_is_not_kept(site: Site) -> None:
    missing = "/api/v1/territories/commune/99999/"
    found: list[Any] = [ask(site, missing) for _ in range(2)]
    assert [one.status for one in found] == [404, 404]
    ids = {json.loads(one.body).get("request_id") for one in found}
    assert len(ids) == 2
