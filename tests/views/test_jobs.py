"""Pages of jobs: for staff alone, with what a run says of itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import shapely
from django.test import Client
from django.urls import reverse

from clcplus.models import Edition, Run, Unit, ZoneBatch, ZoneSet
from tests.zone_sets.layers import layer_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> Run:
    """A run that is half-way, with a unit that has failed."""
    edition = Edition.objects.create(
        slug="e", product="clcplus", product_name="CLC+ Backbone", year=2021, origin="official"
    )
    made: Run = Run.objects.create(
        kind=Run.Kind.INGEST,
        state=Run.State.RUNNING,
        edition=edition,
        units_total=4,
        units_done=2,
        cells_total=4_000_000,
        cells_done=2_000_000,
        message="counting",
    )
    Run.objects.filter(pk=made.pk).update(
        started_at=datetime.now(UTC) - timedelta(seconds=10), updated_at=datetime.now(UTC)
    )
    Unit.objects.create(
        run=made,
        edition=edition,
        tile="E38N22",
        cells=1,
        state=Unit.State.FAILED,
        attempts=3,
        error="block 3 <cannot> be read",
    )
    made.refresh_from_db()
    return made


@pytest.mark.parametrize("name", ["jobs", "job", "job_progress"])
def test_readers_are_asked_to_sign_in(client: Client, run: Run, name: str) -> None:
    address = reverse(name, args=[] if name == "jobs" else [run.pk])
    response = client.get(address)
    assert response.status_code == 302
    assert "/admin/login/" in response["Location"]


def test_staff_see_progress_and_failures(admin_client: Client, run: Run) -> None:
    page = admin_client.get(reverse("job", args=[run.pk])).content.decode()
    assert "50\u202f%" in page or "50&#8239;%" in page
    assert "2\u202f000\u202f000" in page
    assert "E38N22" in page
    assert "block 3 &lt;cannot&gt; be read" in page
    assert "1 unit has failed" in page
    assert '<noscript><meta http-equiv="refresh" content="2">' in page
    assert f'data-fragment="/jobs/{run.pk}/progress/"' in page
    assert "no-store" in admin_client.get(reverse("job", args=[run.pk]))["Cache-Control"]


def test_fragment_stops_moving_at_the_end(admin_client: Client, run: Run) -> None:
    address = reverse("job_progress", args=[run.pk])
    assert "data-moving" in admin_client.get(address).content.decode()
    run.state = Run.State.SUCCEEDED
    run.finished_at = datetime.now(UTC)
    run.save()
    fragment = admin_client.get(address).content.decode()
    assert "data-moving" not in fragment
    assert "<html" not in fragment
    assert "http-equiv" not in admin_client.get(reverse("job", args=[run.pk])).content.decode()


def test_list_counts_failed_units(
    admin_client: Client, run: Run, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(5):
        page = admin_client.get(reverse("jobs")).content.decode()
    assert str(run.pk) in page
    assert "ingest of an edition" in page


def test_unknown_job_is_not_found(admin_client: Client, run: Run) -> None:
    address = reverse("job", args=["00000000-0000-0000-0000-000000000000"])
    assert admin_client.get(address).status_code == 404


@pytest.fixture
def zones_run() -> Run:
    """A run of a set, three of whose zones could not be counted."""
    made: Run = Run.objects.create(
        kind=Run.Kind.ZONES,
        state=Run.State.SUCCEEDED,
        layer=layer_of([shapely.box(0, 0, 100, 100)], name="Parks & <gardens>"),
        units_total=5,
        units_done=5,
    )
    ZoneBatch.objects.create(
        run=made, number=1, zones=[1, 2], cells=1, state=ZoneBatch.State.FAILED, error="lost"
    )
    failures = [{"zone": 3, "code": "3", "name": "Third", "reason": "unreadable"}]
    ZoneBatch.objects.create(run=made, number=2, zones=[3, 4, 5], cells=1, failures=failures)
    return made


@pytest.mark.parametrize("name", ["jobs", "job"])
def test_a_computation_of_zones_leads_to_its_set(
    admin_client: Client, run: Run, zones_run: Run, name: str
) -> None:
    page = admin_client.get(reverse(name, args=[] if name == "jobs" else [zones_run.pk]))
    source = page.content.decode()
    assert f'href="{ZoneSet.objects.get().get_absolute_url()}"' in source
    assert "Parks &amp; &lt;gardens&gt;" in source


def test_zones_that_failed_are_counted_as_units_are(
    admin_client: Client, run: Run, zones_run: Run
) -> None:
    listed = admin_client.get(reverse("jobs")).context["runs"]
    assert {one.kind: one.failed for one in listed} == {"zones": 3, "ingest": 1}
