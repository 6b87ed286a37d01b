"""Which format is answered: `Accept` with its weights (RFC 9110), the address, and OPTIONS."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from clcplus.files import formats
from clcplus.http.negotiation import chosen, ranges
from tests.world import World

pytestmark = pytest.mark.django_db

TABLE = "/api/v1/statistics/?level=commune"
TERRITORY = "/api/v1/territories/commune/07001/"
MEDIA = dict(formats.TABLES)
JSON, CSV, XLSX, PARQUET = (MEDIA[name] for name in ("json", "csv", "xlsx", "parquet"))


@pytest.fixture(autouse=True)
def _world(world: World) -> None:
    """Every test has the world."""


def answered(client: Client, path: str, accept: str | None) -> str:
    """The media type of an answer, without its parameters."""
    headers = {} if accept is None else {"Accept": accept}
    response = client.get(path, headers=headers)
    response.getvalue()
    assert response.status_code == 200, accept
    assert "Accept" in response["Vary"]
    return str(response["Content-Type"]).partition(";")[0]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        (CSV, CSV),
        (XLSX, XLSX),
        (PARQUET, PARQUET),
        # Weights decide, in whatever order they stand.
        (f"{CSV};q=0.1, {JSON}", JSON),
        (f"{JSON};q=0.5, {CSV};q=0.9", CSV),
        (f"{JSON};q=0.5, {PARQUET};q=0.501, {CSV};q=0.5", PARQUET),
        (f"{XLSX}; q=0.8, */*; q=0.1", XLSX),
        (f"{CSV};q=0.2, */*;q=0.8", JSON),
        # The more specific range is that which holds, also where it weighs less.
        (f"*/*, {JSON};q=0.1", CSV),
        (f"application/*;q=0.9, {JSON};q=0.1, {CSV};q=0.5", XLSX),
        ("text/*;q=0.9, application/*;q=0.5", CSV),
        ("text/*, */*;q=0.1", CSV),
        # 0 is never.
        (f"{JSON};q=0, */*", CSV),
        (f"{JSON};q=0.0, {CSV};q=0.000, */*;q=0.3", XLSX),
        (f"application/*;q=0, {CSV}", CSV),
        # Of equals the one that is named, then the first.
        (f"*/*, {CSV}", CSV),
        (f"{CSV}, {JSON}", JSON),
        # A range with parameters is about nothing else.
        ("text/csv;charset=utf-8", CSV),
        ('text/csv; header=present; charset="UTF-8"', CSV),
        (f"{CSV};header=absent, {XLSX};q=0.3", XLSX),
        (f"{JSON};version=2, {CSV};q=0.5", CSV),
        (f"{JSON};indent=2", JSON),
        (f"{CSV};q=0.9;extension=1, {JSON};q=0.5", CSV),
        # As clients write it.
        ("TEXT/CSV", CSV),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", JSON),
        ("text/html, image/gif, *; q=.2, */*; q=.2", JSON),
        # What cannot be read is left out.
        (f"{CSV};q=high, {XLSX};q=0.1", XLSX),
        (f"{CSV};q=2, {XLSX};q=0.1", XLSX),
        (f", ,;q=1, json, */csv, {CSV};q=0.1", CSV),
        ("json", JSON),
    ],
)
def test_weights_choose_the_format(client: Client, accept: str | None, expected: str) -> None:
    assert answered(client, TABLE, accept) == expected


def test_the_example_of_the_standard() -> None:
    """RFC 9110, section 12.5.1."""
    accepted = ranges(
        [
            "text/*;q=0.3", "text/plain;q=0.7", "text/plain;format=flowed",
            "text/plain;format=fixed;q=0.4", "*/*;q=0.5",
        ]
    )  # fmt: skip
    assert chosen(accepted, ["text/html", "image/jpeg", "text/plain"]) == 2
    assert chosen(accepted, ["text/html", "image/jpeg"]) == 1


@pytest.mark.parametrize(
    "accept",
    ["application/pdf", "*/*;q=0", f"{JSON};q=0", "text/html;q=1, text/*;q=0.5", "image/*"],
)
def test_nothing_acceptable_is_a_406(client: Client, accept: str) -> None:
    response = client.get(TERRITORY, headers={"Accept": accept})
    assert response.status_code == 406
    assert response["Content-Type"] == "application/problem+json"
    assert "Accept" in response["Vary"]
    body = response.json()
    assert body["allowed"] == [JSON]
    assert body["action"]


@pytest.mark.parametrize("name", list(MEDIA))
@pytest.mark.parametrize(
    "accept", ["*/*", "application/json", "application/pdf", "text/html;q=0.9"]
)
def test_the_address_decides_over_the_header(client: Client, name: str, accept: str) -> None:
    assert answered(client, f"{TABLE}&format={name}", accept) == MEDIA[name]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", "application/vnd.oai.openapi"),
        ("application/json", "application/json"),
        ("application/yaml;q=0.5, application/json;q=0.6", "application/json"),
        ("application/vnd.oai.openapi+json, */*;q=0.1", "application/vnd.oai.openapi+json"),
    ],
)
def test_the_schema_weighs_too(client: Client, accept: str, expected: str) -> None:
    assert answered(client, "/api/v1/schema/", accept) == expected


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        ("text/html,*/*;q=0.8", True),
        ("application/json, text/html;q=0.1", False),
        ("text/html;q=0, */*", False),
        ("*/*", False),
        ("text/html;q=0.5, application/json;q=0.5", True),
    ],
)
def test_who_prefers_a_page_gets_the_refusal_as_one(
    client: Client, settings: Any, accept: str, page: bool
) -> None:
    settings.DOWNLOADS_PER_MINUTE = 1
    path = f"{TABLE}&format=csv"
    client.get(path).getvalue()
    response = client.get(f"{path}&edition=2018", headers={"Accept": accept})
    assert response.status_code == 429
    assert response["Content-Type"].startswith("text/html") == page


@pytest.mark.parametrize(
    ("accept", "zipped"),
    [
        ("gzip", True),
        ("gzip;q=0", False),
        ("gzip; Q=0.000, identity", False),
        ("br, gzip;q=0.1", True),
    ],
)
def test_encodings_are_weighed_too(client: Client, accept: str, zipped: bool) -> None:
    for path in ("/api/v1/schema/", "/"):
        response = client.get(path, headers={"Accept-Encoding": accept})
        assert response.status_code == 200
        assert ("Content-Encoding" in response) == zipped, path


PATHS = [
    "/api/v1/", "/api/v1/editions/", "/api/v1/levels/", "/api/v1/search/", "/api/v1/territories/",
    TERRITORY, f"{TERRITORY}statistics/", f"{TERRITORY}change/", "/api/v1/statistics/",
    "/api/v1/change/", "/api/v1/zones/", "/api/v1/schema/", "/api/v1/docs/",
    "/api/v1/zones/00000000-0000-0000-0000-000000000000/",
    "/api/v1/zones/00000000-0000-0000-0000-000000000000/report/",
    "/api/v1/jobs/00000000-0000-0000-0000-000000000000/",
    "/api/v1/zones", "/api/v1/statistics",
    "/tiles/territories/commune.json", "/tiles/territories/commune/9/259/176.mvt",
    "/tiles/editions/clcplus-2021.json", "/territories/commune/07001/tables/change.csv",
    "/ranking/commune/table.xlsx",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("accept", ["*/*", XLSX, "text/csv;q=1, */*;q=0", "text/html"])
def test_options_are_told_in_json(client: Client, path: str, accept: str) -> None:
    for query in ("", "?format=csv", "?format=xlsx"):
        response = client.options(f"{path}{query}", headers={"Accept": accept})
        assert response.status_code == 200, response.content
        assert response["Content-Type"] == "application/json"
        assert isinstance(response.json(), dict)
        assert "OPTIONS" in response["Allow"]
