"""The schema as generated clients need it: named bodies, bounds, statuses, this site's address."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from clcplus.api import pages, territories
from tests.world import World

pytestmark = pytest.mark.django_db

NOWHERE = "00000000-0000-0000-0000-000000000000"
OPERATIONS = {
    "index", "editions", "levels", "search", "territories", "territory", "territory_statistics",
    "territory_change", "bulk_statistics", "bulk_change", "posted_zone_statistics", "zone_sets",
    "zone_set_upload", "zone_set", "zone_set_change", "zone_set_delete", "zone_set_report", "job",
    "job_resume", "job_cancel", "territory_tiles", "territory_tile", "edition_tiles",
    "edition_tile", "change_tiles", "change_tile",
}  # fmt: skip
"""Names of functions in clients: what is here may not be renamed."""


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    found = SchemaGenerator().get_schema(request=None, public=True)
    return dict(json.loads(json.dumps(found)))


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def test_operations_keep_their_names(schema: dict[str, Any]) -> None:
    found = [operation["operationId"] for _, _, operation in operations(schema)]
    assert len(found) == len(set(found))
    assert set(found) >= OPERATIONS


def test_bodies_are_required_and_named(schema: dict[str, Any]) -> None:
    bodies = {
        operation["operationId"]: operation["requestBody"]
        for _, _, operation in operations(schema)
        if "requestBody" in operation
    }
    assert set(bodies) == {
        "posted_zone_statistics",
        "zone_set_upload",
        "zone_set_change",
        "sample_labels_send",
    }
    for body in bodies.values():
        assert body["required"] is True
        for content in body["content"].values():
            name = content["schema"]["$ref"].removeprefix("#/components/schemas/")
            assert name in schema["components"]["schemas"]
        # A generated client tells by the class of a body which media type it has.
        names = [content["schema"]["$ref"] for content in body["content"].values()]
        assert len(names) == len(set(names))


def parameters(schema: dict[str, Any], operation: str) -> dict[str, Any]:
    found = [one for _, _, one in operations(schema) if one["operationId"] == operation]
    return {one["name"]: one for one in found[0]["parameters"]}


def test_parameters_have_their_bounds(schema: dict[str, Any]) -> None:
    listed = parameters(schema, "territories")
    page, size = listed["page"]["schema"], listed["page_size"]["schema"]
    assert (page["minimum"], page["maximum"], page["default"]) == (1, 1_000_000, 1)
    assert (size["minimum"], size["maximum"]) == (1, pages.LARGEST_SIZE)
    assert size["default"] == pages.SIZE
    assert listed["search"]["schema"]["maxLength"] == territories.LONGEST_SEARCH
    found = parameters(schema, "search")
    limit, text = found["limit"]["schema"], found["q"]
    assert (limit["minimum"], limit["maximum"]) == (1, territories.MOST_RESULTS)
    assert limit["default"] == territories.RESULTS
    assert text["required"] is True
    assert (text["schema"]["minLength"], text["schema"]["maxLength"]) == (1, 100)
    for operation in ("zone_sets", "zone_set_report"):
        assert parameters(schema, operation)["page"]["schema"]["minimum"] == 1


def test_bounds_are_those_that_hold(client: Client, world: World, schema: dict[str, Any]) -> None:
    for operation, path, more in (
        ("territories", "/api/v1/territories/", ""),
        ("search", "/api/v1/search/", "&q=saint"),
    ):
        for name, about in parameters(schema, operation).items():
            bounds = about["schema"]
            if "minimum" not in bounds:
                continue
            for value, status in (
                (bounds["minimum"], {200}),
                (bounds["maximum"], {200, 404}),  # a page behind the last
                (bounds["minimum"] - 1, {400}),
                (bounds["maximum"] + 1, {400}),
            ):
                assert client.get(f"{path}?{name}={value}{more}").status_code in status, name
    assert client.get("/api/v1/search/", {"q": "x" * 100}).status_code == 200
    assert client.get("/api/v1/search/", {"q": "x" * 101}).status_code == 400
    assert client.get("/api/v1/search/?q=%20").status_code == 400


def matching(schema: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    """The operation that a request is for."""
    for known, address, operation in operations(schema):
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(address))
        if known == method and re.fullmatch(pattern, path):
            return operation
    raise AssertionError(f"{method} {path}")


TERRITORY = "/api/v1/territories/commune/07001/"
ASKED = [
    ("get", "/api/v1/", {}, 200),
    ("get", "/api/v1/", {"Accept": "image/png"}, 406),
    ("get", "/api/v1/editions/?x=1", {}, 400),
    ("get", "/api/v1/territories/?page=9", {}, 404),
    ("get", f"{TERRITORY}change/?from=2021&to=2018", {}, 422),
    ("get", f"{TERRITORY}statistics/", {"Accept": "text/csv"}, 406),
    ("get", "/api/v1/statistics/?level=commune", {"Authorization": "Bearer x"}, 401),
    ("get", "/api/v1/change/?level=commune&to=1999", {}, 404),
    ("get", f"/api/v1/jobs/{NOWHERE}/", {}, 401),
    ("get", f"/api/v1/jobs/{NOWHERE}/", {"Accept": "text/csv"}, 406),
    ("post", f"/api/v1/jobs/{NOWHERE}/", {}, 401),
    ("post", f"/api/v1/jobs/{NOWHERE}/", {"Content-Type": "text/plain; charset=koi8-r"}, 415),
    ("delete", f"/api/v1/zones/{NOWHERE}/", {"Accept": "text/csv"}, 406),
    ("delete", f"/api/v1/zones/{NOWHERE}/", {}, 401),
    ("patch", f"/api/v1/zones/{NOWHERE}/", {}, 401),
    ("get", f"/api/v1/zones/{NOWHERE}/", {}, 404),
    ("get", f"/api/v1/zones/{NOWHERE}/report/", {}, 401),
    ("get", "/api/v1/zones/?page=9", {}, 404),
    ("post", "/api/v1/zones/", {}, 401),
    ("post", "/api/v1/statistics/", {"Content-Type": "text/plain"}, 415),
    ("post", "/api/v1/statistics/", {"Content-Type": "application/json"}, 422),
    ("post", "/api/v1/statistics/?x=1", {"Content-Type": "application/json"}, 400),
    ("get", "/tiles/editions/nothing.json", {}, 404),
    ("get", "/tiles/editions/clcplus-2021.json", {}, 200),
    ("get", "/tiles/editions/clcplus-2021/9/259/999.png", {}, 404),
    ("get", "/tiles/change/clcplus-2021/clcplus-2018.json", {}, 422),
    ("get", "/tiles/change/clcplus-2018/clcplus-2021.json?across=x", {}, 400),
    ("get", "/tiles/territories/commune.json", {}, 200),
]


@pytest.mark.parametrize(("method", "address", "headers", "status"), ASKED)
def test_each_status_is_declared(
    client: Client,
    world: World,
    schema: dict[str, Any],
    method: str,
    address: str,
    headers: dict[str, str],
    status: int,
) -> None:
    path = address.partition("?")[0]
    kind = headers.get("Content-Type", "application/octet-stream")
    more = {"content_type": kind} if method in {"post", "patch", "delete"} else {}
    asking = {name: value for name, value in headers.items() if name != "Content-Type"}
    response = getattr(client, method)(address, headers=asking, **more)
    assert response.status_code == status, response.getvalue()
    told = matching(schema, method, path)["responses"][str(status)]
    assert response["Content-Type"].partition(";")[0] in told["content"]
    if status >= 400:
        body = response.json()
        assert set(schema["components"]["schemas"]["Problem"]["required"]) <= set(body)
        assert len(body["action"]) > 10


@pytest.mark.parametrize("path", ["/api/v1/editions/", "/tiles/editions/clcplus-2021.json"])
def test_what_is_unchanged_is_declared(
    client: Client, world: World, schema: dict[str, Any], path: str
) -> None:
    tag = client.get(path)["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert "304" in matching(schema, "get", path)["responses"]


def test_who_waits_is_told_how_long(schema: dict[str, Any]) -> None:
    for _, path, operation in operations(schema):
        for status in ("429", "503"):
            assert "Retry-After" in operation["responses"][status]["headers"], path


@pytest.mark.parametrize("site", ["", "https://figures.example.org"])
def test_schema_and_page_name_the_site_that_is_asked(
    client: Client, settings: Any, site: str
) -> None:
    settings.SITE_URL = site
    here = site or "http://testserver"
    told = client.get("/api/v1/schema/?format=json")
    assert told.json()["servers"] == [{"url": here}]
    assert client.get("/api/v1/schema/").content.decode().count(here) > 10
    page = client.get("/api/v1/docs/").content.decode()
    for text in (told.content.decode(), page):
        assert f"{here}/api/v1/zones/" in text
        assert "sealing.example" not in text


def test_the_index_leads_to_tiles(client: Client, world: World) -> None:
    tiles = client.get("/api/v1/").json()["tiles"]
    assert {one["kind"] for one in tiles} == {"territories", "edition", "change"}
    for one in tiles:
        told = client.get(one["tilejson"])
        assert told.status_code == 200
        assert told.json()["tilejson"] == "3.0.0"
    page = client.get("/api/v1/docs/").content.decode()
    assert "TileJSON" in page
    assert "/tiles/change/{earlier}/{later}.json" in page
    assert "EPSG:3857" in page
