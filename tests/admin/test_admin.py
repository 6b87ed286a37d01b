"""The admin: what administrators see and may do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import shapely
import shapely.affinity
from django.contrib.auth.models import User
from django.test import Client, override_settings
from django.urls import reverse

from clcplus.jobs import runner
from clcplus.models import Edition, Run, ZoneBatch
from tests.rasters import write_raster
from tests.region import Region
from tests.runs import drain, load_zones, register
from tests.zone_sets.landscape import NORTH, WEST, Landscape
from tests.zone_sets.layers import layer_of, planned

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store", "quiet_broker")]

FIELD = shapely.box(WEST, NORTH - 200, WEST + 200, NORTH)


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("admin", password="x"))
    return client


@pytest.fixture
def inbox(tmp_path: Path, region: Region):  # type: ignore[no-untyped-def]
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "2021.tif").symlink_to(region.edition(2021))
    (folder / "notes.txt").write_text("x")
    with override_settings(CLCPLUS_INBOX=folder):
        yield folder


LISTS = (
    "apitoken",
    "auditentry",
    "edition",
    "layer",
    "level",
    "population",
    "publication",
    "report",
    "run",
    "unit",
    "watchedfile",
    "zone",
    "zonebatch",
    "zoneset",
)


def test_every_list_opens(admin: Client, region: Region) -> None:
    load_zones(region)
    drain(register(region, 2021))
    opened = {
        name: admin.get(reverse(f"admin:clcplus_{name}_changelist")).status_code for name in LISTS
    }
    assert opened == dict.fromkeys(LISTS, 200)


def test_an_edition_is_ingested_from_the_inbox(admin: Client, region: Region, inbox: Path) -> None:
    load_zones(region)
    form = admin.get(reverse("admin:clcplus_edition_ingest"))
    assert b"2021.tif" in form.content
    assert b"notes.txt" not in form.content
    answer = admin.post(
        reverse("admin:clcplus_edition_ingest"),
        {"names": ["2021.tif"], "year": "2021", "product": "clcplus", "publish": "on"},
    )
    request = Run.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"/jobs/{request.pk}/"
    runner.handle_work("register", request.pk)
    request.refresh_from_db()
    assert request.state == Run.State.SUCCEEDED
    ingest = Run.objects.get(kind=Run.Kind.INGEST)
    assert request.parameters["ingest"] == str(ingest.pk)
    drain(ingest)
    assert Edition.objects.get().status == Edition.Status.PUBLISHED


def test_a_bad_raster_ends_the_request_with_its_reason(
    admin: Client, region: Region, inbox: Path
) -> None:
    load_zones(region)
    write_raster(inbox / "bad.tif", [[77]])
    admin.post(
        reverse("admin:clcplus_edition_ingest"),
        {"names": ["bad.tif"], "year": "2021", "product": "clcplus"},
    )
    request = Run.objects.get()
    runner.handle_work("register", request.pk)
    request.refresh_from_db()
    assert request.state == Run.State.FAILED
    assert request.message.startswith("bad.tif: found code 77 in 1 cells")
    assert not Edition.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("names", ["../secret.tif"]), ("year", "soon"), ("missing", "none"), ("missing", "300")],
)
def test_bad_input_is_reported_beside_its_field(
    admin: Client, inbox: Path, field: str, value: object
) -> None:
    wanted = {"names": ["2021.tif"], "year": "2021", "product": "clcplus", field: value}
    answer = admin.post(reverse("admin:clcplus_edition_ingest"), wanted)
    assert answer.status_code == 200
    assert b"errorlist" in answer.content
    assert not Run.objects.exists()


def test_only_a_superuser_ingests_and_publishes(
    client: Client, region: Region, inbox: Path
) -> None:
    client.force_login(User.objects.create_user("staff", password="x", is_staff=True))
    answer = client.post(reverse("admin:clcplus_edition_ingest"), {"names": ["2021.tif"]})
    assert answer.status_code == 302
    assert not Run.objects.exists()
    client.logout()
    assert client.get(reverse("admin:clcplus_edition_ingest")).status_code == 302


def test_editions_are_published_and_withdrawn_by_their_actions(
    admin: Client, region: Region
) -> None:
    load_zones(region)
    edition = drain(register(region, 2021, publish=False)).edition
    assert edition is not None
    for action, status in (("publish", "published"), ("withdraw", "withdrawn")):
        admin.post(
            reverse("admin:clcplus_edition_changelist"),
            {"action": action, "_selected_action": [edition.pk]},
        )
        edition.refresh_from_db()
        assert edition.status == status


def test_runs_are_cancelled_and_resumed(admin: Client, region: Region) -> None:
    load_zones(region)
    run = register(region, 2021)
    for action, state in (("cancel", "cancelled"), ("take_up", "queued")):
        admin.post(
            reverse("admin:clcplus_run_changelist"),
            {"action": action, "_selected_action": [str(run.pk)]},
        )
        run.refresh_from_db()
        assert run.state == state


def steer(admin: Client, action: str, *runs: Run) -> str:
    """Do an action with runs; what the next page says of it."""
    answer = admin.post(
        reverse("admin:clcplus_run_changelist"),
        {"action": action, "_selected_action": [str(run.pk) for run in runs]},
        follow=True,
    )
    return answer.content.decode()


def test_a_zone_computation_resumes_with_its_missing_figures(
    admin: Client,
    landscape: Landscape,
    quiet_broker: list[tuple[str, str, object]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    landscape.publish(2021)
    layer = layer_of([FIELD, shapely.affinity.translate(FIELD, 500)])
    cancelled = planned(layer)
    steer(admin, "cancel", cancelled)
    # What it had planned is no longer to be trusted: only what lacks now is queued.
    ZoneBatch.objects.filter(run=cancelled).update(zones=[])
    quiet_broker.clear()
    with django_capture_on_commit_callbacks(execute=True):
        steer(admin, "take_up", cancelled)
    cancelled.refresh_from_db()
    assert cancelled.state == "queued"
    [batch] = ZoneBatch.objects.filter(run=cancelled)
    assert len(batch.zones) == 2
    assert quiet_broker == [("work", "zones", batch.pk)]


def test_the_page_says_why_a_zone_computation_is_not_resumed(
    admin: Client, landscape: Landscape
) -> None:
    landscape.publish(2021)
    layer = layer_of([FIELD])
    former = planned(layer)
    steer(admin, "cancel", former)
    current = planned(layer)
    said = steer(admin, "take_up", former)
    former.refresh_from_db()
    assert former.state == "cancelled"
    assert f"run {current.pk}, which computes these zones" in said
