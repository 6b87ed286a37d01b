"""The address of the API's schema: half a second of work, a header, and a language to choose."""

from __future__ import annotations

import json
from collections.abc import Iterator
from unittest import mock

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from clcplus.api import documentation

PATH = "/api/v1/schema/"
JSON = {"accept": "application/vnd.oai.openapi+json"}


@pytest.fixture(autouse=True)
def nothing_made_yet() -> Iterator[None]:
    kept = (documentation.published_schema, documentation.rendered_schema)
    for one in kept:
        one.cache_clear()
    yield
    for one in kept:
        one.cache_clear()


def test_many_requests_have_it_made_once() -> None:
    with mock.patch.object(
        SchemaGenerator, "get_schema", autospec=True, side_effect=SchemaGenerator.get_schema
    ) as made:
        bodies = {Client().get(PATH).content for _ in range(20)}
        assert json.loads(Client().get(PATH, headers=JSON).content)["openapi"].startswith("3.")
    assert made.call_count == 1
    assert len(bodies) == 1


@pytest.mark.parametrize("version", ["a%0d%0aX-Planted:%201", "%22;x=%22", "2", "%00"])
def test_a_version_does_not_get_into_a_header(version: str) -> None:
    response = Client().get(f"{PATH}?version={version}")
    assert response.status_code in {200, 400}
    assert "X-Planted" not in response.headers
    disposition = response.headers.get("Content-Disposition", "")
    assert disposition in {"", 'inline; filename="Soil-sealing statistics.yaml"'}


def test_the_language_of_one_client_is_not_that_of_all() -> None:
    first = Client().get(f"{PATH}?lang=fr").content
    assert Client().get(PATH).content == first
    assert b"Sealed area of territories" in first
