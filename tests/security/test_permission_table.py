"""Who may do what: one table of every address of the platform and of every kind of client.

An address that is in no row fails :func:`test_every_pattern_is_in_the_table`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
import shapely
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import resolve
from django.utils import timezone

from clcplus.actions import api_tokens
from clcplus.actions.territories import layer_zones
from clcplus.models import (
    Checkpoint,
    Layer,
    ReferenceSample,
    Report,
    Run,
    Zone,
    ZoneSet,
)
from tests.security.permissions import ADMIN, ALIKE, CLIENTS, ROWS, Row
from tests.security.routes import all_patterns
from tests.world import SIDE, SOUTH, WEST, World, world  # noqa: F401
from tests.zone_sets.layers import layer_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_broker")]

_SET, _CHECKED, _REPORT = UUID(int=6), UUID(int=7), UUID(int=5)
_SHARE = "s" * 43


@dataclass(slots=True)
class Stage:
    """Clients by name, and what the addresses of the table name."""

    clients: dict[str, dict[str, str]] = field(default_factory=dict)
    """The headers that a client sends."""
    names: dict[str, object] = field(default_factory=dict)


def _signed_in(user: User) -> dict[str, str]:
    client = Client()
    client.force_login(user)
    return {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}


def _clients(owner: User) -> dict[str, dict[str, str]]:
    make = User.objects.create_user
    viewer = make("viewer", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    key = api_tokens.create(account=owner, name="tests", by="tests")[1]
    found = {
        "anonymous": {},
        "reader": _signed_in(make("reader")),
        "staff": _signed_in(make("staff", is_staff=True)),
        "viewer": _signed_in(viewer),
        "superuser": _signed_in(User.objects.create_superuser("root", password="x")),
        "owner": _signed_in(owner),
        "other": _signed_in(make("other")),
        "token": {"Authorization": f"Bearer {key}"},
    }
    assert tuple(found) == CLIENTS
    return found


def _names(owner: User, made: World) -> dict[str, object]:
    layer = layer_of([shapely.box(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE)], number=_SET)
    ZoneSet.objects.filter(pk=_SET).update(share_token=_SHARE)
    Layer.objects.filter(pk=layer.pk).update(
        active=False, report={"features": 1, "left_out": 0, "area_m2": 1e6, "overlaps": 0}
    )
    layer_zones.summarise(layer)
    checked = ZoneSet.objects.create(
        pk=_CHECKED,
        owner=owner,
        name="Secret check",
        kind=ZoneSet.Kind.FILE,
        file_name="x.geojson",
        file_bytes=1,
        sha256="0" * 64,
    )
    other = User.objects.get(username="other")
    ZoneSet.objects.create(
        pk=UUID(int=8), owner=other, name="x", kind="file", file_name="x", file_bytes=1, sha256="0"
    )
    sample = ReferenceSample.objects.create(
        owner=owner,
        name="Secret sample",
        territory=made.zones["07001"],
        earlier=made.editions[2018],
        later=made.editions[2021],
        points_total=1,
        seed=1,
        buffer_m=30,
    )
    now = timezone.now()
    report = Report.objects.create(
        id=_REPORT,
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
    checkpoint = Checkpoint.objects.create(
        name="c", identity="1" * 64, architecture="unet", temperature=1.0
    )
    return {
        "account": owner.pk,
        "set": _SET,
        "level": ZoneSet(pk=_SET).slug,
        "zone": Zone.objects.get(layer=layer).code,
        "checked": checked.pk,
        "share": _SHARE,
        "sample": sample.pk,
        "report": report.pk,
        "checkpoint": checkpoint.pk,
        "run": Run.objects.create(kind=Run.Kind.ZONES, layer=layer, state=Run.State.QUEUED).pk,
        "ingest": Run.objects.create(kind=Run.Kind.INGEST, state=Run.State.QUEUED).pk,
    }


@pytest.fixture(scope="module")
def stage(world: World, django_db_blocker: Any) -> Iterator[Stage]:  # noqa: F811
    """Committed for the module, as the world is: each request is undone, and the read side sees
    what is there."""
    with django_db_blocker.unblock():
        owner = User.objects.create_user("owner")
        clients = _clients(owner)
        made = Stage(clients, _names(owner, world))
        cache.clear()
    yield made
    cache.clear()


def ask(stage: Stage, client: str, method: str, address: str) -> Any:
    """The answer to a client. Forms confirm what they are asked to confirm."""
    path = address.format(**stage.names)
    headers = {**stage.clients[client], "X-Forwarded-For": "203.0.113.7"}
    program = path.startswith("/api/")
    body = {} if program else {"sure": "1", "reason": "tests", "name": "x"}
    sender = Client(headers=headers, raise_request_exception=False)
    if method == "GET":
        return sender.get(path)
    more = {"content_type": "application/json"} if program else {}
    return getattr(sender, method.lower())(path, json.dumps(body) if program else body, **more)


def asked(stage: Stage, store: Path, row: Row) -> dict[str, int]:
    """Statuses by client, each from the same state of the data."""
    store.mkdir(exist_ok=True)
    found = {}
    for client in row.expected:
        with transaction.atomic():
            found[client] = ask(stage, client, row.method, row.address).status_code
            transaction.set_rollback(True)
    return found


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_each_client_gets_what_the_table_says(stage: Stage, store: Path, row: Row) -> None:
    assert asked(stage, store, row) == row.expected


@pytest.mark.parametrize("model", ADMIN)
def test_models_in_the_admin(stage: Stage, store: Path, model: str) -> None:
    for row in ADMIN[model]:
        assert asked(stage, store, row) == row.expected, row


def test_every_pattern_is_in_the_table(stage: Stage) -> None:
    named = set()
    for row in (*ROWS, *(row for rows in ADMIN.values() for row in rows)):
        named.add(resolve(urlsplit(row.address.format(**stage.names)).path).route)
    assert all_patterns() - named == set()
    models = {f"{m._meta.app_label}/{m._meta.model_name}" for m in admin.site._registry}
    assert set(ADMIN) == models


def test_the_table_tells_clients_apart() -> None:
    """A table in which all get the same everywhere would show nothing."""
    for first in CLIENTS:
        for second in CLIENTS:
            differ = [row for row in ROWS if row.expected.get(first) != row.expected.get(second)]
            assert first == second or differ or {first, second} == {"reader", "other"}
    assert set(ALIKE) < set(CLIENTS)
