"""Pages of uploads: who may send, what is asked, the report feature by feature, the decision."""

from __future__ import annotations

import io
import json
from dataclasses import asdict
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
from django.contrib.auth.models import User
from django.test import Client, override_settings
from django.urls import reverse

from analytics.uploads.records import (
    Choice,
    FeatureReport,
    Finding,
    Reading,
    Reference,
    Report,
    Severity,
    to_json,
)
from clcplus.jobs import runner
from clcplus.models import AuditEntry, ZoneSet
from clcplus.views.zones.check import findings, outlines, refusals
from clcplus.views.zones.check.outlines import MOST_POSITIONS, simplified
from tests.statements import counted
from tests.uploads.files import feature, geojson
from tests.world import SOUTH, WEST, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store", "quiet_broker", "world")]

NEW = "/zones/new/"
HOSTILE = '<script>alert("1")</script>'


def square(x: float, y: float, *, side: float = 500, to: str = "OGC:CRS84") -> Any:
    """A square at metres from the corner of the small world, in another reference system."""
    west, south = WEST + x, SOUTH + y
    moved = pyproj.Transformer.from_crs("EPSG:3035", to, always_xy=True)
    box = shapely.box(west, south, west + side, south + side)
    return shapely.transform(box, lambda p: [moved.transform(*one) for one in p.tolist()])


def two(**members: Any) -> bytes:
    return geojson(
        feature(square(100, 100), code="A1", name=HOSTILE),
        feature(square(1100, 100), code="A2", name="Beta"),
        **members,
    )


@pytest.fixture
def owner() -> User:
    return User.objects.create_user("owner", is_staff=True)


@pytest.fixture
def staff(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def send(client: Client, content: bytes, name: str = "zones.geojson", **more: Any) -> Any:
    file = io.BytesIO(content)
    file.name = name
    return client.post(NEW, {"kind": "file", "file": file, **more})


def checked(client: Client, content: bytes, name: str = "zones.geojson") -> ZoneSet:
    """A set whose check has ended."""
    response = send(client, content, name)
    assert response.status_code == 302, response.content.decode()
    found = ZoneSet.objects.get(pk=response["Location"].split("/")[2])
    runner.work("upload", found.pk)
    found.refresh_from_db()
    return found


def page_of(client: Client, zone_set: ZoneSet, query: str = "") -> str:
    response = client.get(f"{zone_set.get_absolute_url()}{query}")
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    return str(response.content.decode())


def act(client: Client, zone_set: ZoneSet, action: str, **sent: Any) -> Any:
    return client.post(reverse(f"zone_set_{action}", args=(zone_set.pk,)), sent)


def test_nobody_but_staff_may_send(client: Client) -> None:
    response = client.get(NEW)
    assert response.status_code == 403
    assert "/admin/login/?next=%2Fzones%2Fnew%2F" in response.content.decode()
    assert send(client, two()).status_code == 403
    client.force_login(User.objects.create_user("reader"))
    response = client.get(NEW)
    assert response.status_code == 403
    assert "signed in as reader" in response.content.decode()
    assert send(client, two()).status_code == 403
    assert not ZoneSet.objects.exists()


def test_a_form_of_another_site_is_refused(owner: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    assert send(client, two()).status_code == 403
    token = client.get(NEW).context["csrf_token"]
    response = send(client, two(), csrfmiddlewaretoken=str(token))
    assert response.status_code == 302
    zone_set = ZoneSet.objects.get()
    for action in ("answer", "accept", "discard"):
        assert act(client, zone_set, action).status_code == 403
    assert ZoneSet.objects.filter(pk=zone_set.pk).exists()


def test_limits_stand_on_the_page(staff: Client) -> None:
    with override_settings(UPLOAD_MEGABYTES=7, UPLOAD_ZONES=1234):
        page = staff.get(NEW).content.decode()
    assert "up to 7 MB" in page
    assert 'data-most="7000000"' in page
    assert "1\u202f234" in page
    for name in ("GeoPackage", "Shapefile", "FlatGeobuf", "GeoParquet", "KMZ"):
        assert name in page


def test_the_same_file_leads_to_its_set(staff: Client, owner: User) -> None:
    first = send(staff, two(), name="Parks.geojson")
    zone_set = ZoneSet.objects.get()
    assert first["Location"] == zone_set.get_absolute_url()
    assert (zone_set.owner, zone_set.name) == (owner, "Parks")
    again = send(staff, two())
    assert again["Location"] == f"{zone_set.get_absolute_url()}?again=1"
    assert ZoneSet.objects.count() == 1
    assert "sent by you before" in page_of(staff, zone_set, "?again=1")
    assert "sent by you before" not in page_of(staff, zone_set)


def test_too_large_a_file_is_told_in_one_line(staff: Client) -> None:
    with override_settings(UPLOAD_MEGABYTES=1):
        for size in (1_005_000, 1_200_000, 6_000_000):  # by its file, its body, far too large
            response = send(staff, b" " * size)
            page = response.content.decode()
            assert response.status_code == 413, (
                size,
                page[page.index("data-upload-error") :][:300],
            )
            assert "larger than 1 MB, the most" in page
    assert not ZoneSet.objects.exists()


def test_quota_is_told_with_its_numbers(staff: Client) -> None:
    with override_settings(UPLOADS_PER_HOUR=1):
        assert send(staff, two()).status_code == 302
        response = send(staff, geojson(feature(square(0, 0))))
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 3601
    assert "sent 1 uploads within an hour" in response.content.decode()


def test_without_a_file_the_form_says_so(staff: Client) -> None:
    response = staff.post(NEW, {"kind": "file"})
    assert response.status_code == 400
    assert "Choose a file first." in response.content.decode()


def test_pasted_text(staff: Client) -> None:
    wkt = square(100, 100, to="EPSG:2154").wkt
    response = staff.post(NEW, {"kind": "pasted", "text": wkt, "epsg": "2154", "name": "Pasted"})
    assert response.status_code == 302
    zone_set = ZoneSet.objects.get()
    assert (zone_set.kind, zone_set.name) == (ZoneSet.Kind.PASTED, "Pasted")
    assert zone_set.choice == asdict(Choice(crs="EPSG:2154"))
    runner.work("upload", zone_set.pk)
    page = page_of(staff, zone_set)
    assert "RGF93" in page
    assert "Accept the zone" in page


@pytest.mark.parametrize(
    ("text", "epsg", "said"),
    [
        ("hello", "", "neither GeoJSON nor well-known text"),
        ("POLYGON ((0 0, 1 0, 1 1, 0 0))", "lambert", "is no EPSG number"),
        ("POLYGON ((0 0, 1 0, 1 1, 0 0))", "999999", "EPSG:999999 is not among"),
        ("", "", "Paste GeoJSON or well-known text"),
    ],
)
def test_pasted_text_that_is_none(staff: Client, text: str, epsg: str, said: str) -> None:
    response = staff.post(NEW, {"kind": "pasted", "text": text, "epsg": epsg})
    assert response.status_code == 400
    page = response.content.decode()
    assert said in page
    assert f'value="{epsg}"' in page, "what was written is not lost"


def test_drawn_zones(staff: Client) -> None:
    response = staff.post(NEW, {"kind": "drawn", "drawn": two().decode(), "name": "Drawn"})
    assert response.status_code == 302
    zone_set = ZoneSet.objects.get()
    assert zone_set.kind == ZoneSet.Kind.DRAWN
    assert zone_set.choice == asdict(Choice(code_field="code", name_field="name"))


def test_a_set_that_is_checked_moves_by_itself(staff: Client) -> None:
    send(staff, two())
    zone_set = ZoneSet.objects.get()
    page = page_of(staff, zone_set)
    assert f'data-fragment="{zone_set.get_absolute_url()}progress/"' in page
    assert "data-moving" in page
    runner.work("upload", zone_set.pk)
    fragment = staff.get(f"{zone_set.get_absolute_url()}progress/").content.decode()
    assert "data-arrived" in fragment
    assert "data-moving" not in fragment


def test_strangers_see_nothing_and_decide_nothing(staff: Client) -> None:
    zone_set = checked(staff, two())
    stranger = Client()
    stranger.force_login(User.objects.create_user("reader"))
    assert stranger.get(zone_set.get_absolute_url()).status_code == 404
    assert stranger.get(reverse("zone_set_outlines", args=(zone_set.pk,))).status_code == 404
    for action in ("answer", "accept", "discard"):
        assert act(stranger, zone_set, action).status_code == 404
        assert staff.get(reverse(f"zone_set_{action}", args=(zone_set.pk,))).status_code == 405
    zone_set.refresh_from_db()
    assert zone_set.stage == ZoneSet.Stage.REPORTED


def test_report_of_a_good_file(staff: Client) -> None:
    zone_set = checked(staff, two(), name=f"{HOSTILE}.geojson")
    page = page_of(staff, zone_set)
    assert "All 2 features can become zones" in page
    assert "Accept all 2 zones" in page
    assert "leave out" not in page
    assert "25.0\u202fha" in page
    assert "WGS 84" in page
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page


def test_report_with_errors_accepts_the_usable_alone(staff: Client) -> None:
    zone_set = checked(
        staff,
        geojson(
            feature(square(100, 100), code="A", name="One"),
            feature(square(1100, 100), code="A", name="Twin"),
            feature(None, code="C", name="Nowhere"),
            feature(square(1300, 300), code="D", name="Across"),
        ),
    )
    assert zone_set.reading["code_field"] is None, "a code that is there twice is not guessed"
    by_code = {"crs": "keep", "code_field": "0", "name_field": "1"}
    assert act(staff, zone_set, "answer", **by_code).status_code == 302
    runner.work("upload", zone_set.pk)
    page = page_of(staff, zone_set)
    assert "2 of 4 features can become zones, 2 cannot" in page
    assert "Accept the 2 usable zones, leave out 2" in page
    assert "Accept all" not in page
    assert "feature 1 has the same code" in page
    assert "a record without a shape" in page
    names = ["Nowhere", "Twin", "One", "Across"]
    places = [page.index(f"<span data-plain>{name}</span>") for name in names]
    assert max(places[:2]) < min(places[2:]), "errors come first"
    only = page_of(staff, zone_set, "?show=errors")
    assert "<span data-plain>One</span>" not in only
    assert "<span data-plain>Twin</span>" in only
    only = page_of(staff, zone_set, "?finding=code-duplicate")
    assert "<span data-plain>Nowhere</span>" not in only
    assert "<span data-plain>Twin</span>" in only
    refused = act(staff, zone_set, "accept", which="all", name="All")
    assert refused.status_code == 409
    assert "The zones were not accepted" in refused.content.decode()
    shapes = json.loads(
        staff.get(reverse("zone_set_outlines", args=(zone_set.pk,))).content.decode()
    )
    worst = {one["properties"]["code"]: one["properties"]["worst"] for one in shapes["features"]}
    numbers = {
        one["properties"]["number"]: one["properties"]["worst"] for one in shapes["features"]
    }
    assert numbers[2] == 0, "an error that lies somewhere is on the map"
    assert 3 not in numbers
    assert worst["D"] > 0
    accepted = act(staff, zone_set, "accept", which="usable", name="Some zones")
    assert accepted["Location"] == zone_set.get_absolute_url()
    zone_set.refresh_from_db()
    assert (zone_set.stage, zone_set.name) == (ZoneSet.Stage.ACCEPTED, "Some zones")
    assert zone_set.layer is not None
    assert zone_set.layer.zones_total == 2
    again = act(staff, zone_set, "accept", which="usable", name="Twice")
    assert again["Location"] == zone_set.get_absolute_url()


def test_foreign_reference_system_is_confirmed(staff: Client) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}
    content = geojson(feature(square(100, 100, to="EPSG:2154"), code="A"), crs=crs)
    zone_set = checked(staff, content)
    assert zone_set.stage == ZoneSet.Stage.ASKING
    page = page_of(staff, zone_set)
    assert "By its standard GeoJSON is always longitude and latitude" in page
    assert 'value="EPSG:2154"' in page
    assert "what the file says" in page
    assert "Their middle lies in Valmont" in page
    sent = {"code_field": "none", "name_field": "none"}
    for crs_sent, said in (
        ({}, "Choose a reference system."),
        ({"crs": "keep"}, "Choose a reference system."),
        ({"crs": "other", "epsg": "5714"}, "is no system of places"),
        ({"crs": "other", "epsg": ""}, "is no EPSG number"),
        ({"crs": "EPSG:1\n"}, "no EPSG number"),
    ):
        response = act(staff, zone_set, "answer", **sent, **crs_sent)
        assert response.status_code == 400
        assert said in response.content.decode()
    assert act(staff, zone_set, "answer", crs="EPSG:2154", **sent).status_code == 302
    zone_set.refresh_from_db()
    assert zone_set.choice == asdict(Choice(crs="EPSG:2154", code_field="", name_field=""))
    runner.work("upload", zone_set.pk)
    page = page_of(staff, zone_set)
    assert "as you have said" in page
    assert "numbered: 1, 2, 3" in page


def test_swapped_axes_are_offered(staff: Client) -> None:
    turned = shapely.transform(square(100, 100), lambda points: points[:, ::-1])
    zone_set = checked(staff, geojson(feature(turned, code="A")))
    assert zone_set.stage == ZoneSet.Stage.ASKING
    page = page_of(staff, zone_set)
    assert "with their two numbers swapped they lie on it" in page
    assert 'value="EPSG:4326+swapped"' in page
    act(
        staff,
        zone_set,
        "answer",
        crs="EPSG:4326+swapped",
        code_field="0",
        name_field="none",
    )
    zone_set.refresh_from_db()
    assert zone_set.choice["swap_axes"] is True
    runner.work("upload", zone_set.pk)
    assert "Accept the zone" in page_of(staff, zone_set)


def test_refused_file_says_what_to_do(staff: Client) -> None:
    zone_set = checked(staff, b"%PDF-1.7", name="plan.pdf")
    page = page_of(staff, zone_set)
    assert "The file is in no format that is read here." in page
    assert "a PDF document" in page
    assert "Ask whoever made it for the layer itself" in page
    assert f'href="{NEW}"' in page


def test_going_back_removes_the_upload(staff: Client, store: Any) -> None:
    zone_set = checked(staff, two())
    response = act(staff, zone_set, "discard")
    assert response["Location"] == NEW
    assert not ZoneSet.objects.exists()
    assert AuditEntry.objects.filter(event=AuditEntry.Event.DELETED).count() == 1


def many(owner: User, *, features: int) -> ZoneSet:
    """A checked set of many features, each with something to be said of it."""
    finding = Finding("few-cells", Severity.WARNING, "9 cells", "100", "", {"cells": 9})
    report = Report(
        tuple(FeatureReport(n, f"c{n}", f"Zone {n}", 900.0, 9, (finding,)) for n in range(features))
    )
    reading = Reading("GeoJSON", (), reference=Reference("format", name="WGS 84"), report=report)
    return ZoneSet.objects.create(
        pk="00000000-0000-5000-8000-000000000001",
        owner=owner,
        name="Many",
        stage=ZoneSet.Stage.REPORTED,
        kind=ZoneSet.Kind.FILE,
        file_name="many.geojson",
        file_bytes=1,
        sha256="",
        reading=to_json(reading),
    )


def test_many_features_are_shown_page_by_page(staff: Client, owner: User) -> None:
    zone_set = many(owner, features=1_000)
    with counted() as sent:
        page = page_of(staff, zone_set, "?page=20")
    assert len(sent) <= 4
    assert page.count("features__row") == 50
    assert "951 to 1\u202f000 of 1\u202f000" in page
    assert "?show=all&amp;page=19#features" in page
    assert "Next" not in page
    assert "1 to 50 of" in page_of(staff, zone_set, "?page=x")


def drawn(*squares: tuple[float, float, str]) -> dict[str, Any]:
    """The outlines of a report on squares of 1 km at places of EPSG:3035, each with a finding."""
    features, zones = [], []
    for index, (x, y, code) in enumerate(squares):
        box = shapely.box(x, y, x + 1000, y + 1000)
        severity = Severity.ERROR if code == "error" else Severity.WARNING
        findings = (Finding(code, severity, "", "", ""),) if code else ()
        usable = code != "error"
        extent = None if usable else (x, y, x + 1000, y + 1000)
        features.append(FeatureReport(index, str(index), "", 1e6, 10_000, findings, extent=extent))
        zones.append(shapely.MultiPolygon([box]) if usable else None)
    return outlines.collection(Report(tuple(features)), np.array(zones, dtype=object))


@pytest.mark.parametrize("far", ["error", "outside-coverage"])
def test_one_feature_far_off_does_not_hide_the_others_on_the_map(far: str) -> None:
    near = [(4e6, 25e5, ""), (4.01e6, 25e5, "few-cells")]
    alone, beside = drawn(*near), drawn((-14e5, 94e5, far), *near)
    assert len(beside["features"]) == 3
    west, south, east, north = beside["bbox"]
    assert (west, south, east, north) == tuple(alone["bbox"])
    assert 0 < east - west < 0.2
    assert 0 < north - south < 0.05


def test_a_map_without_a_usable_zone_shows_what_there_is() -> None:
    only = drawn((-14e5, 94e5, "error"))
    assert only["bbox"][0] == pytest.approx(-117, abs=1)
    json.dumps(only, allow_nan=False)


def test_a_place_that_no_map_has_is_left_out() -> None:
    found = drawn((4e6, 25e5, ""), (1.9e7, 1.9e7, "error"))
    json.dumps(found, allow_nan=False)
    assert [one["id"] for one in found["features"]] == [0]


def test_outlines_are_bounded() -> None:
    many = shapely.buffer(shapely.points([(x * 10, x) for x in range(3_000)]), 4, quad_segs=16)
    assert int(shapely.get_num_coordinates(many).sum()) > MOST_POSITIONS
    drawn = simplified(many, most=MOST_POSITIONS)
    assert len(drawn) == len(many)
    assert int(shapely.get_num_coordinates(drawn).sum()) <= MOST_POSITIONS
    assert not shapely.is_empty(drawn).any()


def test_each_code_of_the_engine_has_words(world: World) -> None:
    said = findings.said(
        Finding("brand-new", Severity.NOTE, "found this", "expected that", "do so")
    )
    assert (said.found, said.english) == ("found this", True)
    refusal = refusals.refusal_of(
        {"code": "brand-new", "found": "this", "expected": "that", "hint": "do so"}
    )
    assert refusal is not None
    assert (str(refusal.title), refusal.action) == ("The file cannot be used.", "do so")
    assert refusals.refusal_of(None) is None
