"""Whatever ends in the midst of the work, the work ends well: of every kind, with a real broker,
real workers and the real schedule.

``OUTAGE_SECONDS=5,20,60 REPETITIONS=50`` make outages longer and repeat all of it;
``KINDS="filter sample"`` takes jobs of these kinds alone.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import InterfaceError, OperationalError, connection, connections, transaction
from django.test import override_settings

from clcplus.database import locks, read_side
from clcplus.jobs import kinds, queue, runs
from clcplus.jobs.states import OPEN, State
from clcplus.models import Run
from tests.jobs import world as worlds
from tests.jobs.platform import QUEUES, Platform
from tests.jobs.servers import Servers, own_servers, quick_looks
from tests.jobs.world import ASKED, GROUPS, LOADING, World, all_ended, at_work
from tests.predictions.conftest import trained, write_composite
from tests.region import Region
from tests.runs import load_editions, load_zones
from tests.sources.misbehaviour import served
from tests.workers import wait_for
from tests.zone_sets.stored_state import StoredState

__all__ = ["trained"]

OUTAGES = [int(word) for word in os.environ.get("OUTAGE_SECONDS", "5").split(",")]
REPETITIONS = int(os.environ.get("REPETITIONS", "1"))
PATIENCE = 240.0
"""Seconds in which jobs must have ended; a failure, not a measure."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.parametrize("repetition", range(REPETITIONS)),
    pytest.mark.parametrize("group", GROUPS),
]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Servers]:
    with (
        django_db_blocker.unblock(),
        quick_looks(),
        own_servers(tmp_path_factory.mktemp("servers")) as found,
    ):
        yield found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, region: Region) -> Iterator[Path]:
    """Folders that workers read and write, beside the store."""
    folder = tmp_path_factory.mktemp("world")
    for name in ("imagery", "inbox"):
        (folder / name).mkdir()
    write_composite(folder / "imagery" / "composite-2024.tif")
    shutil.copy(region.edition(2018), folder / "inbox")
    secret = folder / "secret"
    secret.write_text("of the operators")
    with (
        pytest.MonkeyPatch.context() as patch,
        served(worlds.service(region)) as elsewhere,
        override_settings(
            IMAGE_SERVER_URL=elsewhere.url,
            SOURCE_HOSTS=(elsewhere.host,),
            RASTER_STORE=str(folder / "store"),
            CLCPLUS_CHECKPOINTS=folder / "checkpoints",
            CLCPLUS_IMAGERY=folder / "imagery",
            CLCPLUS_PREDICTIONS=folder / "predictions",
            CLCPLUS_INBOX=folder / "inbox",
            CLCPLUS_STAC="",
            NOTIFY_WEBHOOK=f"{elsewhere.url}/notices",
            NOTIFY_SECRET_FILE=secret,
        ),
    ):
        patch.setenv("CLCPLUS_INBOX", str(folder / "inbox"))
        patch.setenv("IMAGE_SERVER_URL", elsewhere.url)
        patch.setenv("SOURCE_HOSTS", elsewhere.host)
        patch.setenv("NOTIFY_WEBHOOK", f"{elsewhere.url}/notices")
        patch.setenv("NOTIFY_SECRET_FILE", str(secret))
        yield folder


@pytest.fixture(scope="module")
def prepared(
    servers: Servers, folder: Path, region: Region, request: Any
) -> tuple[World, StoredState]:
    """Zones and two published editions, kept for every test."""
    model = request.getfixturevalue("trained") if worlds.MODEL else None
    load_zones(region)
    load_editions(region, (2021,))
    world = World(region, folder, model)
    world.load_blocks()
    kept = StoredState(folder / "kept")
    kept.keep(folder / "store")
    return world, kept


@pytest.fixture(scope="module")
def undisturbed(prepared: tuple[World, StoredState]) -> dict[str, Any]:
    """What comes of each group where nothing happens."""
    world, kept = prepared
    outcomes = {}
    for group in GROUPS:
        _restore(world, kept)
        world.plan(group)
        world.drain()
        outcomes[group] = world.outcome()
    for group, found in outcomes.items():
        assert {state for _, state, *_ in found["runs"]} == {State.SUCCEEDED}
        _check_undisturbed(found, GROUPS[group])
    return outcomes


def _check_undisturbed(found: dict[str, Any], names: Sequence[str]) -> None:
    """Jobs of these kinds have left something."""
    if "filter" in names:
        assert {state for state, _ in found["filter runs"]} == {State.SUCCEEDED}
        assert len(found["filter runs"]) == len(found["filtered"])
        assert all(found[name] for name in ("filtered zones", "filtered sums", "patches"))
    if "boundaries" in names:
        assert "Gmina" in {level for level, *_ in found["statistics"]}
    if "sample" in names:
        assert found["samples"]
        assert found["strata"]
    if "refresh" in names:
        published = (f"clcplus-{worlds.REFRESHED}", "published", "official")
        assert published in found["editions"]
    if "notify" in names:
        assert {state for *_, state in found["notices"]} == {"sent"}
    if "report" in names:
        assert found["reports"] == [("done", "", b"%PDF-")]
    if "upload" in names:
        assert {stage for _, stage, *_ in found["sets"]} == {"accepted"}


@pytest.fixture(scope="module")
def platform(
    undisturbed: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    """The processes, which go on from test to test."""
    with Platform.running(tmp_path_factory.mktemp("platform")) as running:
        yield running


@pytest.fixture
def emptied(
    prepared: tuple[World, StoredState], platform: Platform, servers: Servers
) -> Iterator[World]:
    """The region without any job. The workers are held until the test lets them go on."""
    world, kept = prepared
    platform.hold()
    try:
        _restore(world, kept)
        servers.forget_messages()
        yield world
    finally:
        platform.go_on()


@pytest.fixture
def world(emptied: World, group: str) -> World:
    """The region with a job of each kind of the group, which nobody has begun."""
    emptied.plan(group)
    return emptied


def _restore(world: World, kept: StoredState) -> None:
    tables = ", ".join(
        model._meta.db_table for model in apps.get_app_config("clcplus").get_models()
    )
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables}")
    for name in ("store", "predictions", "checkpoints", "inbox/fetched"):
        shutil.rmtree(world.folder / name, ignore_errors=True)
    kept.restore(world.folder / "store")


@contextmanager
def in_the_midst(world: World, platform: Platform) -> Iterator[None]:
    """A worker is in the midst of a unit of each job, and comes no further inside the block."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Work of every kind reads it; what notes that work begins does not.
            cursor.execute("LOCK TABLE clcplus_edition IN ACCESS EXCLUSIVE MODE")
        platform.go_on()
        begun = partial(at_work, world.planned)
        wait_for(begun, seconds=PATIENCE, what="the midst of the work", pause=0.1)
        yield


def _ended_well(world: World, expected: dict[str, Any]) -> None:
    wait_for(all_ended, seconds=PATIENCE, what="the end of all jobs", pause=0.2)
    assert world.outcome() == expected


def _answers() -> bool:
    try:
        Run.objects.exists()
    except (OperationalError, InterfaceError):
        connection.close()
        return False
    return True


def _reconnect() -> None:
    connections.close_all()
    read_side.dispose()
    wait_for(_answers, seconds=PATIENCE, what="PostgreSQL")


def _anybody_at_work() -> bool:
    return any(
        locks.is_held(kind.lock, kinds.lock_number(number))
        for kind in kinds.all_kinds()
        for job in kind.records.open_jobs(quiet_since=None)
        for number in kind.records.waiting(job)
    )


def test_the_workers_are_killed(
    world: World, undisturbed: dict[str, Any], group: str, platform: Platform, repetition: int
) -> None:
    with in_the_midst(world, platform):
        platform.kill_workers()
    assert not all_ended()
    _ended_well(world, undisturbed[group])


def test_a_backend_of_postgresql_is_killed(
    world: World, undisturbed: dict[str, Any], group: str, platform: Platform, repetition: int
) -> None:
    """PostgreSQL then ends all others as well, and recovers from its log."""
    with suppress(OperationalError), in_the_midst(world, platform):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pid FROM pg_locks WHERE locktype = 'advisory' LIMIT 1")
            (backend,) = cursor.fetchone()
        os.kill(backend, signal.SIGKILL)
        wait_for(_is_gone, what="the end of all connections")
    _reconnect()
    _ended_well(world, undisturbed[group])


def _is_gone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return False


@pytest.mark.parametrize("seconds", OUTAGES)
def test_postgresql_is_away(
    world: World,
    undisturbed: dict[str, Any],
    group: str,
    servers: Servers,
    platform: Platform,
    seconds: int,
    repetition: int,
) -> None:
    with (
        suppress(OperationalError, InterfaceError),
        in_the_midst(world, platform),
        servers.away("postgresql", seconds=seconds),
    ):
        pass
    _reconnect()
    _ended_well(world, undisturbed[group])


@pytest.mark.parametrize("seconds", OUTAGES)
def test_redis_is_away_and_forgets_everything(
    world: World,
    undisturbed: dict[str, Any],
    group: str,
    servers: Servers,
    platform: Platform,
    seconds: int,
    repetition: int,
) -> None:
    with in_the_midst(world, platform):
        outage = servers.away("redis", seconds=seconds)
        outage.__enter__()
    # What was under way goes on, and has nowhere to send its messages.
    outage.__exit__(None, None, None)
    _ended_well(world, undisturbed[group])


def test_no_message_arrives(
    emptied: World,
    undisturbed: dict[str, Any],
    group: str,
    servers: Servers,
    platform: Platform,
    repetition: int,
) -> None:
    with servers.away("redis", seconds=0):
        emptied.plan(group)
    platform.go_on()
    _ended_well(emptied, undisturbed[group])


def test_every_message_arrives_twice(
    world: World,
    undisturbed: dict[str, Any],
    group: str,
    servers: Servers,
    platform: Platform,
    repetition: int,
) -> None:
    messages = [
        (queue.Step.WORK, kind.name, number)
        for kind in kinds.all_kinds()
        for job in kind.records.open_jobs(quiet_since=None)
        for number in kind.records.waiting(job)
    ]
    ends = [
        (queue.Step.FINISH, name, job.pk)
        for name, job in world.planned.items()
        if kinds.find(name).finish is not None
    ]
    for message in (*messages, *ends):
        queue.send(*message)
    platform.go_on()
    _ended_well(world, undisturbed[group])
    for message in (*messages, *ends):
        queue.send(*message)
    unread = partial(servers.messages, QUEUES)
    wait_for(lambda: not unread(), seconds=PATIENCE, what="the late messages")
    assert world.outcome() == undisturbed[group]


def test_runs_are_cancelled_and_resumed(
    world: World, undisturbed: dict[str, Any], group: str, platform: Platform, repetition: int
) -> None:
    cancelled = [job for job in world.planned.values() if isinstance(job, Run)]
    assert cancelled
    with in_the_midst(world, platform):
        for run in cancelled:
            runs.cancel(run.pk)
    wait_for(lambda: not _anybody_at_work(), seconds=PATIENCE, what="the end of the work")
    states = Run.objects.filter(pk__in=[run.pk for run in cancelled])
    assert set(states.values_list("state", flat=True)) == {State.CANCELLED}
    for run in states:
        runs.resume(run)
    assert Run.objects.filter(state__in=OPEN).exists()
    _ended_well(world, undisturbed[group])


def test_every_kind_is_in_one_group(group: str, repetition: int) -> None:
    assert sorted((*LOADING, *ASKED)) == kinds.names()
