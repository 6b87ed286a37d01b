"""One id from a request to the worker, in answers, problem documents and log lines."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.test import Client

from clcplus.models import Report
from clcplus.monitoring import request_ids
from tests import workers
from tests.world import build

pytestmark = pytest.mark.django_db(transaction=True)

MADE = re.compile(r"[0-9a-f]{32}")


@pytest.mark.parametrize(
    "given", ["abc-1", "0af7651916cd43dd8448eb211c80319c", "A.b_c-9", "x" * 64]
)
def test_a_safe_id_is_kept(client: Client, given: str) -> None:
    answer = client.get("/healthz", headers={"X-Request-ID": given})
    assert answer["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["x" * 10_000, "a\tb", "a;b=c", "<script>", "a,b", "é", ""])
def test_any_other_id_is_replaced(client: Client, given: str) -> None:
    answer = client.get("/healthz", headers={"X-Request-ID": given})
    assert MADE.fullmatch(answer["X-Request-ID"])


def test_each_request_has_an_id_of_its_own(client: Client) -> None:
    found = [client.get("/healthz")["X-Request-ID"] for _ in range(2)]
    assert found[0] != found[1]
    assert request_ids.current() is None


@pytest.mark.parametrize(
    ("path", "status"), [("/api/v1/nowhere/", 404), ("/api/v1/territories/?level=%00", 400)]
)
def test_problems_have_it(client: Client, path: str, status: int) -> None:
    answer = client.get(path, headers={"X-Request-ID": "abc-1"})
    assert answer.status_code == status
    assert answer["X-Request-ID"] == answer.json()["request_id"] == "abc-1"


def test_a_page_that_is_not_there_has_it_too(client: Client) -> None:
    answer = client.get("/nowhere/", headers={"X-Request-ID": "abc-1"})
    assert (answer.status_code, answer["X-Request-ID"]) == (404, "abc-1")


def test_the_worker_logs_with_the_id_of_the_request(
    client: Client,
    store: Path,
    empty_queue: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    build()
    monkeypatch.setenv("LOG_FORMAT", "json")
    log = tmp_path / "worker.log"
    asked = client.post(
        "/territories/commune/07001/report/", {}, headers={"X-Request-ID": "asked-by-a-reader"}
    )
    report = Report.objects.get()
    assert asked.status_code == 302
    with workers.worker(log=log, processes=1, queues="reports"):
        workers.wait_for(
            lambda: (
                not Report.objects.filter(pk=report.pk, state__in=("queued", "running")).exists()
            ),
            what="the report",
        )
        lines = workers.wait_for(
            lambda: [line for line in _lines(log) if line.get("request_id") == "asked-by-a-reader"],
            what="a line with the id",
        )
    assert all(line["logger"] for line in lines)
    # Each line of the worker is JSON, those of Celery too.
    assert [line["message"] for line in _lines(log) if "ready" in line["message"]]


def _lines(log: Path) -> list[dict[str, str]]:
    """What was logged; Celery's greeting on stdout is no log."""
    lines = log.read_text().splitlines()
    assert not [line for line in lines if " INFO " in line or " ERROR " in line]
    return [json.loads(line) for line in lines if line.startswith("{")]
