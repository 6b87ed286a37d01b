"""The schema is valid OpenAPI 3, is what the API answers, and makes a page."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from openapi_spec_validator import validate

from clcplus.api.zones import uploads
from clcplus.areas.posted_area import area_of
from tests.world import World

pytestmark = pytest.mark.django_db


def test_the_schema_has_no_warnings(tmp_path) -> None:
    file = tmp_path / "schema.yaml"
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(file))
    schema = yaml.safe_load(file.read_text(encoding="utf-8"))
    validate(schema)
    assert "/api/v1/territories/{level}/{code}/change/" in schema["paths"]


def test_every_address_is_described(client: Client) -> None:
    schema = yaml.safe_load(client.get("/api/v1/schema/").content)
    assert len(schema["paths"]) > 15
    for path, methods in schema["paths"].items():
        if path.endswith("/schema/"):
            continue
        operation = methods["get"]
        assert operation["summary"], path
        assert operation["description"], path
        assert "application/problem+json" in operation["responses"]["400"]["content"]


def test_what_is_posted_is_described_with_examples(client: Client) -> None:
    schema = yaml.safe_load(client.get("/api/v1/schema/").content)
    operation = schema["paths"]["/api/v1/statistics/"]["post"]
    assert operation["operationId"] == "posted_zone_statistics"
    assert "at once" in operation["description"]
    bodies = operation["requestBody"]["content"]
    assert set(bodies) == {"application/geo+json", "application/json"}
    example = next(iter(bodies["application/geo+json"]["examples"].values()))["value"]
    assert area_of(json.loads(json.dumps(example), parse_int=float), repair=False).vertices == 5
    answers = operation["responses"]
    assert answers["200"]["content"]["application/json"]["examples"]
    assert answers["422"]["content"]["application/problem+json"]["examples"]
    assert {"400", "404", "406", "413", "415", "429", "503"} <= set(answers)
    page = client.get("/api/v1/docs/").content.decode()
    assert 'id="posted_zone_statistics"' in page
    assert "FeatureCollection of exactly one" in page
    assert "[2.35, 48.85]" in page
    # The table of the same address keeps its own words.
    assert schema["paths"]["/api/v1/statistics/"]["get"]["description"].startswith("Tidy rows")


def test_uploads_and_jobs_are_described_with_commands(client: Client) -> None:
    schema = yaml.safe_load(client.get("/api/v1/schema/").content)
    paths = schema["paths"]
    upload = paths["/api/v1/zones/"]["post"]
    assert set(upload["requestBody"]["content"]) == set(uploads.MEDIA_TYPES)
    assert {p["name"] for p in upload["parameters"]} == set(uploads.PARAMETERS)
    assert {"202", "200", "401", "403", "409", "411", "413", "415", "422", "429"} <= set(
        upload["responses"]
    )
    assert set(paths["/api/v1/zones/{id}/"]) == {"get", "patch", "delete"}
    assert set(paths["/api/v1/jobs/{id}/"]) == {"get", "post", "delete"}
    assert "get" in paths["/api/v1/zones/{id}/report/"]
    scheme = schema["components"]["securitySchemes"]
    assert any(one.get("scheme") == "bearer" for one in scheme.values()), scheme
    page = client.get("/api/v1/docs/").content.decode()
    assert page.count('class="api-sample"') == 12
    assert "Authorization: Bearer $TOKEN" in page
    assert "<code>skip_bad=true</code>" in page
    assert "`" not in page.split("<main", 1)[1]


def test_the_schema_as_json(client: Client) -> None:
    assert client.get("/api/v1/schema/?format=json").json()["openapi"].startswith("3.")


def test_the_answers_have_the_fields_of_the_schema(client: Client, world: World) -> None:
    schema = client.get("/api/v1/schema/?format=json").json()
    shapes = schema["components"]["schemas"]
    for tail, shape in (("", "TerritoryShape"), ("statistics/", "StatisticsShape")):
        name = next(key for key in shapes if key == shape or f"{key}Shape" == shape)
        body = client.get(f"/api/v1/territories/commune/07001/{tail}").json()
        assert set(body) <= set(shapes[name]["properties"])
        assert set(shapes[name]["required"]) <= set(body)


def test_the_page_works_alone(client: Client) -> None:
    response = client.get("/api/v1/docs/")
    assert response.status_code == 200
    text = response.content.decode()
    assert "/api/v1/territories/{level}/{code}/change/" in text
    assert "style=" not in text
    assert "<style" not in text
    # Everything that the page loads is from here.
    assert not re.search(r'(src|href)="(https?:)?//', text.split("<main", 1)[0])
    targets = set(re.findall(r'href="#([^"]+)"', text))
    assert targets <= set(re.findall(r'id="([^"]+)"', text))
