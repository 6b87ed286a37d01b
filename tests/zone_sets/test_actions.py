"""A set from the upload to its removal, by the actions; each stage is looked at in the database."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyproj
import pytest
import shapely
from django.contrib.auth.models import User
from django.utils import timezone

from analytics.uploads.errors import LimitMet
from analytics.uploads.records import Choice, from_json
from clcplus.actions.zone_sets import (
    question_answers,
    received_files,
    set_publication,
    staged_zones,
    upload_checks,
    zone_acceptance,
)
from clcplus.errors import QuotaReached, WrongState
from clcplus.jobs import runner
from clcplus.models import (
    AuditEntry,
    Layer,
    Level,
    PlaceName,
    Publication,
    Zone,
    ZoneSet,
)
from tests.region import NORTH, WEST
from tests.runs import load_editions, load_zones
from tests.uploads.files import feature, geojson

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("store", "quiet_broker"),
]

TO_DEGREES = pyproj.Transformer.from_crs("EPSG:3035", "OGC:CRS84", always_xy=True)


def in_degrees(geometry: Any) -> Any:
    return shapely.transform(
        geometry, lambda p: [TO_DEGREES.transform(x, y) for x, y in p.tolist()]
    )


def square(row: int, column: int, *, side: int = 12) -> Any:
    """A square of cells of the region, a little off the centres' lines."""
    west, north = WEST + column * 10 + 1.3, NORTH - row * 10 - 1.7
    return in_degrees(shapely.box(west, north - side * 10, west + side * 10, north))


GOOD = (
    feature(square(20, 20), code="A", name="<b>Alpha</b>"),
    feature(square(34, 20), code="B", name="Beta"),
)
BAD = feature(None, code="C", name="No outline")


@pytest.fixture
def owner() -> User:
    return User.objects.create_user("owner", is_staff=True)


def receive(owner: User, content: bytes, **options: Any) -> received_files.Received:
    options = {"choice": Choice(), "file_name": "areas.geojson"} | options
    return received_files.receive(
        owner=owner, source=io.BytesIO(content), kind=ZoneSet.Kind.FILE, **options
    )


def checked(owner: User, content: bytes, **options: Any) -> ZoneSet:
    number = receive(owner, content, **options).zone_set.pk
    assert runner.work("upload", number)
    return ZoneSet.objects.get(pk=number)


def events(zone_set: ZoneSet) -> list[str]:
    entries = AuditEntry.objects.filter(key=str(zone_set.pk)).order_by("id")
    return [str(entry.event) for entry in entries]


def files(store: Path) -> list[Path]:
    return [path for path in store.rglob("*") if path.is_file() and "uploads" in path.parts]


def test_an_upload_becomes_a_layer_that_only_publication_shows(
    owner: User, region: Any, store: Path
) -> None:
    load_zones(region)
    load_editions(region, (2021, 2023))
    zone_set = checked(owner, geojson(*GOOD))
    assert zone_set.stage == ZoneSet.Stage.REPORTED
    report = from_json(zone_set.reading or {}).report
    assert report is not None
    assert [f.cells for f in report.features] == [144, 144]
    assert [f.not_observed_share for f in report.features] == [0.0, 0.0]
    assert not Layer.objects.filter(level__custom=True).exists()

    zone_acceptance.accept(zone_set=zone_set, by=owner, skip_bad=False, name="My areas")
    zone_set.refresh_from_db()
    assert zone_set.layer is not None
    assert not zone_set.layer.active
    assert zone_set.layer.level.slug == zone_set.slug
    zones = Zone.objects.filter(layer=zone_set.layer).order_by("code")
    assert [(z.code, z.name, z.cells) for z in zones] == [
        ("A", "<b>Alpha</b>", 144),
        ("B", "Beta", 144),
    ]
    assert not list(store.rglob("uploads")), "neither files nor folders are kept longer than needed"


def test_all_or_nothing_unless_the_bad_ones_are_to_be_left_out(owner: User) -> None:
    zone_set = checked(owner, geojson(*GOOD, BAD))
    with pytest.raises(WrongState, match="1 of 3 features with an error"):
        zone_acceptance.accept(zone_set=zone_set, by=owner, skip_bad=False, name="")
    assert not Zone.objects.exists()
    assert not Level.objects.filter(custom=True).exists()
    zone_acceptance.accept(zone_set=zone_set, by=owner, skip_bad=True, name="")
    zone_set.refresh_from_db()
    assert zone_set.layer is not None
    assert zone_set.layer.zones_total == 2
    assert zone_set.layer.report["left_out"] == 1
    with pytest.raises(WrongState, match="accepted"):
        zone_acceptance.accept(zone_set=zone_set, by=owner, skip_bad=True, name="")


def test_the_same_upload_is_the_same_set(owner: User) -> None:
    first, again = receive(owner, geojson(*GOOD)), receive(owner, geojson(*GOOD))
    assert first.created
    assert not again.created
    assert first.zone_set.pk == again.zone_set.pk
    other = User.objects.create_user("other", is_staff=True)
    pks = {
        first.zone_set.pk,
        receive(other, geojson(*GOOD)).zone_set.pk,
        receive(owner, geojson(*GOOD), choice=Choice(code_field="name")).zone_set.pk,
        receive(owner, geojson(GOOD[0])).zone_set.pk,
    }
    assert len(pks) == 4


def test_a_question_is_answered_and_a_wrong_answer_asked_again(owner: User, tmp_path: Path) -> None:
    local = geojson(
        *GOOD, crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}
    )
    zone_set = checked(owner, local)
    assert zone_set.stage == ZoneSet.Stage.ASKING
    question_answers.answer(zone_set=zone_set, choice=Choice(crs="EPSG:nonsense"))
    with pytest.raises(WrongState, match="being checked"):
        question_answers.answer(zone_set=zone_set, choice=Choice())
    runner.work("upload", zone_set.pk)
    zone_set.refresh_from_db()
    assert zone_set.stage == ZoneSet.Stage.ASKING
    assert (zone_set.refusal or {})["code"] == "unknown-reference-system"
    question_answers.answer(zone_set=zone_set, choice=Choice(crs="EPSG:4326"))
    runner.work("upload", zone_set.pk)
    zone_set.refresh_from_db()
    assert zone_set.stage == ZoneSet.Stage.REPORTED
    assert zone_set.refusal is None


def test_the_same_file_with_the_answer_is_the_set_that_asked(owner: User, store: Path) -> None:
    local = geojson(
        *GOOD, crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}
    )
    asking = checked(owner, local)
    assert asking.stage == ZoneSet.Stage.ASKING
    unanswered = receive(owner, local)
    assert (unanswered.created, unanswered.zone_set.stage) == (False, ZoneSet.Stage.ASKING)
    said = Choice(crs="EPSG:4326")
    other = User.objects.create_user("other", is_staff=True)
    assert receive(other, local, choice=said).created, "a question is its owner's"
    answered = receive(owner, local, choice=said)
    assert not answered.created
    assert answered.zone_set.pk == asking.pk
    assert answered.zone_set.stage == ZoneSet.Stage.CHECKING
    # Once more, before and after the check: the same set.
    assert receive(owner, local, choice=said).zone_set.pk == asking.pk
    assert runner.work("upload", asking.pk)
    again = receive(owner, local, choice=said)
    assert (again.created, again.zone_set.pk) == (False, asking.pk)
    assert again.zone_set.stage == ZoneSet.Stage.REPORTED
    # What has been answered waits for nothing: other words make another set.
    assert receive(owner, local, choice=Choice(crs="EPSG:2154")).created
    assert ZoneSet.objects.filter(owner=owner).count() == len(files(store)) - 2 == 2


def test_an_answer_keeps_what_was_said_before(owner: User) -> None:
    local = geojson(
        *GOOD, crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}
    )
    asking = checked(owner, local, choice=Choice(name_field="code"))
    answered = receive(owner, local, choice=Choice(crs="EPSG:4326"))
    assert answered.zone_set.pk == asking.pk
    assert Choice(**answered.zone_set.choice) == Choice(crs="EPSG:4326", name_field="code")


def test_what_is_no_zone_file_is_refused_in_words_and_may_be_sent_again(owner: User) -> None:
    zone_set = checked(owner, b"not a file of zones")
    assert zone_set.stage == ZoneSet.Stage.REFUSED
    assert set(zone_set.refusal or {}) == {"code", "found", "expected", "hint"}
    assert events(zone_set) == ["uploaded", "refused"]
    again = receive(owner, b"not a file of zones")
    assert not again.created
    assert again.zone_set.stage == ZoneSet.Stage.CHECKING
    assert events(zone_set) == ["uploaded", "refused", "uploaded"]


def test_a_file_that_ends_its_worker_is_given_up(owner: User) -> None:
    zone_set = receive(owner, geojson(*GOOD)).zone_set
    ZoneSet.objects.filter(pk=zone_set.pk).update(attempts=upload_checks.ATTEMPTS)
    runner.work("upload", zone_set.pk)
    zone_set.refresh_from_db()
    assert zone_set.stage == ZoneSet.Stage.REFUSED
    assert "broke off" in (zone_set.refusal or {})["found"]


def test_a_store_that_is_away_is_not_the_files_fault(
    owner: User, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone_set = receive(owner, geojson(*GOOD)).zone_set
    away = store.with_name("away")
    store.rename(away)
    for _ in range(upload_checks.ATTEMPTS + 1):
        with pytest.raises(Exception, match="expected a file in the store"):
            runner.work("upload", zone_set.pk)
    away.rename(store)
    assert runner.work("upload", zone_set.pk)
    zone_set.refresh_from_db()
    assert zone_set.stage == ZoneSet.Stage.REPORTED


def test_uploads_and_zones_of_an_account_are_limited(
    owner: User, settings: Any, store: Path
) -> None:
    settings.UPLOADS_PER_HOUR = 3
    first = receive(owner, geojson(GOOD[0])).zone_set
    receive(owner, geojson(GOOD[1]))
    # One that is there already is an upload as well.
    assert not receive(owner, geojson(GOOD[0])).created
    for content in (geojson(GOOD[0]), geojson(*GOOD)):
        with pytest.raises(QuotaReached) as refused:
            receive(owner, content)
    assert refused.value.retry_seconds is not None
    assert 3590 < refused.value.retry_seconds <= 3601
    assert len(files(store)) == 2
    AuditEntry.objects.update(at=timezone.now() - timedelta(hours=2))
    settings.ZONE_SETS_PER_ACCOUNT = 2
    with pytest.raises(QuotaReached, match="2 sets of this account"):
        receive(owner, geojson(*GOOD))
    settings.ZONE_SETS_PER_ACCOUNT = 10
    settings.ZONES_PER_ACCOUNT = 1
    zone_set = checked(owner, geojson(*GOOD))
    with pytest.raises(QuotaReached, match="2 zones of this account"):
        zone_acceptance.accept(zone_set=zone_set, by=owner, skip_bad=False, name="")
    runner.work("upload", first.pk)
    zone_acceptance.accept(zone_set=first, by=owner, skip_bad=False, name="")
    with pytest.raises(QuotaReached, match="1 zones of this account"):
        receive(owner, geojson(feature(square(2, 40), code="Z")))


def test_a_file_over_the_limit_leaves_nothing(owner: User, settings: Any, store: Path) -> None:
    settings.UPLOAD_MEGABYTES = 1
    with pytest.raises(LimitMet, match="1 MB"):
        receive(owner, b" " * 1_000_001)
    assert not ZoneSet.objects.exists()
    assert not files(store)


def test_published_withdrawn_shared_and_deleted_without_a_trace(
    owner: User, region: Any, store: Path
) -> None:
    zone_set = checked(owner, geojson(*GOOD))
    with pytest.raises(WrongState):
        set_publication.publish(zone_set=zone_set, by=owner)
    zone_acceptance.accept(zone_set=zone_set, by=owner, skip_bad=False, name="Areas")
    set_publication.publish(zone_set=zone_set, by=owner)
    zone_set.refresh_from_db()
    assert zone_set.layer is not None
    assert zone_set.layer.active
    assert PlaceName.objects.filter(key="beta").exists()
    number = Publication.objects.count()
    set_publication.publish(zone_set=zone_set, by=owner)
    assert Publication.objects.count() == number
    set_publication.withdraw(zone_set=zone_set, by=owner)
    token = set_publication.share(zone_set=zone_set, by=owner)
    assert len(token) == 43
    assert set_publication.share(zone_set=zone_set, by=owner) == token
    set_publication.revoke(zone_set=zone_set, by=owner)
    assert set_publication.share(zone_set=zone_set, by=owner) != token
    with pytest.raises(WrongState, match="empty name"):
        set_publication.rename(zone_set=zone_set, by=owner, name=" \x00 ")
    set_publication.rename(zone_set=zone_set, by=owner, name="Other areas")
    assert Level.objects.get(slug=zone_set.slug).name == "Other areas"
    set_publication.delete(zone_set=zone_set, by=owner)
    for model in (ZoneSet, Layer, Zone, PlaceName):
        assert not model.objects.exists(), model
    assert not Level.objects.filter(custom=True).exists()
    assert not files(store)
    assert events(zone_set) == [
        "uploaded",
        "accepted",
        "published",
        "withdrawn",
        "shared",
        "revoked",
        "shared",
        "deleted",
    ]
    assert receive(owner, geojson(*GOOD)).created


def test_a_set_deleted_while_it_is_checked_leaves_no_file(
    owner: User, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone_set = receive(owner, geojson(*GOOD)).zone_set
    keep = staged_zones.keep

    def deleted_first(found: ZoneSet, zones: Any) -> None:
        set_publication.delete(zone_set=found, by=owner)
        keep(found, zones)

    monkeypatch.setattr(staged_zones, "keep", deleted_first)
    assert not runner.work("upload", zone_set.pk)
    assert not ZoneSet.objects.exists()
    assert not files(store)


def test_checks_left_undone_are_queued_again(
    owner: User, quiet_broker: list[tuple[str, str, object]]
) -> None:
    zone_set = receive(owner, geojson(*GOOD)).zone_set
    assert quiet_broker == [("work", question_answers.KIND, zone_set.pk)]
    assert runner.take_up() == 0
    ZoneSet.objects.update(changed_at=timezone.now() - timedelta(minutes=2))
    assert runner.take_up() == 1
    assert runner.take_up() == 0
    assert runner.take_up(at_once=True) == 1
    assert len(quiet_broker) == 3


def test_names_of_files_are_plain(owner: User) -> None:
    zone_set = receive(owner, b"x", file_name="..\\..\\e\x00vil\n<b>.zip").zone_set
    assert zone_set.file_name == "evil<b>.zip"
    assert ".." not in zone_set.upload_key
