"""Shapefiles by the API: their encoding, and a report that adds up."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from clcplus.actions import api_tokens
from clcplus.jobs import runner
from clcplus.models import ZoneSet
from clcplus.models.api_token import Scope
from tests.uploads import shapefile_parts as parts

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("store", "quiet_broker"),
]

ZONES = "/api/v1/zones/"
POLISH = parts.of_names("Łódź".encode("cp1250"), "Żary".encode("cp1250"), cpg=b"1252")


@pytest.fixture
def api() -> Client:
    owner = User.objects.create_user("owner", is_staff=True)
    _token, key = api_tokens.create(account=owner, name="tests", by="tests", scopes=Scope.values)
    return Client(headers={"Authorization": f"Bearer {key}"})


def send(client: Client, content: bytes, **fields: Any) -> Any:
    file = io.BytesIO(content)
    file.name = "zones.zip"
    return client.post(ZONES, {"file": file, **fields})


def report_of(client: Client, id: str) -> dict[str, Any]:
    runner.work("upload", id)
    return dict(client.get(f"{ZONES}{id}/report/").json())


def names(report: dict[str, Any]) -> list[str]:
    return [feature["name"] for feature in report["results"]]


def test_the_encoding_is_said_with_the_file(api: Client) -> None:
    report = report_of(api, send(api, POLISH, encoding="cp1250").json()["id"])
    assert names(report) == ["Łódź", "Żary"]
    assert report["encoding"] == "Windows-1250"
    assert ZoneSet.objects.get().choice["encoding"] == "Windows-1250"


def test_the_encoding_is_said_later_by_the_report(api: Client) -> None:
    # With a duplicate code, so that it is not accepted at once.
    rows = [(b"1", "Łódź".encode("cp1250")), (b"1", "Żary".encode("cp1250")), (b"", b"X")]
    content = parts.packed(table=parts.dbf(rows), cpg=b"1252")
    id = send(api, content, code_field="code").json()["id"]
    report = report_of(api, id)
    assert names(report)[:2] == ["£ódŸ", "¯ary"]
    readings = {one["encoding"]: one["sample"] for one in report["encodings"]}
    assert readings["Windows-1250"] == ["Łódź", "Żary"]
    body = json.dumps({"encoding": "1250"})
    assert api.patch(f"{ZONES}{id}/", body, content_type="application/json").status_code == 200
    report = report_of(api, id)
    assert names(report)[:2] == ["Łódź", "Żary"]


@pytest.mark.parametrize("name", ["rot13", "utf-16", "Klingon", "x" * 199])
def test_an_encoding_that_is_unknown(api: Client, name: str) -> None:
    response = send(api, POLISH, encoding=name)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert "Windows-1252" in response.content.decode()
    assert not ZoneSet.objects.exists()


def test_a_warning_where_the_records_contradict_the_file(api: Client) -> None:
    content = parts.of_names("Été".encode(), cpg=b"1252")
    report = report_of(api, send(api, content).json()["id"])
    assert names(report) == ["Été"]
    (warning,) = report["findings"]
    assert (warning["code"], warning["severity"]) == ("encoding-contradicted", "warning")


def test_the_report_adds_up(api: Client) -> None:
    table = parts.dbf([(b"1", b"One"), (b"2", b"Two")])
    report = report_of(api, send(api, parts.packed(table=table)).json()["id"])
    assert report["ledger"] == {
        "read": 3,
        "usable": 2,
        "errors": [{"code": "code-missing", "features": 1}],
    }
    assert report["fields_left_out"] == []


def test_why_the_reference_system_is_asked_for(api: Client) -> None:
    content = parts.packed(table=parts.dbf([(b"1", b"One")] * 3), prj=None)
    id = send(api, content, crs="EPSG:2154").json()["id"]
    runner.work("upload", id)
    set_ = ZoneSet.objects.get()
    assert set_.stage == ZoneSet.Stage.ASKING
    question = api.get(f"/api/v1/jobs/{id}/").json()["question"]
    assert question["text"].startswith(
        "The coordinates cannot be in the reference system that was named."
    )
    assert "insist=true" in question["text"]
    assert question["guesses"][0]["crs"] == "EPSG:4326"


def test_a_reference_system_that_is_insisted_on(api: Client) -> None:
    content = parts.packed(table=parts.dbf([(b"1", b"One")] * 3), prj=None)
    id = send(api, content, crs="EPSG:2154").json()["id"]
    runner.work("upload", id)
    # The same upload with another word is the same set.
    assert send(api, content, crs="EPSG:2154", insist="true").json()["id"] == id
    report = report_of(api, id)
    assert [one["code"] for one in report["findings"]] == ["reference-doubted"]
    body = json.dumps({"crs": "EPSG:27700"})
    assert api.patch(f"{ZONES}{id}/", body, content_type="application/json").status_code == 200
    runner.work("upload", id)
    assert ZoneSet.objects.get().stage == ZoneSet.Stage.ASKING
    body = json.dumps({"insist": True})
    assert api.patch(f"{ZONES}{id}/", body, content_type="application/json").status_code == 200
    assert report_of(api, id)["findings"][0]["code"] == "reference-doubted"


def test_the_schema_describes_the_encoding(client: Client) -> None:
    schema = client.get("/api/v1/schema/", headers={"Accept": "application/json"}).json()
    post = schema["paths"]["/api/v1/zones/"]["post"]
    assert "encoding" in [one["name"] for one in post["parameters"]]
    form = post["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert "Windows-1250" in json.dumps(form) or "$ref" in form
    patch = schema["components"]["schemas"]
    assert any("encoding" in one.get("properties", {}) for n, one in patch.items() if "Patch" in n)
