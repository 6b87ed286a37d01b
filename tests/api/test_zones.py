"""Zones of one's own by the API: from the upload to the figures, by real files and real checks."""

from __future__ import annotations

import io
import json
import threading
import uuid
import warnings
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyproj
import pytest
import shapely
from django.contrib.auth.models import Permission, User
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone

from clcplus.actions import api_tokens
from clcplus.actions.zone_sets import upload_checks, zone_acceptance
from clcplus.api.zones import uploads
from clcplus.jobs import runner
from clcplus.models import AuditEntry, Level, Run, Zone, ZoneBatch, ZoneSet
from clcplus.models.api_token import Scope
from tests import oracle
from tests.region import NORTH, SIDE, WEST, Region
from tests.runs import load_editions, load_zones
from tests.uploads.files import feature, geojson, with_gdal

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("store", "quiet_broker"),
]

ZONES = "/api/v1/zones/"
_TO_DEGREES = pyproj.Transformer.from_crs("EPSG:3035", "OGC:CRS84", always_xy=True)
_TO_LAMBERT = pyproj.Transformer.from_crs("EPSG:3035", "EPSG:2154", always_xy=True)


def moved(geometry: Any, by: pyproj.Transformer) -> Any:
    return shapely.transform(geometry, lambda p: [by.transform(x, y) for x, y in p.tolist()])


def square(row: int, column: int, *, side: int = 12) -> Any:
    """A square of cells of the region in EPSG:3035, a little off the centres' lines."""
    west, north = WEST + column * 10 + 1.3, NORTH - row * 10 - 1.7
    return shapely.box(west, north - side * 10, west + side * 10, north)


def degrees(row: int, column: int) -> Any:
    return moved(square(row, column), _TO_DEGREES)


GOOD = (
    feature(degrees(20, 20), code="A", name="<b>Alpha</b>"),
    feature(degrees(34, 20), code="B", name="Beta"),
)
BAD = feature(None, code="C", name="No outline")
FILE = geojson(*GOOD)


@pytest.fixture
def owner() -> User:
    return User.objects.create_user("owner", is_staff=True)


def signed(user: User) -> Client:
    """A client with the token of an account."""
    _token, key = api_tokens.create(account=user, name="tests", by="tests", scopes=Scope.values)
    return Client(headers={"Authorization": f"Bearer {key}"})


@pytest.fixture
def api(owner: User) -> Client:
    return signed(owner)


def send(client: Client, content: bytes = FILE, query: str = "", **more: Any) -> Any:
    more.setdefault("content_type", "application/geo+json")
    return client.post(f"{ZONES}{query}", content, **more)


def send_file(
    client: Client, content: bytes, *, called: str = "areas.geojson", **fields: Any
) -> Any:
    file = io.BytesIO(content)
    file.name = called
    return client.post(ZONES, {"file": file, **fields})


def accepted(response: Any, *, status: int = 202) -> dict[str, Any]:
    """The body of an upload's answer; the job is at its Location."""
    assert response.status_code == status, response.content
    body = dict(response.json())
    assert response["Location"] == f"/api/v1/jobs/{body['id']}/"
    assert body["links"]["job"].endswith(response["Location"])
    return body


def problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body = dict(response.json())
    assert body["status"] == status
    return body


def job(client: Client, id: Any) -> dict[str, Any]:
    response = client.get(f"/api/v1/jobs/{id}/")
    assert response.status_code == 200, response.content
    assert response["Cache-Control"] == "private, no-store"
    body = dict(response.json())
    moving = body["state"] in {"queued", "checking", "question", "computing"}
    assert ("Retry-After" in response) == moving
    assert (body["finished_at"] is None) == moving
    return body


def rows(client: Client, path: str) -> list[dict[str, Any]]:
    """Of a bulk table."""
    response = client.get(path)
    assert response.status_code == 200
    return list(json.loads(response.getvalue())["rows"])


def check(id: Any) -> None:
    """What a worker does first."""
    assert runner.work("upload", id)


def compute(id: Any) -> Run:
    """What a worker does then."""
    run = Run.objects.get(layer__zone_set=id)
    for number in ZoneBatch.objects.filter(run=run).values_list("pk", flat=True):
        assert runner.work("zones", number)
    runner.finish("zones", run.pk)
    run.refresh_from_db()
    return run


def uploaded(client: Client, content: bytes = FILE, query: str = "") -> str:
    """The id of a set that a worker has checked."""
    id = str(accepted(send(client, content, query))["id"])
    check(id)
    return id


# From the file to the figures
def test_from_the_file_to_the_figures(
    client: Client, api: Client, owner: User, region: Region
) -> None:
    load_zones(region)
    load_editions(region, (2021, 2023))
    body = accepted(send(api, FILE, "?name=Catchments"))
    assert body["created"] is True
    assert body["state"] == "queued"
    id, level = body["id"], body["level"]
    assert job(api, id)["state"] == "queued"
    check(id)
    open_job = job(api, id)
    assert (open_job["state"], open_job["zones"]) == ("computing", {"done": 0, "total": 2})
    early = problem(patch(api, id, published=True), 409)
    assert "still being computed" in early["detail"]

    assert compute(id).state == Run.State.SUCCEEDED
    done = job(api, id)
    assert (done["state"], done["percent"]) == ("succeeded", 100)
    assert done["zones"] == {"done": 2, "total": 2}
    assert done["failures"] == []

    # Its owner reads it as any level; for anybody else it is not there.
    path = done["links"]["statistics"].removeprefix("http://testserver")
    sealed = rows(api, f"{path}&indicator=sealed_area")
    assert len(sealed) == 4
    for row in sealed:
        top, side = (20, 20) if row["code"] == "A" else (34, 20)
        inside = oracle.mask(square(top, side), shape=(SIDE, SIDE), x0=WEST, y0=NORTH)
        counted = oracle.class_counts(region.masked(int(row["edition"][-4:])), inside)
        assert row["value"] == counted.get(1, 0) * 100, row
    private = api.get(path)
    assert private["Cache-Control"] == "private, no-cache"
    assert private["Access-Control-Allow-Origin"] == "*"  # it was asked for with a token
    change = done["links"]["change"].removeprefix("http://testserver")
    assert {row["code"] for row in rows(api, change)} == {"A", "B"}
    of_zone = f"/api/v1/territories/{level}/A/statistics/"
    assert api.get(of_zone).json()["territory"]["name"] == "<b>Alpha</b>"
    assert client.get(of_zone).status_code == 404
    unknown = client.get(path).json()
    assert unknown["status"] == 400
    assert level not in unknown["allowed"]
    assert client.get(f"{ZONES}{id}/").status_code == 404
    assert client.get(ZONES).json()["count"] == 0

    published = patch(api, id, name="Catchments 2024", published=True)
    assert published.status_code == 200, published.content
    assert published.json()["name"] == "Catchments 2024"
    for reader in (client, signed(User.objects.create_user("other", is_staff=True))):
        assert reader.get(of_zone).status_code == 200
        assert rows(reader, path) == rows(api, path)
        assert reader.get(f"{ZONES}{id}/").json()["published"] is True
    assert client.get(ZONES).json()["results"][0]["level"] == level
    assert patch(api, id, published=False).json()["published"] is False
    assert client.get(of_zone).status_code == 404

    assert api.delete(f"{ZONES}{id}/").status_code == 204
    assert not Level.objects.filter(custom=True).exists()
    assert not ZoneSet.objects.exists()
    assert api.get(f"/api/v1/jobs/{id}/").status_code == 404


def patch(client: Client, id: Any, **said: Any) -> Any:
    return client.patch(f"{ZONES}{id}/", json.dumps(said), content_type="application/json")


def test_the_same_upload_is_the_same_set(api: Client, owner: User) -> None:
    first = accepted(send(api))
    again = accepted(send(api), status=200)
    assert (again["id"], again["created"]) == (first["id"], False)
    as_file = accepted(send_file(api, FILE), status=200)
    assert as_file["id"] == first["id"], "the bytes decide, not how they came"
    other = accepted(send(api, FILE, "?code_field=name"))
    assert other["id"] != first["id"]
    colleague = User.objects.create_user("colleague", is_staff=True)
    assert accepted(send(signed(colleague)))["id"] != first["id"]
    assert ZoneSet.objects.filter(owner=owner).count() == 2


def test_a_file_in_a_form_with_all_that_can_be_said(api: Client, tmp_path: Path) -> None:
    file = basins(tmp_path)
    body = accepted(
        send_file(
            api,
            file,
            called="basins.gpkg",
            name="Basins <script>",
            name_field="label",
            code_field="id",
            crs="EPSG:2154",
            swap_axes="false",
            skip_bad="true",
        )
    )
    check(body["id"])
    told = api.get(f"{ZONES}{body['id']}/").json()
    assert told["name"] == "Basins <script>"
    assert told["file"]["name"] == "basins.gpkg"
    assert told["file"]["bytes"] == len(file)
    assert (told["zones"], told["left_out"]) == (2, 0)
    zones = Zone.objects.filter(layer__zone_set=body["id"]).order_by("code")
    assert [(zone.code, zone.name) for zone in zones] == [("1", "One"), ("2", "Two")]
    assert [zone.cells for zone in zones] == [144, 144]
    report = api.get(f"{ZONES}{body['id']}/report/").json()
    assert report["reference"]["status"] == "chosen"
    assert report["reference"]["crs"] == "EPSG:2154"
    assert report["format"] == "GeoPackage"


def basins(folder: Path) -> bytes:
    """A GeoPackage in Lambert-93 that says so nowhere."""
    shapes = [moved(square(row, 20), _TO_LAMBERT) for row in (20, 34)]
    path = folder / "basins.gpkg"
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="'crs' was not provided")
        pyogrio.raw.write(
            path,
            np.array(shapely.to_wkb(shapes), dtype=object),
            [np.array(["1", "2"], dtype=object), np.array(["One", "Two"], dtype=object)],
            ["id", "label"],
            geometry_type="Polygon",
            crs=None,
        )
    return path.read_bytes()


# What is asked
def test_a_reference_system_that_is_missing_is_asked_for_and_said(
    api: Client, tmp_path: Path
) -> None:
    id = accepted(send_file(api, basins(tmp_path), called="basins.gpkg"))["id"]
    check(id)
    asked = job(api, id)
    assert asked["state"] == "failed"
    question = asked["question"]
    assert question["parameter"] == "crs"
    assert "EPSG:2154" in [guess["crs"] for guess in question["guesses"]]
    assert f"/api/v1/zones/{id}/" in question["answer"]
    assert question["answer"] in asked["message"]

    assert patch(api, id, crs="EPSG:2154").json()["state"] == "queued"
    check(id)
    assert job(api, id)["state"] in {"computing", "succeeded"}
    assert ZoneSet.objects.get(pk=id).choice["crs"] == "EPSG:2154"


def test_axes_that_seem_swapped_are_asked_for_and_said(api: Client) -> None:
    turned = [
        {**one, "geometry": json.loads(shapely.to_geojson(shapely.transform(
            shapely.geometry.shape(one["geometry"]), lambda points: points[:, ::-1]
        )))}
        for one in json.loads(FILE)["features"]
    ]  # fmt: skip
    file = json.dumps({"type": "FeatureCollection", "features": turned}).encode()
    id = accepted(send(api, file))["id"]
    check(id)
    question = job(api, id)["question"]
    assert question["parameter"] == "swap_axes"
    assert '{"swap_axes": true}' in question["answer"]
    assert question["answer"].endswith("send the file again with swap_axes=true.")
    assert patch(api, id, swap_axes=True).json()["state"] == "queued"
    check(id)
    assert job(api, id)["question"] is None
    assert job(api, id)["failures"] == []


def test_a_layer_that_is_asked_for_is_named(api: Client, tmp_path: Path) -> None:
    for name in ("forests", "lakes"):
        path = with_gdal(tmp_path / "both.gpkg", layer=name)
    file = path.read_bytes()
    id = accepted(send_file(api, file, called="both.gpkg"))["id"]
    check(id)
    question = job(api, id)["question"]
    assert question["parameter"] == "layer"
    assert sorted(one["name"] for one in question["layers"]) == ["forests", "lakes"]
    # The file again with the answer is the set that asked.
    answered = accepted(send_file(api, file, called="both.gpkg", layer="lakes"), status=200)
    assert (answered["id"], answered["state"]) == (id, "queued")
    check(id)
    assert job(api, id)["question"] is None
    assert ZoneSet.objects.get().choice["layer"] == "lakes"


def test_the_file_again_with_its_reference_system_answers_the_question(
    api: Client, tmp_path: Path
) -> None:
    file = basins(tmp_path)
    id = accepted(send_file(api, file, called="basins.gpkg"))["id"]
    check(id)
    said = {"called": "basins.gpkg", "crs": "EPSG:2154", "skip_bad": "true"}
    answered = accepted(send_file(api, file, **said), status=200)
    assert (answered["id"], answered["created"], answered["state"]) == (id, False, "queued")
    check(id)
    assert job(api, id)["state"] == "succeeded"
    assert accepted(send_file(api, file, **said), status=200)["id"] == id
    assert ZoneSet.objects.count() == 1
    assert Zone.objects.filter(layer__zone_set=id).count() == 2


def test_foreign_geojson_is_refused_at_once_or_by_the_check(
    api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}
    lambert = [feature(moved(square(20, 20), _TO_LAMBERT), code="A")]
    foreign = json.dumps({"type": "FeatureCollection", "crs": crs, "features": lambert}).encode()
    for response in (send(api, foreign), send_file(api, foreign)):
        body = problem(response, 422)
        assert body["parameter"] == "crs"
        assert body["errors"][0]["index"] == 0
        assert body["errors"][0]["at"] == "/crs"
        assert "2154" in body["errors"][0]["found"]
    assert not ZoneSet.objects.exists()
    # Said, it holds.
    named = accepted(send(api, foreign, "?crs=EPSG:2154"))["id"]
    check(named)
    assert job(api, named)["failures"] == []
    assert Zone.objects.get(layer__zone_set=named).cells == 144
    # A long one is not looked at in the web process: its job asks.
    monkeypatch.setattr(uploads, "LOOKED_AT", 100)
    long = accepted(send(api, foreign))["id"]
    check(long)
    failed = job(api, long)
    assert (failed["state"], failed["question"]["parameter"]) == ("failed", "crs")
    # What GeoJSON means anyway may be written down.
    same = foreign.replace(b"EPSG::2154", b"OGC:1.3:CRS84")
    monkeypatch.setattr(uploads, "LOOKED_AT", 1_000_000)
    assert send(api, same).status_code == 202


def test_errors_are_listed_by_their_index_and_nothing_is_stored(api: Client) -> None:
    file = geojson(GOOD[0], BAD, GOOD[1])
    id = uploaded(api, file)
    failed = job(api, id)
    assert failed["state"] == "failed"
    assert "skip_bad=true" in failed["message"]
    of_features = [f for f in failed["failures"] if f["index"] is not None]
    assert [(f["index"], f["zone"]) for f in of_features] == [(1, "C")]
    assert all(f["code"] and f["found"] and f["expected"] and f["action"] for f in of_features)
    assert failed["failures_total"] == len(failed["failures"])
    assert not Zone.objects.exists()
    assert api.get(f"{ZONES}{id}/").json()["zones"] is None

    # The same file with another word is the same set.
    again = accepted(send(api, file, "?skip_bad=true"), status=200)
    assert again["id"] == id
    told = api.get(f"{ZONES}{id}/").json()
    assert (told["zones"], told["left_out"]) == (2, 1)
    assert job(api, id)["failures"] == []


def test_a_file_that_is_none_is_a_failure_with_words(api: Client) -> None:
    id = accepted(send_file(api, b"%PDF-1.7 no zones here", called="report.pdf"))["id"]
    check(id)
    failed = job(api, id)
    assert failed["state"] == "failed"
    (failure,) = failed["failures"]
    assert failure["index"] is None
    assert "PDF" in failure["found"]
    assert failure["expected"]
    assert api.get(f"{ZONES}{id}/report/").status_code == 404
    assert problem(api.delete(f"/api/v1/jobs/{id}/"), 409)["detail"]
    assert api.delete(f"{ZONES}{id}/").status_code == 204


def test_the_report_goes_feature_by_feature(api: Client) -> None:
    id = uploaded(api, geojson(*GOOD, BAD))
    first = api.get(f"{ZONES}{id}/report/?page_size=2")
    body = first.json()
    assert (body["count"], body["usable"]) == (3, 2)
    assert [(f["index"], f["code"], f["usable"]) for f in body["results"]] == [
        (0, "A", True),
        (1, "B", True),
    ]
    assert body["results"][0]["cells"] == 144
    assert 'rel="next"' in first["Link"]
    rest = api.get(body["next"]).json()
    assert rest["next"] is None
    assert rest["results"][0]["findings"][0]["severity"] == "error"
    assert problem(api.get(f"{ZONES}{id}/report/?page=9"), 404)


# Who may
def test_only_staff_uploads(client: Client, owner: User) -> None:
    refused = send(client)
    assert problem(refused, 401)
    assert refused["WWW-Authenticate"].startswith("Bearer")
    wrong = Client(headers={"Authorization": "Bearer no-such-token"})
    assert problem(send(wrong), 401)
    assert problem(wrong.get(ZONES), 401)
    reader = signed(User.objects.create_user("reader"))
    assert problem(send(reader), 403)
    gone = User.objects.create_user("gone", is_staff=True, is_active=False)
    assert problem(send(signed(gone)), 401)
    assert not ZoneSet.objects.exists()


def test_a_session_needs_the_csrf_token(owner: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner)
    for response in (send(browser), send_file(browser, FILE)):
        assert "CSRF" in problem(response, 403)["detail"]
    assert not ZoneSet.objects.exists()
    browser.get("/admin/")
    browser.get("/admin/password_change/")
    token = browser.cookies["csrftoken"].value
    assert send(browser, headers={"X-CSRFToken": token}).status_code == 202
    form = send_file(browser, geojson(GOOD[0]), csrfmiddlewaretoken=token)
    assert form.status_code == 202, form.content


def test_a_set_is_its_owners_and_staffs(client: Client, api: Client, owner: User) -> None:
    id = uploaded(api)
    stranger, staff = (
        signed(User.objects.create_user(name, is_staff=name == "staff"))
        for name in ("stranger", "staff")
    )
    for reader in (client, stranger):
        status = 401 if reader is client else 404
        assert problem(reader.get(f"{ZONES}{id}/"), 404)
        for response in (
            reader.get(f"{ZONES}{id}/report/"),
            reader.get(f"/api/v1/jobs/{id}/"),
            reader.delete(f"/api/v1/jobs/{id}/"),
            patch(reader, id, name="Mine"),
            reader.delete(f"{ZONES}{id}/"),
        ):
            assert problem(response, status)
        assert reader.get(ZONES).json()["count"] == 0
    assert staff.get(f"{ZONES}{id}/").status_code == 200
    assert staff.get(f"/api/v1/jobs/{id}/").status_code == 200
    assert staff.get(ZONES).json()["count"] == 0, "the list has one's own"
    (own,) = api.get(ZONES).json()["results"]
    assert own["id"] == id

    ZoneSet.objects.filter(pk=id).update(published_at=timezone.now())
    told = client.get(f"{ZONES}{id}/").json()
    assert told["file"] is None
    assert told["shared"] is None
    assert "report" not in told["links"]
    assert "job" not in told["links"]
    assert problem(stranger.delete(f"{ZONES}{id}/"), 403)
    assert problem(client.delete(f"{ZONES}{id}/"), 401)
    assert ZoneSet.objects.filter(pk=id).exists()


def test_a_share_link_is_made_and_revoked(client: Client, api: Client) -> None:
    id = uploaded(api)
    link = patch(api, id, shared=True).json()["share_link"]
    assert patch(api, id, shared=True).json()["share_link"] == link
    visitor = Client()
    visitor.get(link)
    seen = visitor.get(f"{ZONES}{id}/")
    assert seen.status_code == 200
    assert seen.json()["share_link"] is None
    assert seen["Cache-Control"] == "private, no-store"
    assert patch(api, id, shared=False).json()["share_link"] is None
    assert visitor.get(f"{ZONES}{id}/").status_code == 404


# What is refused
@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("?name=" + "x" * 81, "name"),
        ("?name=a%00b", "name"),
        ("?crs=+proj=lcc", "crs"),
        ("?crs=file:///etc/passwd", "crs"),
        ("?swap_axes=perhaps", "swap_axes"),
        ("?skip_bad=1", "skip_bad"),
        ("?srs=EPSG:2154", "srs"),
        ("?layer=" + "x" * 201, "layer"),
    ],
)
def test_parameters_are_checked(api: Client, query: str, parameter: str) -> None:
    assert problem(send(api, FILE, query), 400)["parameter"] == parameter
    assert not ZoneSet.objects.exists()


def test_a_form_is_checked(api: Client) -> None:
    two = {"file": io.BytesIO(FILE), "other": io.BytesIO(FILE)}
    assert "2 files" in problem(api.post(ZONES, two), 400)["detail"]
    assert "no field" in problem(api.post(ZONES, {"name": "Nothing"}), 400)["detail"]
    assert problem(send_file(api, FILE, level="x"), 400)["parameter"] == "level"
    assert problem(send_file(api, FILE, crs="x"), 400)["parameter"] == "crs"
    nothing = send(api, b"", CONTENT_LENGTH="0", CONTENT_TYPE="application/geo+json")
    assert "nothing" in problem(nothing, 400)["detail"]
    broken = api.post(ZONES, b"--x\r\nnonsense", content_type="multipart/form-data")
    assert problem(broken, 400)
    many = {f"f{n}": "x" for n in range(1_100)}
    assert problem(api.post(ZONES, many), 400)
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100_000):
        long = problem(api.post(ZONES, {"name": "x" * 200_000}), 413)
    assert long["detail"]


def test_other_media_types_are_refused(api: Client) -> None:
    for kind in ("application/zip", "text/plain", "application/x-www-form-urlencoded", ""):
        body = problem(send(api, FILE, content_type=kind), 415)
        assert "multipart/form-data" in body["allowed"]
    gzip = send(api, FILE, headers={"Content-Encoding": "gzip"})
    assert problem(gzip, 415)


def test_what_is_too_large_is_refused_by_its_length_alone(api: Client) -> None:
    with override_settings(UPLOAD_MEGABYTES=1):
        large = FILE + b" " * 1_000_000
        for response in (send_file(api, large), send(api, large)):
            body = problem(response, 413)
            assert body["largest_bytes"] == 1_000_000
            assert "1 MB" in body["detail"]
        # Nothing of it is read: the length is enough.
        unread = api.generic(
            "POST", ZONES, b"", content_type="application/geo+json", CONTENT_LENGTH="9" * 4000
        )
        assert problem(unread, 413)
        without = api.generic(
            "POST", ZONES, b"", content_type="application/geo+json", CONTENT_LENGTH=""
        )
        assert problem(without, 411)
    assert not ZoneSet.objects.exists()


def test_a_large_file_goes_to_the_disk(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a form; a body of GeoJSON is read from the connection piece by piece."""
    written: list[int] = []
    keep = TemporaryFileUploadHandler.receive_data_chunk

    def chunk(self: Any, raw: bytes, start: int) -> Any:
        written.append(len(raw))
        return keep(self, raw, start)

    monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", chunk)
    large = FILE + b" " * 3_000_000
    assert send_file(api, large).status_code == 202
    assert sum(written) == len(large)
    assert max(written) <= 1 << 20


# How much
def test_uploads_in_an_hour_are_limited(api: Client, owner: User) -> None:
    with override_settings(UPLOADS_PER_HOUR=2):
        for number in range(2):
            accepted(send(api, geojson(GOOD[number])))
        refused = send(api)
        assert "2 uploads" in problem(refused, 429)["detail"]
        assert 3_000 < int(refused["Retry-After"]) <= 3_601
        # One that was sent before is an upload as well.
        assert problem(send(api, geojson(GOOD[0])), 429)
        AuditEntry.objects.update(at=timezone.now() - timedelta(hours=2))
        accepted(send(api))


def test_sets_and_zones_that_are_kept_are_limited(api: Client) -> None:
    with override_settings(ZONE_SETS_PER_ACCOUNT=1):
        id = uploaded(api)
        body = problem(send(api, geojson(GOOD[0])), 409)
        assert "1 sets" in body["found"]
        assert body["allowed"] == "fewer than 1"
        api.delete(f"{ZONES}{id}/")
        accepted(send(api, geojson(GOOD[0])))
    with override_settings(ZONES_PER_ACCOUNT=1):
        id = uploaded(api)
        failed = job(api, id)
        assert failed["state"] == "failed"
        assert "2 zones" in failed["failures"][0]["found"]
        assert not Zone.objects.exists()
        assert problem(send(api), 409), "asked again, it is still too much"
    # Room was made: the same upload goes on.
    accepted(send(api), status=200)
    assert Zone.objects.count() == 2


# Jobs
def test_nobody_sees_a_report_that_is_about_to_be_accepted(
    api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sender who asks just then must not be told that the upload has failed."""
    seen: list[str] = []
    accept = zone_acceptance.accept

    def look() -> None:
        seen.extend(ZoneSet.objects.values_list("stage", flat=True))
        connection.close()

    def slowly(**asked: Any) -> Any:
        run = accept(**asked)
        # Another connection, as another process has.
        other = threading.Thread(target=look)
        other.start()
        other.join()
        return run

    monkeypatch.setattr(zone_acceptance, "accept", slowly)
    id = uploaded(api)
    assert seen == [ZoneSet.Stage.CHECKING]
    assert ZoneSet.objects.get(pk=id).stage == ZoneSet.Stage.ACCEPTED


def test_another_word_while_it_is_checked_counts(
    api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = geojson(*GOOD, BAD)
    read = upload_checks.confinement.read_upload

    def meanwhile(*asked: Any, **options: Any) -> Any:
        accepted(send(api, file, "?skip_bad=true"), status=200)
        return read(*asked, **options)

    monkeypatch.setattr(upload_checks.confinement, "read_upload", meanwhile)
    id = uploaded(api, file)
    assert job(api, id)["failures"] == []
    assert Zone.objects.count() == 2


def test_a_check_is_cancelled_with_its_upload(api: Client, store: Any) -> None:
    id = accepted(send(api))["id"]
    cancelled = api.delete(f"/api/v1/jobs/{id}/")
    assert cancelled.status_code == 202
    assert cancelled.json()["state"] == "cancelled"
    assert api.get(f"/api/v1/jobs/{id}/").status_code == 404
    assert not runner.work("upload", id)
    assert not [path for path in store.rglob("*") if path.is_file()]


def test_a_computation_is_cancelled(api: Client, owner: User, region: Region) -> None:
    load_zones(region)
    load_editions(region, (2021,))
    id = uploaded(api)
    run = Run.objects.get(layer__zone_set=id)
    assert job(api, run.pk)["links"]["zone_set"].endswith(f"{ZONES}{id}/")
    cancelled = api.delete(f"/api/v1/jobs/{id}/")
    assert cancelled.status_code == 202
    assert cancelled.json()["state"] == "cancelled"
    assert job(api, id)["state"] == job(api, run.pk)["state"] == "cancelled"
    assert problem(api.delete(f"/api/v1/jobs/{id}/"), 409)
    assert problem(api.delete(f"/api/v1/jobs/{run.pk}/"), 409)
    last = AuditEntry.objects.filter(key=str(id)).order_by("-id")[0]
    assert (last.event, last.account) == ("cancelled", "owner")


def test_a_computation_is_resumed(api: Client, owner: User, region: Region) -> None:
    load_zones(region)
    load_editions(region, (2021,))
    id = uploaded(api)
    path = f"/api/v1/jobs/{id}/"
    run = Run.objects.get(layer__zone_set=id)
    assert api.post(path).json()["state"] == "computing", "what is under way goes on"
    for address in (path, f"/api/v1/jobs/{run.pk}/"):
        assert api.delete(path).json()["state"] == "cancelled"
        resumed = api.post(address)
        assert resumed.status_code == 202, resumed.content
        assert resumed.json()["id"] in {id, str(run.pk)}
        assert job(api, id)["state"] == "computing"
    assert Run.objects.get(layer__zone_set=id).pk == run.pk
    assert compute(id).state == Run.State.SUCCEEDED
    done = problem(api.post(path), 409)
    assert "a figure for every zone" in done["detail"]
    # A computation may have succeeded but for some zones.
    connection.cursor().execute(
        "DELETE FROM clcplus_zonestatistics WHERE zone_id IN "
        "(SELECT id FROM clcplus_zone WHERE code = 'B')"
    )
    assert api.post(path).json()["zones"] == {"done": 0, "total": 1}


def test_what_cannot_be_resumed(client: Client, api: Client, owner: User) -> None:
    id = accepted(send(api))["id"]
    path = f"/api/v1/jobs/{id}/"
    assert "accepted" in problem(api.post(path), 409)["detail"]
    assert problem(client.post(path), 401)
    assert problem(signed(User.objects.create_user("reader")).post(path), 404)
    assert problem(api.post(f"{path}?now=true"), 400)["parameter"] == "now"
    ingest = Run.objects.create(kind=Run.Kind.INGEST, state=Run.State.CANCELLED)
    assert problem(api.post(f"/api/v1/jobs/{ingest.pk}/"), 404)
    owner.user_permissions.add(Permission.objects.get(codename="view_run"))
    assert "computation of zones" in problem(api.post(f"/api/v1/jobs/{ingest.pk}/"), 409)["detail"]
    assert problem(api.post(f"/api/v1/jobs/{uuid.uuid4()}/"), 404)


def test_a_private_level_answers_as_one_that_never_was(
    client: Client, api: Client, region: Region
) -> None:
    load_zones(region)
    load_editions(region, (2021, 2023))
    id = uploaded(api)
    compute(id)
    private = ZoneSet.objects.get(pk=id).slug
    never = "zones-0123456789abcdef"
    assert private != never
    reader = signed(User.objects.create_user("reader"))
    addresses = [
        f"/api/v1/{table}/?level={{}}{more}"
        for table in ("statistics", "change", "territories")
        for more in ("", "&format=csv", "&search=alpha")
    ] + [
        "/api/v1/territories/?within={}:A",
        "/api/v1/territories/{}/A/",
        "/api/v1/territories/{}/A/statistics/",
        "/api/v1/territories/{}/A/change/?format=csv",
    ]
    for address in addresses:
        for asking in (client, reader):
            found, expected = (asking.get(address.format(slug)) for slug in (private, never))
            assert found.status_code == expected.status_code
            assert found.status_code in {400, 404}, address
            mine, other = (one.content.decode() for one in (found, expected))
            ids = [one["X-Request-ID"] for one in (found, expected)]
            assert mine.replace(private, never).replace(*ids) == other
            of_each = {"Content-Length", "X-Request-ID"}
            told, wanted = (
                {name: value for name, value in one.items() if name not in of_each}
                for one in (found, expected)
            )
            assert told == wanted


def test_zones_that_cannot_be_computed_are_named(
    api: Client, region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_zones(region)
    load_editions(region, (2021,))
    id = uploaded(api)
    run = Run.objects.get(layer__zone_set=id)
    zone = Zone.objects.get(layer__zone_set=id, code="B")
    batch = ZoneBatch.objects.filter(run=run)[0]
    batch.failures = [{"zone": zone.pk, "code": "B", "reason": "a tile cannot be read"}]
    batch.save()
    (failure,) = job(api, id)["failures"]
    assert failure["zone"] == "B"
    assert failure["found"] == "a tile cannot be read"
    assert failure["code"] == "not-computed"


def test_jobs_of_ingests_are_for_who_may_see_runs(client: Client, api: Client, owner: User) -> None:
    run = Run.objects.create(kind=Run.Kind.INGEST, units_total=3, cells_total=100, cells_done=40)
    path = f"/api/v1/jobs/{run.pk}/"
    assert problem(api.get(path), 404)
    owner.user_permissions.add(Permission.objects.get(codename="view_run"))
    body = job(api, run.pk)
    assert (body["kind"], body["state"], body["percent"]) == ("ingest", "queued", 40)
    assert body["zones"] == {"done": None, "total": None}
    assert problem(client.get(path), 401)
    assert problem(signed(User.objects.create_user("reader")).get(path), 404)
    assert problem(api.delete(path), 409)
    superuser = signed(User.objects.create_superuser("admin"))
    assert superuser.delete(path).json()["state"] == "cancelled"
    assert problem(api.get(f"/api/v1/jobs/{uuid.uuid4()}/"), 404)


def test_methods_that_an_address_lacks(api: Client) -> None:
    refused = api.put(ZONES)
    assert problem(refused, 405)
    assert set(refused["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}
    assert problem(api.get(f"{ZONES}?mine=true"), 400)["parameter"] == "mine"


def test_a_patch_is_whole_or_nothing(api: Client) -> None:
    id = accepted(send(api))["id"]
    for said in ({"name": ""}, {"owner": 3}, {}, {"name": "New", "published": True}):
        response = patch(api, id, **said)
        assert response.status_code in {400, 409}, response.content
    assert ZoneSet.objects.get(pk=id).name == "zones"
    broken = api.patch(f"{ZONES}{id}/", b"{", content_type="application/json")
    assert problem(broken, 400)
