"""Hostile text in every part, parameter, header and body of every address: no 5xx, and below /api/
and /tiles/ each refusal is a problem document.

For longer: ``FUZZ_SECONDS=600 pytest --timeout 0 -s tests/security/test_route_fuzz.py``,
with ``FUZZ_SEED`` for other requests than the last time.
"""

from __future__ import annotations

import logging
import os
import random
import time
import traceback
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
import shapely
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.signals import got_request_exception
from django.test import Client, override_settings
from django.utils import timezone

from clcplus.actions import api_tokens
from clcplus.actions.territories import layer_zones
from clcplus.database import read_side
from clcplus.models import Checkpoint, Layer, Report, Run, ZoneSet
from clcplus.models.api_token import Scope
from tests.security import hostile_input
from tests.security.plain_wsgi import Answer, ask
from tests.security.routes import Route, all_routes
from tests.world import SIDE, SOUTH, WEST, build
from tests.zone_sets.layers import layer_of

SECONDS = float(os.environ.get("FUZZ_SECONDS", "30"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
_SIGN_IN_EVERY = 40
"""Requests of staff may end a session, or the account."""
PROBLEM = "application/problem+json"
PROGRAMS = (b"/api/", b"/tiles/")
REPORT = uuid.UUID(int=5)
SET = uuid.UUID(int=6)
SET_LEVEL = ZoneSet(id=SET).slug.encode()

GOOD: dict[str, tuple[bytes, ...]] = {
    "level": (b"commune", b"region", SET_LEVEL),
    "code": (b"07001", b"07N"),
    "slug": (b"clcplus-2021",),
    "earlier": (b"clcplus-2018",),
    "later": (b"clcplus-2021",),
    "zoom": (b"0", b"12", b"5"),
    "column": (b"0", b"2112"),
    "row": (b"0", b"1400"),
    "id": (str(SET).encode(), str(REPORT).encode(), b"1"),
    "object_id": (b"1", str(SET).encode(), str(REPORT).encode()),
    "name": (b"share", b"statistics", b"gain", b"change"),
    "chosen": (b"csv", b"svg", b"png", b"geojson", b"gpkg", b"xlsx", b"json", b"parquet"),
    "token": (b"x" * 43,),
    "action": (b"publish", b"withdraw", b"rename", b"share", b"cancel", b"resume", b"delete"),
    "app_label": (b"clcplus", b"auth"),
    "content_type_id": (b"1",),
    "rest": (b"x/", b""),
}
PARAMETERS: dict[str, tuple[bytes, ...]] = {
    "q": (b"saint",),
    "page": (b"1", b"2"),
    "page_size": (b"10",),
    "sort": (b"-share", b"name"),
    "level": (b"commune",),
    "within": (b"region:07",),
    "search": (b"saint",),
    "vintage": (b"2024", b"2020"),
    "from": (b"clcplus-2018",),
    "to": (b"clcplus-2021",),
    "edition": (b"clcplus-2021",),
    "editions": (b"2018,2021",),
    "across": (b"origins",),
    "indicators": (b"sealed_area",),
    "indicator": (b"sealed_area",),
    "limit": (b"5",),
    "format": (b"json", b"csv", b"geojson", b"xlsx", b"parquet"),
    "dialect": (b"plain", b"spreadsheet"),
    "repair": (b"true",),
    "show": (b"map",),
    "in": (b"region:07",),
    "people": (b"100",),
    "t": (b"commune:07001",),
    "add": (b"saint",),
    "areas": (SET_LEVEL,),
    "layer": (b"swipe", b"share"),
    "place": (b"commune:07001",),
    "again": (b"1",),
    "trouble": (b"1",),
    "name": (b"x",),
    "crs": (b"EPSG:3035",),
    "skip_bad": (b"true",),
    "swap_axes": (b"true",),
    "v": (b"1",),
    "next": (b"/",),
    "version": (b"1",),
    "lang": (b"fr",),
    # of the admin
    "o": (b"1.-2",),
    "p": (b"0",),
    "e": (b"1",),
    "_popup": (b"1",),
    "_to_field": (b"id",),
    "id__exact": (b"1",),
    "status__exact": (b"published",),
    "layer__id__exact": (b"1",),
    "year__exact": (b"2021",),
    "is_staff__exact": (b"1",),
    "date_hierarchy": (b"2021",),
    "term": (b"a",),
    "app_label": (b"clcplus",),
    "model_name": (b"run",),
    "field_name": (b"layer",),
}


def make_rows() -> None:
    """Rows beside those of the world, so that addresses lead somewhere."""
    layer = layer_of([shapely.box(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE)], number=SET)
    Layer.objects.filter(pk=layer.pk).update(
        active=True, report={"features": 1, "left_out": 0, "area_m2": 1e6, "overlaps": 0}
    )
    layer_zones.summarise(layer)
    ZoneSet.objects.filter(layer=layer).update(published_at=timezone.now(), share_token="x" * 43)
    User.objects.create_superuser("fuzzer", password="x")
    Run.objects.create(kind=Run.Kind.ZONES, layer=layer, state=Run.State.CANCELLED)
    Checkpoint.objects.create(name="c", identity="1" * 64, architecture="unet", temperature=1.0)
    now = timezone.now()
    Report.objects.create(
        id=REPORT,
        level="commune",
        code="07001",
        name="x",
        vintage=2024,
        language="en-gb",
        data="3-0",
        release="x",
        site="http://localhost",
        queued_at=now,
        moved_at=now,
    )


@pytest.fixture
def failures() -> Iterator[list[str]]:
    """Where errors of requests came from."""
    found: list[str] = []

    def note(**_: Any) -> None:
        found.append(traceback.format_exc())

    got_request_exception.connect(note)
    logging.disable(logging.CRITICAL)
    yield found
    logging.disable(logging.NOTSET)
    got_request_exception.disconnect(note)


def judged(answer: Answer, path: bytes) -> str:
    """What is wrong with an answer; empty for nothing."""
    if answer.status >= 500:
        return f"status {answer.status}"
    refused = 400 <= answer.status < 500
    if refused and path.startswith(PROGRAMS) and answer.headers.get("Content-Type") != PROBLEM:
        return f"{answer.status} as {answer.headers.get('Content-Type')}"
    return ""


class Attacker:
    """Makes requests of one kind after another, and notes those that are answered wrongly."""

    def __init__(self, seed: int, failures: list[str]) -> None:
        self.chance = random.Random(seed)
        self.failures = failures
        self.found: dict[str, str] = {}
        self.statuses: Counter[int] = Counter()
        self.asked = 0
        self._session, self._signed_in_at = "", 0
        self._token = ""

    def visit(self, route: Route, *, staff: bool, hostile_part: str | None = None) -> None:
        """Ask for an address with what chance has found; one part of it, or any, is hostile."""
        values = {}
        for part in route.parts:
            bad = part == hostile_part or (hostile_part is None and self.chance.random() < 0.3)
            values[part] = self._string() if bad else self.chance.choice(GOOD.get(part, (b"1",)))
        self._send(route.path(values), staff=staff)

    def _string(self) -> bytes:
        return self.chance.choice(hostile_input.STRINGS)

    def _query(self) -> bytes:
        pairs = []
        for _ in range(self.chance.choice((0, 0, 1, 1, 2, 4))):
            name = self.chance.choice(tuple(PARAMETERS))
            value = (
                self._string()
                if self.chance.random() < 0.6
                else self.chance.choice(PARAMETERS[name])
            )
            raw = self.chance.random() < 0.1
            pairs.append(
                name.encode() + b"=" + (value if raw else quote_from_bytes(value).encode())
            )
        if self.chance.random() < 0.03:
            pairs.append(quote_from_bytes(self._string()).encode())
        return self.chance.choice((b"&", b"&", b"&", b";")).join(pairs)

    def _send(self, path: bytes, *, staff: bool) -> None:
        environ: dict[str, str] = {}
        method = "GET" if self.chance.random() < 0.6 else self.chance.choice(hostile_input.METHODS)
        body = b""
        if method not in {"GET", "HEAD"}:
            body = self.chance.choice(hostile_input.BODIES)
            usual = self.chance.random() < 0.5
            types = hostile_input.CONTENT_TYPES[:5] if usual else hostile_input.CONTENT_TYPES
            environ["CONTENT_TYPE"] = self.chance.choice(types)
        elif self.chance.random() < 0.1:
            environ["CONTENT_TYPE"] = self.chance.choice(hostile_input.CONTENT_TYPES)
        if staff:
            environ |= self._account()
        if self.chance.random() < 0.2:
            name, value = self.chance.choice(hostile_input.HEADERS)
            environ[name] = value
        self.send(path, method=method, query=self._query(), body=body, **environ)

    def send(self, path: bytes, **asked: Any) -> None:
        """Ask, and judge the answer."""
        self.asked += 1
        before = len(self.failures)
        try:
            answer = ask(path, **asked)
        except Exception:
            wrong, status = traceback.format_exc(), 0
        else:
            status = answer.status
            wrong = judged(answer, path)
        self.statuses[status] += 1
        if wrong:
            cause = "".join(self.failures[before:]) or wrong
            # One of each kind is enough to read.
            self.found.setdefault(
                cause[-300:],
                f"{path[:200]!r} {asked!r}"[:700] + f"\n{wrong[-300:]}\n{cause[-1800:]}",
            )

    def _account(self) -> dict[str, str]:
        """Who is asking: a superuser, by session or by token."""
        if not self._session or self.asked - self._signed_in_at > _SIGN_IN_EVERY:
            self._signed_in_at = self.asked
            user, _ = User.objects.get_or_create(username="fuzzer")
            User.objects.filter(pk=user.pk).update(is_staff=True, is_superuser=True, is_active=True)
            user.refresh_from_db()
            client = Client()
            client.force_login(user)
            self._session = client.cookies["sessionid"].value
            _token, self._token = api_tokens.create(
                account=user, name="tests", by="tests", scopes=Scope.values
            )
        if self.chance.random() < 0.3:
            return {"HTTP_AUTHORIZATION": f"Bearer {self._token}"}
        csrf = "c" * 32
        return {
            "HTTP_COOKIE": f"sessionid={self._session}; csrftoken={csrf}",
            "HTTP_X_CSRFTOKEN": csrf,
        }


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("quiet_broker")
def test_no_address_answers_with_an_error_of_the_server(store: Path, failures: list[str]) -> None:
    """Every address once with each part hostile, then what chance brings until the time is up."""
    build()
    cache.clear()
    store.mkdir()
    make_rows()
    attacker = Attacker(SEED, failures)
    routes = all_routes()
    began = time.monotonic()
    with override_settings(PAGES_KEPT_MB=8, UPLOADS_PER_HOUR=0):
        for route in routes:
            for part in (None, *route.parts):
                for staff in (False, True):
                    attacker.visit(route, staff=staff, hostile_part=part)
        once = attacker.asked
        while time.monotonic() - began < SECONDS:
            attacker.visit(attacker.chance.choice(routes), staff=attacker.chance.random() < 0.5)
    read_side.dispose()
    print(f"{attacker.asked} requests ({once} for all addresses), {dict(attacker.statuses)}")
    assert len(routes) > 150
    assert not attacker.found, "\n\n".join(attacker.found.values())
