"""What is taken from a territory's page: tables, shapes, charts, and a frame for other sites."""

from __future__ import annotations

import csv
import html
import io
import json
import os
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree

import pyogrio
import pytest
import shapely
from django.test import Client
from pyarrow import parquet
from sqlalchemy import QueuePool

from analytics import queries
from clcplus import reading
from clcplus.files import geofiles
from clcplus.presentation import svg
from clcplus.views.downloads import charts
from tests.statements import counted
from tests.world import SOUTH, UNSEEN, WEST, World

pytestmark = pytest.mark.django_db

HERE = "/territories/commune/07001/"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def _world(world: World) -> None:
    """Every test has the world."""


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files, which must be empty in the end."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert os.listdir(folder) == []


def get(client: Client, path: str, status: int = 200) -> Any:
    response = client.get(path)
    assert response.status_code == status, response.getvalue()[:500]
    assert cast(QueuePool, reading.engine().pool).checkedout() <= 1
    return response


def rows_of(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.getvalue().decode())))


# Tables
def test_statistics_of_a_territory(client: Client) -> None:
    with counted() as sent:
        response = get(client, f"{HERE}tables/statistics.csv")
        rows = rows_of(response)
    assert len(sent) <= 6
    assert 'filename="sealing-statistics-commune-07001.csv"' in response["Content-Disposition"]
    by_key = {(r["edition"], r["indicator"]): r for r in rows}
    assert by_key["clcplus-2021", "sealed_area"]["value"] == "106000"
    assert by_key["clcplus-2018", "area_of_class_6"]["value"] == "900000"
    assert {r["code"] for r in rows} == {"07001"}


def test_change_of_a_territory(client: Client) -> None:
    rows = rows_of(get(client, f"{HERE}tables/change.csv"))
    by_indicator = {r["indicator"]: r for r in rows}
    assert by_indicator["sealed_gain"]["value"] == "10000"
    assert by_indicator["sealed_gain_from_class_6"]["value"] == "10000"
    assert by_indicator["sealed_loss_to_class_7"]["value"] == "0"
    assert float(by_indicator["map_noise"]["value"]) > 0
    assert {r["edition"] for r in rows} == {"clcplus-2018/clcplus-2021"}
    asked = rows_of(get(client, f"{HERE}tables/change.csv?from=2018&to=2021"))
    assert asked == rows
    assert get(client, f"{HERE}tables/change.csv?from=2021&to=2018", 422)


def test_not_observed_is_not_zero(client: Client) -> None:
    rows = rows_of(get(client, "/territories/commune/07102/tables/change.csv"))
    flows = [r for r in rows if r["indicator"].startswith("sealed_gain")]
    assert {(r["value"], r["status"]) for r in flows} == {("", "not_observed")}


def test_lists_of_a_page(client: Client) -> None:
    below = rows_of(get(client, "/territories/departement/07N/tables/territories.csv"))
    assert {r["code"] for r in below} == {"07001", "07002"}
    beside = rows_of(get(client, f"{HERE}tables/territories.csv?edition=2018"))
    assert {r["code"] for r in beside} == {"07001", "07002", "07101", "07102"}
    assert {r["edition"] for r in beside} == {"clcplus-2018"}


@pytest.mark.parametrize("name", ["statistics", "change", "territories"])
def test_tables_in_other_formats(client: Client, scratch: Path, name: str) -> None:
    plain = rows_of(get(client, f"{HERE}tables/{name}.csv"))
    table = parquet.read_table(
        io.BytesIO(get(client, f"{HERE}tables/{name}.parquet").getvalue())
    ).to_pylist()
    assert [(r["code"], r["indicator"]) for r in table] == [
        (r["code"], r["indicator"]) for r in plain
    ]
    assert get(client, f"{HERE}tables/{name}.xlsx").getvalue().startswith(b"PK")
    body = json.loads(get(client, f"{HERE}tables/{name}.json").getvalue())
    assert len(body["rows"]) == len(plain)
    other = get(client, f"{HERE}tables/{name}.csv?dialect=spreadsheet").getvalue()
    assert other.startswith(b"\xef\xbb\xbfcode;")


FILES = [
    *(f"{HERE}tables/{n}.{f}" for n in ("statistics", "territories") for f in ("csv", "xlsx")),
    f"{HERE}tables/change.parquet",
    f"{HERE}shape.geojson",
    f"{HERE}shape.gpkg",
    *(f"{HERE}charts/{n}.svg" for n in ("share", "gain", "loss", "cover")),
    f"{HERE}charts/share.png",
]


@pytest.mark.parametrize("path", FILES)
def test_files_are_kept_shared_and_only_read(client: Client, path: str) -> None:
    first = get(client, path)
    content = first.getvalue()
    assert str(UNSEEN).encode() not in content
    assert "attachment" in first["Content-Disposition"]
    assert first["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in first
    assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 304
    head = client.head(path)
    assert (head.status_code, head["Content-Type"]) == (200, first["Content-Type"])
    assert client.post(path).status_code == 405
    assert cast(QueuePool, reading.engine().pool).checkedout() == 0


@pytest.mark.parametrize(
    "tail",
    [
        "tables/nothing.csv",
        "tables/statistics.pdf",
        "shape.shp",
        "charts/share.gif",
        "charts/nothing.svg",
    ],
)
def test_what_there_is_not(client: Client, tail: str) -> None:
    response = get(client, f"{HERE}{tail}", 404)
    assert response["Content-Type"] == "application/problem+json"
    for known in ("tables/statistics.csv", "shape.geojson", "charts/share.svg"):
        get(client, f"/territories/commune/99999/{known}", 404)
        assert get(client, f"{HERE}{known}?colour=red", 400).json()["parameter"] == "colour"


def test_old_boundaries(client: Client) -> None:
    rows = rows_of(get(client, "/territories/commune/07002/tables/statistics.csv?vintage=2020"))
    assert {r["vintage"] for r in rows} == {"2020"}
    sealed = {r["value"] for r in rows if r["indicator"] == "sealed_area"}
    assert sealed == {"150000"}
    feature = json.loads(get(client, "/territories/commune/07003/shape.geojson").getvalue())
    assert feature["properties"]["vintage"] == 2020


# Shapes
def test_geojson_is_of_rfc_7946(client: Client) -> None:
    response = get(client, f"{HERE}shape.geojson")
    assert response["Content-Type"] == "application/geo+json"
    feature = json.loads(response.getvalue())
    assert feature["type"] == "Feature"
    assert "crs" not in feature
    west, south, east, north = feature["bbox"]
    assert -180 < west < east < 180
    assert -90 < south < north < 90
    properties = feature["properties"]
    assert properties["code"] == "07001"
    assert properties["clcplus_2021_sealed_area"] == 106_000
    assert properties["clcplus_2018_to_clcplus_2021_sealed_gain"] == 10_000
    assert "vintage=2024" in properties["citation"]
    unseen = json.loads(get(client, "/territories/commune/07102/shape.geojson").getvalue())
    assert unseen["properties"]["clcplus_2021_sealed_share"] is None
    assert unseen["properties"]["clcplus_2021_status"] == "not_observed"


def test_geopackage_has_the_shape_that_was_counted(
    client: Client, scratch: Path, tmp_path: Path
) -> None:
    response = get(client, f"{HERE}shape.gpkg")
    assert response["Content-Type"] == "application/geopackage+sqlite3"
    file = tmp_path / "taken.gpkg"
    file.write_bytes(response.getvalue())
    info = pyogrio.read_info(file, layer="territory")
    assert (info["crs"], info["features"]) == ("EPSG:3035", 1)
    _meta, _fids, shapes, columns = pyogrio.raw.read(file, layer="territory")
    shape = shapely.from_wkb(shapes[0])
    assert shape.bounds == (WEST, SOUTH, WEST + 1000, SOUTH + 1000)
    values = dict(zip(_meta["fields"], (column[0] for column in columns), strict=True))
    assert values["code"] == "07001"
    assert values["clcplus_2021_sealed_area"] == 106_000
    with sqlite3.connect(file) as database:
        found = database.execute(
            "select value, typeof(code), status from statistics "
            "where edition = 'clcplus-2021' and indicator = 'sealed_area'"
        ).fetchall()
        gain = database.execute("select value from change where indicator = 'sealed_gain'")
        assert gain.fetchall() == [(10_000,)]
    database.close()
    assert found == [(106_000, "text", "ok")]


def test_geopackage_keeps_null_apart(client: Client, scratch: Path, tmp_path: Path) -> None:
    file = tmp_path / "taken.gpkg"
    file.write_bytes(get(client, "/territories/commune/07102/shape.gpkg").getvalue())
    with sqlite3.connect(file) as database:
        found = database.execute(
            "select value, status from statistics "
            "where edition = 'clcplus-2021' and indicator = 'sealed_share'"
        ).fetchall()
    database.close()
    assert found == [(None, "not_observed")]


def test_a_failed_geopackage_leaves_nothing(
    client: Client, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = geofiles.raw.write

    def fail(path: Path, **more: Any) -> None:
        if more["layer"] == "change":
            raise OSError("the disk is full")
        real(path, **more)

    monkeypatch.setattr(geofiles.raw, "write", fail)
    client.raise_request_exception = False
    get(client, f"{HERE}shape.gpkg", 500)
    assert cast(QueuePool, reading.engine().pool).checkedout() == 0


@pytest.mark.parametrize("chosen", ["geojson", "gpkg"])
def test_shapes_have_a_limit(
    client: Client, scratch: Path, monkeypatch: pytest.MonkeyPatch, chosen: str
) -> None:
    monkeypatch.setattr(geofiles, "LARGEST", 4)
    assert "at most 4 points" in get(client, f"{HERE}shape.{chosen}", 400).json()["detail"]


# Charts
@pytest.mark.parametrize("name", ["share", "gain", "loss", "cover"])
def test_a_chart_opens_alone(client: Client, name: str) -> None:
    response = get(client, f"{HERE}charts/{name}.svg")
    assert response["Content-Type"] == "image/svg+xml; charset=utf-8"
    text = response.content.decode()
    root = ElementTree.fromstring(text)
    assert root.tag == f"{SVG}svg"
    assert root.attrib["font-family"] == "sans-serif"
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert desc is not None
    assert "Saint-Élie-d'Aubrac" in (title.text or "")
    assert "Copernicus" in (desc.text or "")
    assert root.attrib["aria-labelledby"].split() == [title.attrib["id"], desc.attrib["id"]]
    # The source is drawn, not only described, and nothing is loaded from elsewhere.
    drawn = " ".join(t.text or "" for t in root.iter(f"{SVG}text"))
    assert "Copernicus Land Monitoring Service" in drawn
    assert "vintage=2024" in drawn
    assert not re.search(r"<style|<script|href=|class=|url\(", text)


def test_charts_say_their_figures(client: Client) -> None:
    share = get(client, f"{HERE}charts/share.svg").content.decode()
    assert "10.6" in share
    assert "2018" in share
    gain = get(client, f"{HERE}charts/gain.svg?from=2018&to=2021").content.decode()
    assert "Permanent herbaceous" in gain
    nothing = get(client, "/territories/commune/07102/charts/share.svg").content.decode()
    assert "not observed" in nothing
    assert get(client, "/territories/commune/07102/charts/gain.svg").content
    assert get(client, "/territories/region/07/charts/share.svg").content


def test_a_picture_is_the_drawing(client: Client) -> None:
    content = get(client, f"{HERE}charts/share.png").content
    assert content.startswith(b"\x89PNG")
    width = int.from_bytes(content[16:20], "big")
    assert width == svg.WIDTH * charts.ZOOM


def test_a_picture_has_its_text_without_fonts_of_the_system() -> None:
    frame = '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="40">{}</svg>'
    text = '<text x="5" y="30" font-family="sans-serif" font-size="20">Łódź → m²</text>'
    assert len(charts.png(frame.format(text))) > 2 * len(charts.png(frame.format("")))


def test_odd_names_are_drawn_as_text() -> None:
    picture = svg.Picture('<b> & "x" \x01', "said", "1", 10, ())
    root = ElementTree.fromstring(svg.document(picture, "<source>"))
    title = root.find(f"{SVG}title")
    assert title is not None
    assert title.text == '<b> & "x" '


# The page and the frame
def test_the_page_leads_to_every_file(client: Client) -> None:
    for path in (HERE, "/territories/departement/07N/", "/territories/commune/07003/"):
        page = get(client, path).content.decode()
        section = page.split('class="downloads"', 1)[1].split("</section>", 1)[0]
        links = [html.unescape(link) for link in re.findall(r'href="([^"]+)"', section)]
        assert len(links) > 20
        assert len(links) == len(set(links))
        for link in links:
            response = client.get(link)
            assert response.status_code == 200, link
            response.close()


def test_the_frame_is_open_to_other_sites(client: Client) -> None:
    response = get(client, "/embed/territories/commune/07001/")
    assert "X-Frame-Options" not in response
    policy = response["Content-Security-Policy"]
    assert "frame-ancestors *" in policy
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert not response.cookies
    page = response.content.decode()
    assert "10.6" in page
    assert "Copernicus" in page
    assert 'href="http://testserver/territories/commune/07001/?vintage=2024"' in page
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=\"", page)
    again = client.get(
        "/embed/territories/commune/07001/", headers={"If-None-Match": response["ETag"]}
    )
    assert again.status_code == 304


def test_other_pages_stay_out_of_frames(client: Client) -> None:
    response = get(client, HERE)
    assert response["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    missing = client.get("/embed/territories/commune/99999/")
    assert missing.status_code == 404
    assert missing["X-Frame-Options"] == "DENY"


def test_the_frame_says_what_is_not_observed_and_old(client: Client) -> None:
    assert "not observed" in get(client, "/embed/territories/commune/07102/").content.decode()
    old = get(client, "/embed/territories/commune/07002/?vintage=2020").content.decode()
    assert "vintage=2020" in old


def test_the_snippet_is_safe_to_paste(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    real = queries.territory

    def renamed(*args: Any, **more: Any) -> Any:
        found = real(*args, **more)
        return found and replace(found, name='"><script>alert(1)</script>')

    monkeypatch.setattr("analytics.queries.territory", renamed)
    page = get(client, HERE).content.decode()
    match = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert match is not None
    pasted = html.unescape(match[1])
    assert pasted.startswith('<iframe src="http://testserver/embed/territories/commune/07001/"')
    assert pasted.endswith("</iframe>")
    assert "&quot;&gt;&lt;script" in pasted
    assert "<script" not in pasted


MAP = "/embed/territories/{}/?show=map"


def test_the_frame_with_a_map(client: Client) -> None:
    response = get(client, MAP.format("departement/07N"))
    policy = response["Content-Security-Policy"]
    assert "frame-ancestors *" in policy
    assert "default-src 'none'" in policy
    assert "X-Frame-Options" not in response
    assert not response.cookies
    page = response.content.decode()
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=\"", page)
    # 10.6 % is in the class from 10 to 20, 20 % in that from 20 to 40.
    classes = re.findall(r'<path class="ramp-(\d)"[^>]*><title>([^<]+)</title>', page)
    assert [(step, html.unescape(t)[:12]) for step, t in classes] == [
        ("5", "Bourg-l'Évêq"),
        ("4", "Saint-Élie-d"),
    ]
    assert "Communes of Nord-Valmont by sealed share" in page
    assert "CLC+ Backbone 2021; Copernicus Land Monitoring Service, modified" in page
    assert "≥ 40" in page


def test_map_of_a_commune_is_of_those_beside_it(client: Client) -> None:
    page = get(client, MAP.format("commune/07102")).content.decode()
    shapes = re.findall(r"<title>([^<]+)</title></path>", page)
    assert [html.unescape(s).replace("\u202f", " ") for s in shapes] == [
        "La Fage: not observed",
        "Montrieux: 22.0 % (50 % not observed in 2021)",
    ]
    outline = re.search(r'class="share-map__outline" d="([^"]+)"', page)
    assert outline is not None
    # The eastern half of the drawing is La Fage's own.
    xs = [float(x) for x in re.findall(r"[ML]([\d.]+) ", outline[1])]
    assert min(xs) > 280
    assert max(xs) < 600


def test_map_of_old_boundaries_is_their_outline(client: Client) -> None:
    page = get(client, MAP.format("commune/07003")).content.decode()
    assert 'class="share-map__outline" d="M' in page
    assert "</title></path>" not in page


def test_both_snippets_lead_to_their_frames(client: Client) -> None:
    for path, addresses in (
        (HERE, ["", "?show=map"]),
        ("/territories/commune/07002/?vintage=2020", ["?vintage=2020", "?vintage=2020&show=map"]),
    ):
        page = get(client, path).content.decode()
        areas = [html.unescape(a) for a in re.findall(r"<textarea[^>]*>(.*?)</textarea>", page)]
        found = [html.unescape(src) for area in areas for src in re.findall('src="([^"]+)"', area)]
        assert [address.partition("/embed")[2].partition("/?")[2] for address in found] == [
            query.removeprefix("?") for query in addresses
        ]
        for address in found:
            assert client.get(address.removeprefix("http://testserver")).status_code == 200
