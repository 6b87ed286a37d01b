"""The journey to a report without JavaScript: asked for, followed, taken; and what may go wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from analytics import queries
from analytics.figures import Statistics
from analytics.rasters.store import open_store
from clcplus.actions import reports
from clcplus.models import Report
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world", "quiet_broker")]

HERE = "/territories/commune/07001/"
ASK = f"{HERE}report/"


@pytest.fixture(autouse=True)
def _none_left() -> Iterator[None]:
    yield
    Report.objects.all().delete()


@pytest.fixture
def report(client: Client) -> Report:
    """One that was asked for from the page."""
    response = client.post(ASK, {"vintage": "2024", "from": "clcplus-2018", "to": "clcplus-2021"})
    assert response.status_code == 302
    return Report.objects.get()


def page(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return str(response.content.decode())


def test_the_page_of_a_territory_offers_it(client: Client) -> None:
    text = page(client, HERE)
    form = re.search(r'<form class="report-form"[^>]*>.*?</form>', text, re.DOTALL)
    assert form is not None
    assert f'action="{ASK}"' in form[0]
    assert 'method="post"' in form[0]
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0]))
    assert fields == {"vintage": "2024", "from": "clcplus-2018", "to": "clcplus-2021"}
    response = client.post(ASK, fields)
    made = Report.objects.get()
    assert response["Location"] == f"/reports/{made.pk}/"
    assert (made.code, made.vintage, made.earlier, made.later) == (
        "07001",
        2024,
        "clcplus-2018",
        "clcplus-2021",
    )
    assert made.site == "http://testserver"


def test_no_cookie_and_no_token_is_needed(world: World) -> None:
    strict = Client(enforce_csrf_checks=True)
    for response in (strict.get(HERE), strict.post(ASK), strict.get(ASK)):
        assert response.status_code in {200, 302}
        assert not response.cookies
    followed = strict.get(f"/reports/{Report.objects.get().pk}/")
    assert not followed.cookies
    assert "no-store" in followed["Cache-Control"]


def test_two_clicks_lead_to_one_page(client: Client) -> None:
    first, second = client.post(ASK), client.post(ASK)
    assert first["Location"] == second["Location"]
    assert Report.objects.count() == 1


def test_the_language_is_that_of_the_page(client: Client, report: Report) -> None:
    response = client.post(f"/fr{ASK}")
    made = Report.objects.get(language="fr")
    assert response["Location"] == f"/fr/reports/{made.pk}/"
    assert made.pk != report.pk
    assert f"/reports/{report.pk}/" in page(client, f"/reports/{report.pk}/")


def test_progress_moves_without_a_script(client: Client, report: Report) -> None:
    address = f"/reports/{report.pk}/"
    text = page(client, address)
    assert '<noscript><meta http-equiv="refresh" content="2">' in text
    assert f'data-fragment="{address}progress/"' in text
    assert 'aria-valuenow="0"' in text
    assert "It is next." in text
    Report.objects.update(state="running", stage="charts", percent=50)
    fragment = page(client, f"{address}progress/")
    assert "<html" not in fragment
    assert "data-moving" in fragment
    assert 'aria-valuenow="50"' in fragment
    states = re.findall(r'<li class="stages__(\w+)"', fragment)
    assert states == ["done", "done", "now", "next"]
    assert [w for w in ("Figures", "Map", "Charts", "Pages") if w in fragment] == [
        "Figures",
        "Map",
        "Charts",
        "Pages",
    ]


def test_the_finished_file_is_taken(client: Client, report: Report, store: Path) -> None:
    address = f"/reports/{report.pk}.pdf"
    assert client.get(address).status_code == 404
    draft = store.parent / "draft.pdf"
    draft.write_bytes(b"%PDF-1.7 report")
    open_store(str(store)).put(draft, report.key)
    Report.objects.update(state="done", percent=100, pages=7, size=15, finished_at=timezone.now())
    text = page(client, f"/reports/{report.pk}/")
    assert f'href="{address}"' in text
    assert "7 pages" in text
    assert "http-equiv" not in text
    assert "data-moving" not in text
    response = client.get(address)
    assert response.content == b"%PDF-1.7 report"
    assert response["Content-Type"] == "application/pdf"
    assert "sealing-report-commune-07001-en.pdf" in response["Content-Disposition"]
    assert response["Cache-Control"] == "public, no-cache"
    again = client.get(address, headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304
    assert client.post(address).status_code == 405


def test_a_full_queue_says_when_to_come_again(
    client: Client, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "WAITING", 1)
    response = client.post("/territories/commune/07002/report/")
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    text = response.content.decode()
    assert "Many reports are waiting" in text
    assert 'action="/territories/commune/07002/report/"' in text
    assert Report.objects.count() == 1


def test_a_worker_that_is_away_is_named(client: Client, report: Report) -> None:
    address = f"/reports/{report.pk}/"
    assert "No worker has begun it yet" not in page(client, address)
    Report.objects.update(queued_at=timezone.now() - timedelta(minutes=1))
    assert "No worker has begun it yet" in page(client, address)
    Report.objects.update(state="running", moved_at=timezone.now() - timedelta(minutes=1))
    assert "It has not moved for a while" in page(client, address)
    Report.objects.update(state="queued", attempts=1)
    assert "Its making was interrupted" in page(client, address)


def test_reports_before_it_are_counted(client: Client, report: Report) -> None:
    client.post("/territories/commune/07002/report/")
    second = Report.objects.get(code="07002")
    assert "1 report is before it." in page(client, f"/reports/{second.pk}/")


def test_a_failure_has_its_reason_and_another_try(client: Client, report: Report) -> None:
    Report.objects.update(state="failed", error=reports.OUTDATED, finished_at=timezone.now())
    text = page(client, f"/reports/{report.pk}/")
    assert "New data were published while the report waited." in text
    assert "Try again" in text
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', text))
    assert client.post(ASK, fields)["Location"] == f"/reports/{report.pk}/"
    report.refresh_from_db()
    assert (report.state, report.error) == ("queued", "")


def test_nothing_observed_is_nothing_to_report(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = queries.statistics

    def unseen(*args: Any, **more: Any) -> list[Statistics]:
        nothing: dict[str, Any] = {
            "sealed": None,
            "observed": 0,
            "by_class": {},
        }
        return [replace(record, **nothing) for record in real(*args, **more)]

    monkeypatch.setattr("analytics.queries.statistics", unseen)
    response = client.post(ASK)
    assert response.status_code == 422
    assert "Nothing to report" in response.content.decode()
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        "/territories/commune/99999/report/",
        "/territories/nothing/07001/report/",
        "/territories/commune/07001/report/?vintage=1999",
        "/reports/00000000-0000-0000-0000-000000000000/",
        "/reports/00000000-0000-0000-0000-000000000000/progress/",
        "/reports/00000000-0000-0000-0000-000000000000.pdf",
    ],
)
def test_what_there_is_not(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_an_unusable_pair_is_the_usual_one(client: Client) -> None:
    fields: dict[str, Any] = {"from": "clcplus-2021", "to": "clcplus-2018"}
    client.post(ASK, fields)
    client.post(ASK, {"from": "x", "to": "y"})
    made = Report.objects.get()
    assert (made.earlier, made.later) == ("clcplus-2018", "clcplus-2021")


def test_what_it_holds_is_told_before(client: Client) -> None:
    text = page(client, ASK)
    assert "What it holds" in text
    assert not Report.objects.exists()
    assert client.put(ASK).status_code == 405
