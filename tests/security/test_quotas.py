"""Attacks on quotas that are counted in the database: many uploads, many reports at once."""

from __future__ import annotations

import io
from collections import Counter
from typing import Any

import pytest
from django.contrib.auth.models import User

from analytics.uploads.records import Choice
from clcplus.actions import reports
from clcplus.actions.zone_sets import received_files
from clcplus.errors import QueueFull, QuotaReached
from clcplus.models import Report, ZoneSet
from tests.security.concurrency import at_once

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("store", "quiet_broker"),
]


def upload(owner: User, number: int) -> str:
    try:
        received_files.receive(
            owner=owner,
            source=io.BytesIO(f"file {number}".encode()),
            file_name=f"{number}.geojson",
            kind=ZoneSet.Kind.FILE,
            choice=Choice(),
        )
    except QuotaReached as error:
        return error.subject
    return "taken"


def test_of_20_uploads_at_once_as_many_pass_as_an_hour_has(settings: Any) -> None:
    settings.UPLOADS_PER_HOUR = 6
    owner = User.objects.create_user("owner", is_staff=True)
    found = Counter(at_once(lambda number: upload(owner, number), 20))
    assert found == {"taken": 6, "uploads": 14}


def test_of_20_sets_at_once_as_many_are_kept_as_an_account_may_have(settings: Any) -> None:
    settings.ZONE_SETS_PER_ACCOUNT = 5
    owner = User.objects.create_user("owner", is_staff=True)
    found = Counter(at_once(lambda number: upload(owner, number), 20))
    assert found == {"taken": 5, "zone sets": 15}
    assert ZoneSet.objects.count() == 5


def report(number: int, client: str) -> str:
    try:
        reports.request_report(
            level="commune",
            code=f"{number:05}",
            name="Somewhere",
            vintage=2024,
            earlier="",
            later="",
            language="en-gb",
            data="data",
            release="1",
            site="https://example.test",
            client=client,
        )
    except QueueFull as error:
        return type(error).__name__
    return "queued"


def test_of_20_reports_of_one_client_at_once_three_are_queued() -> None:
    found = Counter(at_once(lambda number: report(number, "one"), 20))
    assert found == {"queued": 3, "ShareReached": 17}


def test_the_queue_of_reports_holds_its_bound_at_once() -> None:
    found = Counter(at_once(lambda number: report(number, f"client {number}"), 30))
    assert found == {"queued": 20, "QueueFull": 10}
    assert Report.objects.count() == 20
