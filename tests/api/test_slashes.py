"""A request whose address lacks its last slash is sent on, whatever its method, with its body."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from tests.security.plain_wsgi import ask

pytestmark = pytest.mark.django_db

NOWHERE = uuid.UUID(int=0)
PATHS = [
    "/api", "/api/v1", "/api/v1/editions", "/api/v1/statistics", "/api/v1/change", "/api/v1/zones",
    f"/api/v1/zones/{NOWHERE}", f"/api/v1/zones/{NOWHERE}/report", f"/api/v1/jobs/{NOWHERE}",
    "/api/v1/territories/commune/07001", "/api/v1/territories/commune/07001/change",
    "/api/v1/schema", "/api/v1/docs", "/zones/new", "/fr/zones/new",
]  # fmt: skip


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", PATHS)
def test_other_methods_are_sent_on_as_they_are(
    path: str, method: str, debug: bool, settings: Any
) -> None:
    settings.DEBUG = debug
    answer = ask(
        path,
        method=method,
        query="repair=true",
        body=b'{"type": "Polygon"}',
        CONTENT_TYPE="application/json",
    )
    assert answer.status == 308, answer.body
    assert answer.headers["Location"] == f"{path}/?repair=true"


@pytest.mark.parametrize("path", PATHS)
def test_reading_is_sent_on_as_ever(client: Client, path: str) -> None:
    response = client.get(path)
    assert (response.status_code, response["Location"]) == (301, f"{path}/")


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v2/zones", "/nothing", "/api//zones"])
def test_what_is_nowhere_is_a_404(path: str, debug: bool, settings: Any) -> None:
    settings.DEBUG = debug
    assert ask(path, method="POST", body=b"{}", CONTENT_TYPE="application/json").status == 404


def test_a_slash_leads_to_no_other_site() -> None:
    answer = ask("//evil.test/zones/new", method="POST", body=b"x")
    assert not answer.headers.get("Location", "").startswith("//")
