"""Pages of a Shapefile: its encoding is chosen by a preview, what is wrong with it is told."""

from __future__ import annotations

import io
from typing import Any

import pyproj
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from clcplus.jobs import runner
from clcplus.models import ZoneSet
from tests.uploads import shapefile_parts as parts
from tests.uploads.files import feature, geojson
from tests.world import SOUTH, WEST

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store", "quiet_broker", "world")]

KEEP = {"crs": "keep", "code_field": "0", "name_field": "1"}


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create_user("owner", is_staff=True))
    return client


def boxes(number: int) -> list[parts.Box]:
    """Squares side by side in the small world, in degrees."""
    there = pyproj.Transformer.from_crs("EPSG:3035", "OGC:CRS84", always_xy=True)
    found = []
    for n in range(number):
        west, south = there.transform(WEST + 400 * n, SOUTH + 100)
        found.append((west, south, west + 0.002, south + 0.002))
    return found


def checked(client: Client, content: bytes, name: str = "zones.zip") -> ZoneSet:
    """A set whose check has ended."""
    file = io.BytesIO(content)
    file.name = name
    response = client.post("/zones/new/", {"kind": "file", "file": file})
    assert response.status_code == 302, response.content.decode()
    return again(ZoneSet.objects.get(pk=response["Location"].split("/")[2]))


def again(zone_set: ZoneSet) -> ZoneSet:
    runner.work("upload", zone_set.pk)
    zone_set.refresh_from_db()
    return zone_set


def page_of(client: Client, zone_set: ZoneSet) -> str:
    response = client.get(zone_set.get_absolute_url())
    assert response.status_code == 200
    return str(response.content.decode())


def answer(client: Client, zone_set: ZoneSet, **sent: Any) -> Any:
    return client.post(reverse("zone_set_answer", args=(zone_set.pk,)), sent)


def shapefile(*names: bytes, **options: Any) -> bytes:
    rows = [(str(n).encode(), name) for n, name in enumerate(names, start=1)]
    return parts.packed(table=parts.dbf(rows), boxes=boxes(len(names)), **options)


def test_an_encoding_is_chosen_by_how_names_read(staff: Client) -> None:
    names = [name.encode("cp1250") for name in ("Łódź", "Żary")]
    zone_set = checked(staff, shapefile(*names, cpg=b"1252"))
    page = page_of(staff, zone_set)
    assert "Encoding of names and other texts" in page
    assert "£ódŸ · ¯ary" in page
    assert "Łódź · Żary" in page
    assert 'value="Windows-1252" checked' in page
    assert answer(staff, zone_set, encoding="Windows-1250", **KEEP).status_code == 302
    page = page_of(staff, again(zone_set))
    assert zone_set.choice["encoding"] == "Windows-1250"
    assert "<span data-plain>Łódź</span>" in page
    assert 'value="Windows-1250" checked' in page
    # A later answer does not take it back.
    assert answer(staff, zone_set, encoding="Windows-1250", **KEEP).status_code == 302
    assert again(zone_set).choice["encoding"] == "Windows-1250"


def test_an_encoding_that_is_not_listed(staff: Client) -> None:
    zone_set = checked(staff, shapefile("Été".encode(), cpg=b"1252"))
    page = page_of(staff, zone_set)
    assert "Another encoding than declared" in page
    assert 'value="UTF-8" checked' in page
    response = answer(staff, zone_set, encoding="rot13", **KEEP)
    assert response.status_code == 400
    assert "Choose an encoding of the list." in response.content.decode()


def test_an_encoding_is_chosen_beside_the_reference_system(staff: Client) -> None:
    zone_set = checked(staff, shapefile("Été".encode("cp850"), cpg=b"1252", prj=None))
    assert zone_set.stage == ZoneSet.Stage.ASKING
    assert "CP850" in page_of(staff, zone_set)
    sent = {**KEEP, "crs": "EPSG:4326", "encoding": "CP850"}
    assert answer(staff, zone_set, **sent).status_code == 302
    assert "<span data-plain>Été</span>" in page_of(staff, again(zone_set))


def test_names_of_ascii_leave_nothing_to_choose(staff: Client) -> None:
    page = page_of(staff, checked(staff, shapefile(b"Alpha", b"Beta", cpg=b"1252")))
    assert "Encoding of names" not in page


def test_the_page_says_where_nothing_is_lost(staff: Client) -> None:
    table = parts.dbf([(b"1", b"One"), (b"2", b"Two")])
    zone_set = checked(staff, parts.packed(table=table, boxes=boxes(3)))
    page = page_of(staff, zone_set)
    assert "3 shapes read = 2 usable + 1 with an error (No code 1)" in page
    assert "shape 3 of the .shp; the .dbf has 2 records" in page
    more = parts.dbf([(b"1", b"One"), (b"2", b"Two"), (b"3", b"<b>")])
    page = page_of(staff, checked(staff, parts.packed(table=more, boxes=boxes(2))))
    assert "2 shapes read = 2 usable + 0 with an error" in page
    assert "Records without a shape" in page


def test_fields_that_were_not_read_are_named(staff: Client) -> None:
    values = {f"c{n:03}": "x" for n in range(302)}
    zone = feature(None, **values) | {
        "geometry": {"type": "Polygon", "coordinates": [ring(boxes(1)[0])]}
    }
    page = page_of(staff, checked(staff, geojson(zone), name="zones.geojson"))
    assert "2 fields were not read" in page
    assert "<code>c300</code>" in page
    assert "Fields left out" in page


def ring(box: parts.Box) -> list[list[float]]:
    west, south, east, north = box
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def test_why_the_reference_system_is_asked_for(staff: Client) -> None:
    sphere = (
        'PROJCS["WGS_1984_Web_Mercator",GEOGCS["GCS_Sphere",DATUM["D_Sphere",'
        'SPHEROID["Sphere",6378137.0,0.0]],PRIMEM["Greenwich",0.0],'
        'UNIT["Degree",0.0174532925199433]],PROJECTION["Mercator"],UNIT["Meter",1.0]]'
    )
    there = pyproj.Transformer.from_crs("EPSG:3035", "EPSG:3857", always_xy=True)
    west, south = there.transform(WEST + 100, SOUTH + 100)
    table = parts.dbf([(b"1", b"One")])
    content = parts.packed(table=table, boxes=[(west, south, west + 300, south + 300)], prj=sphere)
    page = page_of(staff, checked(staff, content))
    assert "a Mercator projection of a sphere" in page
    assert page.index('value="EPSG:3857"') < page.index('value="EPSG:3395"')

    zone_set = checked(staff, shapefile(b"One", prj=None))
    assert answer(staff, zone_set, **{**KEEP, "crs": "other", "epsg": "2154"}).status_code == 302
    page = page_of(staff, again(zone_set))
    assert zone_set.stage == ZoneSet.Stage.ASKING
    assert "You have said RGF93 v1 / Lambert-93, but the coordinates are of another size" in page
    assert page.index('value="EPSG:4326"') < page.index('value="EPSG:2154"')
    assert "what you have said" in page


@pytest.mark.parametrize("again_said", [{"crs": "EPSG:2154"}, {"crs": "other", "epsg": "2154"}])
def test_a_doubted_reference_system_is_kept_where_it_is_said_again(
    staff: Client, again_said: dict[str, str]
) -> None:
    zone_set = checked(staff, shapefile(b"One", prj=None))
    answer(staff, zone_set, **{**KEEP, "crs": "other", "epsg": "27700"})
    again(zone_set)
    answer(staff, zone_set, **{**KEEP, "crs": "other", "epsg": "2154"})
    assert again(zone_set).stage == ZoneSet.Stage.ASKING
    answer(staff, zone_set, **{**KEEP, **again_said})
    assert again(zone_set).stage == ZoneSet.Stage.REPORTED
    assert "Perhaps another reference system" in page_of(staff, zone_set)
    answer(staff, zone_set, **{**KEEP, "crs": "other", "epsg": "27700"})
    assert again(zone_set).stage == ZoneSet.Stage.ASKING
