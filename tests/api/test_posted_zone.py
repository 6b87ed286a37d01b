"""POST /api/v1/statistics/: an area is counted as a stored zone would be, and nothing is kept."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
from django.core.cache import cache
from django.db import connection
from django.test import Client

from analytics.nomenclature import CODES, OBSERVED_CODES, SEALED
from clcplus.models import Zone
from tests import oracle
from tests.region import NORTH, SIDE, WEST, YEARS, Region
from tests.runs import committed
from tests.statements import counted

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/statistics/"
EAST, SOUTH = WEST + 10 * SIDE, NORTH - 10 * SIDE
MARGIN = 20
"""Cells round the raster that the oracle looks at too."""
_TO_DEGREES = pyproj.Transformer.from_crs("EPSG:3035", "OGC:CRS84", always_xy=True)


@pytest.fixture(scope="module")
def loaded(
    region: Region,
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,
    django_db_blocker: Any,
) -> Iterator[Region]:
    """The region with its zones and editions, committed for the tests of this module."""
    with (
        django_db_blocker.unblock(),
        committed(region, store=tmp_path_factory.mktemp("store")) as found,
    ):
        yield found


@pytest.fixture(autouse=True)
def _loaded(loaded: Region) -> None:
    """Every test has the region."""


def geojson(metres: shapely.Geometry) -> dict[str, Any]:
    """A geometry in EPSG:3035 as GeoJSON in degrees, every digit kept."""
    degrees = shapely.transform(
        metres, lambda p: np.column_stack(_TO_DEGREES.transform(p[:, 0], p[:, 1]))
    )
    return dict(shapely.geometry.mapping(degrees))


def post(client: Client, body: Any, query: str = "", **more: Any) -> Any:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    more.setdefault("content_type", "application/geo+json")
    return client.post(f"{ADDRESS}{query}", text, **more)


def figures(client: Client, metres: shapely.Geometry, query: str = "") -> dict[str, Any]:
    response = post(client, geojson(metres), query)
    assert response.status_code == 200, response.content
    return dict(response.json())


def problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cache-Control"] == "no-store"
    body = dict(response.json())
    assert body["status"] == status
    return body


def first_error(client: Client, body: Any, query: str = "") -> dict[str, Any]:
    errors = problem(post(client, body, query), 422)["errors"]
    assert [error["index"] for error in errors] == list(range(len(errors)))
    assert errors[0]["hint"]
    return dict(errors[0])


def box(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    """A box by metres from the upper left corner of the region, southwards."""
    return shapely.box(WEST + west, NORTH - north, WEST + east, NORTH - south)


def _check_series(found: list[Any], codes: dict[int, Any], inside: Any) -> None:
    """Like for like: cells that all editions with any in the area have observed."""
    seen = [year for year in YEARS if (codes[year][inside] < 253).any()]
    if len(seen) < 2:
        assert found == []
        return
    common = inside & np.logical_and.reduce([codes[year] < 253 for year in seen])
    [series] = found
    assert series["observed_in_all"]["cells"] == common.sum()
    assert [share["edition"] for share in series["shares"]] == [f"clcplus-{year}" for year in seen]
    for year, share in zip(seen, series["shares"], strict=True):
        sealed = int((codes[year][common] == SEALED).sum())
        assert share["sealed"]["cells"] == (sealed if common.any() else None)
        assert share["sealed_share"] == (sealed / common.sum() if common.any() else None)


# The numbers
def check(client: Client, region: Region, area: shapely.Geometry) -> None:
    """Every count against the naive oracle; what no edition covers is no data."""
    side = SIDE + 2 * MARGIN
    inside = oracle.mask(area, shape=(side, side), x0=WEST - 10 * MARGIN, y0=NORTH + 10 * MARGIN)
    codes = {}
    for year in YEARS:
        codes[year] = np.full((side, side), 255, dtype=np.uint8)
        codes[year][MARGIN:-MARGIN, MARGIN:-MARGIN] = region.masked(year)
    body = figures(client, area)
    assert body["cells"] == inside.sum()
    assert [entry["edition"] for entry in body["statistics"]] == [
        f"clcplus-{year}" for year in YEARS
    ]
    seen = {year: int((codes[year][inside] < 253).sum()) for year in YEARS}
    for year, entry in zip(YEARS, body["statistics"], strict=True):
        expected = oracle.class_counts(codes[year], inside)
        observed = sum(n for code, n in expected.items() if code < 253)
        behind = max(seen.values()) - observed > max(seen.values()) / 100
        assert entry["status"] == ("ok" if observed else "not_observed")
        assert entry["partly_observed"] == (bool(observed) and behind)
        assert entry["observed"] == {"cells": observed, "m2": observed * 100}
        assert entry["not_observed"]["cells"] == inside.sum() - observed
        if observed:
            found = {c["code"]: c["cells"] for c in entry["by_class"]}
            assert found == {code: expected.get(code, 0) for code in CODES}
            assert entry["sealed"]["cells"] == expected.get(SEALED, 0)
            assert entry["sealed_share"] == expected.get(SEALED, 0) / observed
    _check_series(body["series"], codes, inside)
    assert len(body["changes"]) == 3
    for change in body["changes"]:
        pair = [int(change[end].removeprefix("clcplus-")) for end in ("earlier", "later")]
        expected_pairs = oracle.pair_counts(codes[pair[0]], codes[pair[1]], inside)
        matrix = change["matrix"] or [[0] * 11] * 11
        found_pairs = {
            (a, b): matrix[i][j]
            for i, a in enumerate(OBSERVED_CODES)
            for j, b in enumerate(OBSERVED_CODES)
            if matrix[i][j]
        }
        assert found_pairs == expected_pairs
        if expected_pairs:
            gain = sum(n for (a, b), n in expected_pairs.items() if b == SEALED != a)
            loss = sum(n for (a, b), n in expected_pairs.items() if a == SEALED != b)
            assert change["raw"]["gain"]["cells"] == gain
            assert change["raw"]["net"] == {"cells": gain - loss, "m2": (gain - loss) * 100}
            assert change["verdict"]["text"]


def star(random: np.random.Generator, x: float, y: float, largest: float) -> shapely.Geometry:
    """A polygon with random spikes round a point: never crosses itself."""
    corners = int(random.integers(5, 24))
    turns = np.sort(random.random(corners)) * 2 * np.pi
    reach = largest * (0.25 + 0.75 * random.random(corners))
    points = np.column_stack((x + reach * np.cos(turns), y + reach * np.sin(turns)))
    return shapely.make_valid(shapely.Polygon(points))


@pytest.mark.parametrize("seed", range(12))
def test_random_areas_are_counted_as_the_oracle_does(
    client: Client, loaded: Region, seed: int
) -> None:
    random = np.random.default_rng(seed)
    # Round the corner of four tiles; every third reaches beyond the raster.
    x, y = 3_800_000 + random.uniform(-80, 80), 2_300_000 + random.uniform(-80, 80)
    area = star(random, x, y, 420 if seed % 3 == 0 else 200)
    if seed % 2:
        area = area.difference(star(random, x, y, 90))
    if seed % 4 == 0:
        area = area.union(box(400.3, 420.7, 560.2, 585.9))
    parts = [part for part in shapely.get_parts(area) if part.geom_type == "Polygon"]
    check(client, loaded, shapely.MultiPolygon(parts) if len(parts) > 1 else parts[0])


@pytest.mark.parametrize(
    ("level", "code"), [("commune", "0V005"), ("commune", "0V007"), ("region", "07")]
)
def test_a_territory_has_its_own_published_numbers(client: Client, level: str, code: str) -> None:
    """Of these no centre lies on the border: degrees do not keep such a position to the last
    digit."""
    zone = Zone.objects.get(layer__level__slug=level, code=code)
    body = figures(client, shapely.from_wkb(bytes(zone.geometry.wkb)))
    territory = f"/api/v1/territories/{level}/{code}/"
    published = client.get(f"{territory}statistics/").json()
    for member in ("status", "editions", "statistics", "citation"):
        assert body[member] == published[member], member
    for change in body["changes"]:
        pair = f"from={change['earlier']}&to={change['later']}"
        of_territory = client.get(f"{territory}change/?{pair}").json()
        assert change == {name: of_territory[name] for name in change}
        assert set(of_territory) - set(change) == {
            "territory",
            "successor",
            "units",
            "editions",
            "citation",
            "sdg_11_3_1",
        }
    assert body["cells"] == zone.cells
    assert body["area"]["m2"] == pytest.approx(zone.geometry.area, abs=0.01)


def test_a_small_area_has_exact_areas_too(client: Client, loaded: Region) -> None:
    """Half a cell more on each side: the coverage rule sees it, the centre rule does not."""
    body = figures(client, box(195, 205, 402.5, 395))
    assert body["cells"] == 20 * 19 + 19  # centres at the northern and western sides count
    assert body["area"]["m2"] == pytest.approx(207.5 * 190, abs=0.05)
    codes = loaded.masked(2023)
    weights = np.zeros((SIDE, SIDE))
    weights[20:40, 19:41] = 1
    weights[20], weights[39] = weights[20] * 0.5, weights[39] * 0.5
    weights[:, 19] *= 0.5
    weights[:, 40] *= 0.25
    entry = body["coverage"]["statistics"][-1]
    assert entry["edition"] == "clcplus-2023"
    for listed in entry["by_class"]:
        expected = weights[codes == listed["code"]].sum() * 100
        assert listed["m2"] == pytest.approx(expected, abs=0.05), listed["code"]
    seen = weights[codes < 253].sum()
    assert entry["observed_m2"] == pytest.approx(seen * 100, abs=0.05)
    assert entry["sealed_share"] == pytest.approx(weights[codes == 1].sum() / seen, abs=1e-5)
    assert body["coverage"]["rule"]["name"] == "coverage"
    assert body["rule"]["name"] == "centre"


def test_exact_areas_beyond_the_raster_are_not_observed(client: Client) -> None:
    body = figures(client, box(-45, 100, 55, 200))
    assert body["coverage"]["statistics"]
    for entry in body["coverage"]["statistics"]:
        assert entry["not_observed_m2"] >= 4500 - 0.1
        assert entry["observed_m2"] + entry["not_observed_m2"] == pytest.approx(10_000, abs=0.1)


def test_a_large_area_has_none(client: Client) -> None:
    assert figures(client, box(-600, -600, 600, 600))["coverage"] is None


@pytest.mark.parametrize("dialect", ["plain", "spreadsheet"])
def test_a_table_has_the_same_figures(client: Client, dialect: str) -> None:
    area = box(100, 100, 300, 300)
    body = figures(client, area)
    response = post(client, geojson(area), f"?format=csv&dialect={dialect}")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Cache-Control"] == "no-store"
    assert response["Content-Disposition"] == 'attachment; filename="sealing-area.csv"'
    spreadsheet = dialect == "spreadsheet"
    assert response.content.startswith("\ufeff".encode()) == spreadsheet
    text = response.content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";" if spreadsheet else ","))

    def value(rule: str, edition: str, indicator: str) -> float:
        (row,) = (
            row
            for row in rows
            if (row["rule"], row["edition"], row["indicator"]) == (rule, edition, indicator)
        )
        assert ("." in row["value"]) <= (not spreadsheet)
        return float(row["value"].replace(",", "."))

    for entry in body["statistics"]:
        assert value("centre", entry["edition"], "sealed_area") == entry["sealed"]["m2"]
        assert value("centre", entry["edition"], "sealed_share") == entry["sealed_share"]
    (series,) = body["series"]
    rates = [row for row in rows if row["indicator"] == "flicker_rate"]
    # Of all three editions, beside the newest.
    assert [row["edition"] for row in rates] == ["clcplus-2023"]
    flicker = series["flicker"]
    assert flicker["ever_sealed"] > 0
    assert float(rates[0]["value"].replace(",", ".")) == pytest.approx(100 * flicker["rate"])
    for entry in body["coverage"]["statistics"]:
        assert value("coverage", entry["edition"], "sealed_area") == entry["sealed_m2"]
        for listed in entry["by_class"]:
            indicator = f"area_of_class_{listed['code']}"
            assert value("coverage", entry["edition"], indicator) == listed["m2"]
    for change in body["changes"]:
        pair = f"{change['earlier']}/{change['later']}"
        assert value("centre", pair, "sealed_gain") == change["raw"]["gain"]["m2"]
        assert value("centre", pair, "map_noise") == change["verdict"]["noise_m2"]


def test_a_table_of_what_no_edition_observed_tells_nothing(client: Client) -> None:
    response = post(client, geojson(box(301, 301, 303, 303)), "?format=csv")
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    centre = [r for r in rows if r["rule"] == "centre" and r["indicator"] == "sealed_area"]
    assert [(r["value"], r["status"]) for r in centre] == [("", "not_observed")] * 3


def test_other_formats_and_dialects_are_refused(client: Client) -> None:
    area = geojson(box(100, 100, 300, 300))
    assert problem(post(client, area, "?format=xlsx"), 400)["allowed"] == ["json", "csv"]
    assert problem(post(client, area, "?dialect=plain"), 400)["parameter"] == "dialect"
    asked = post(client, area, headers={"Accept": "text/csv"})
    assert asked["Content-Type"].startswith("text/csv")


def test_few_cells_are_warned_of(client: Client) -> None:
    assert "99 cells" in figures(client, box(100, 100, 210, 190))["warnings"][0]
    assert figures(client, box(100, 100, 200, 200))["warnings"] == []


def test_an_area_without_a_centre_has_no_cells(client: Client) -> None:
    body = figures(client, box(301, 301, 303, 303))
    assert (body["cells"], body["status"]) == (0, "not_observed")
    assert body["statistics"][0]["sealed"] == {"cells": None, "m2": None}
    assert body["coverage"]["statistics"][0]["observed_m2"] == pytest.approx(4, abs=0.01)


# What is asked for
def test_chosen_editions_and_pairs(client: Client) -> None:
    area = box(100, 100, 300, 300)
    both = figures(client, area, "?editions=2018,clcplus-2023")
    assert [entry["edition"] for entry in both["statistics"]] == ["clcplus-2018", "clcplus-2023"]
    assert [(c["earlier"], c["later"]) for c in both["changes"]] == [
        ("clcplus-2018", "clcplus-2023")
    ]
    pair = figures(client, area, "?from=2021&to=2023")
    assert [(c["earlier"], c["later"]) for c in pair["changes"]] == [
        ("clcplus-2021", "clcplus-2023")
    ]
    assert figures(client, area, "?editions=2021")["changes"] == []
    problem(post(client, geojson(area), "?from=2023&to=2021"), 422)
    problem(post(client, geojson(area), "?editions=1999"), 404)
    assert problem(post(client, geojson(area), "?edition=2021"), 400)["parameter"] == "edition"
    assert problem(post(client, geojson(area), "?repair=yes"), 400)["parameter"] == "repair"
    assert problem(post(client, geojson(area), "?format=parquet"), 400)["parameter"] == "format"
    problem(post(client, geojson(area), headers={"Accept": "text/html"}), 406)


def test_forms_of_the_document(client: Client) -> None:
    geometry = geojson(box(100, 100, 300, 300))
    feature = {"type": "Feature", "properties": None, "geometry": geometry}
    collection = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}},
        "features": [feature],
    }
    turned = {**geometry, "coordinates": [geometry["coordinates"][0][::-1]]}
    high = {"type": "Polygon", "coordinates": [[[*p, 5] for p in geometry["coordinates"][0]]]}
    answers = [post(client, body).json() for body in (geometry, feature, collection, turned, high)]
    assert {answer["cells"] for answer in answers} == {400}
    assert len({answer["area"]["sha256"] for answer in answers}) == 1
    assert [bool(answer["notes"]) for answer in answers] == [False, False, True, False, True]
    assert "Heights" in answers[-1]["notes"][0]
    as_json = post(client, geometry, content_type="application/json; charset=utf-8")
    assert as_json.json() == answers[0]
    assert as_json["Cache-Control"] == "no-store"
    assert "ETag" not in as_json
    assert len(answers[0]["data"]) == 32
    other = post(client, geojson(box(100, 100, 300, 301))).json()
    assert other["area"]["sha256"] != answers[0]["area"]["sha256"]
    assert other["data"] == answers[0]["data"]


# What cannot be counted
SQUARE = [[10.0, 50.0], [10.1, 50.0], [10.1, 50.1], [10.0, 50.1], [10.0, 50.0]]


def polygon(ring: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [ring]}


@pytest.mark.parametrize(
    ("body", "at", "found"),
    [
        ([], "", "a list of 0"),
        ({"type": "Point", "coordinates": [1, 2]}, "/type", "Point"),
        ({"type": "LineString", "coordinates": SQUARE}, "/type", "LineString"),
        ({"type": "GeometryCollection", "geometries": []}, "/type", "GeometryCollection"),
        ({}, "/type", "null"),
        ({"type": "Feature", "geometry": None}, "/geometry", "null"),
        ({"type": "FeatureCollection", "features": []}, "/features", "0 features"),
        ({"type": "FeatureCollection"}, "/features", "null"),
        (
            {"type": "FeatureCollection", "features": [{"type": "Feature"}] * 2},
            "/features",
            "2 features",
        ),
        (
            {"type": "FeatureCollection", "features": [polygon(SQUARE)]},
            "/features/0/type",
            "the text 'Polygon'",
        ),
        ({"type": "Polygon"}, "/coordinates", "null"),
        ({"type": "Polygon", "coordinates": []}, "/coordinates", "an empty list"),
        ({"type": "MultiPolygon", "coordinates": []}, "/coordinates", "an empty list"),
        ({"type": "MultiPolygon", "coordinates": [[]]}, "/coordinates/0", "an empty list"),
        (polygon({}), "/coordinates/0", "an object"),
        (polygon([]), "/coordinates/0", "0 positions"),
        (polygon(SQUARE[:3]), "/coordinates/0", "3 positions"),
        (polygon(SQUARE[:4]), "/coordinates/0/3", "[10, 50.1]"),
        (polygon([*SQUARE[:2], 7, *SQUARE[2:]]), "/coordinates/0/2", "the number 7"),
        (polygon([*SQUARE[:2], [1], *SQUARE[2:]]), "/coordinates/0/2", "a list of 1"),
        (polygon([*SQUARE[:2], ["1", 2], *SQUARE[2:]]), "/coordinates/0/2", "the text '1'"),
        (polygon([*SQUARE[:2], [True, 2], *SQUARE[2:]]), "/coordinates/0/2", "true"),
        (polygon([*SQUARE[:2], [200, 50], *SQUARE[2:]]), "/coordinates/0/2", "[200, 50]"),
        (polygon([*SQUARE[:2], [10**400, 50], *SQUARE[2:]]), "/coordinates/0/2", "[inf, 50]"),
        (
            {**polygon(SQUARE), "crs": {"properties": {"name": "EPSG:3035"}}},
            "/crs",
            "EPSG:3035",
        ),
        ({**polygon(SQUARE), "crs": None}, "/crs", "null"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(
    client: Client, body: Any, at: str, found: str
) -> None:
    error = first_error(client, body)
    assert (error["at"], error["found"]) == (at, found)


def test_all_wrong_rings_are_listed_up_to_ten(client: Client) -> None:
    body = {"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE[:2]], [SQUARE[:3]]]}
    errors = problem(post(client, body), 422)["errors"]
    assert [error["at"] for error in errors] == ["/coordinates/1/0", "/coordinates/2/0"]
    many = {"type": "MultiPolygon", "coordinates": [[SQUARE[:2]]] * 50}
    assert len(problem(post(client, many), 422)["errors"]) == 10


def test_swapped_axes_are_suspected(client: Client) -> None:
    area = geojson(box(100, 100, 300, 300))
    turned = polygon([point[::-1] for point in area["coordinates"][0]])
    body = problem(post(client, turned), 422)
    assert body["swapped_axes_suspected"] is True
    assert "longitude first" in body["errors"][0]["hint"]
    metres = polygon([[4e6, 3e6], [4.1e6, 3e6], [4.1e6, 3.1e6], [4e6, 3e6]])
    assert "projection" in first_error(client, metres)["hint"]
    beyond = polygon([[x, y + 36] for x, y in SQUARE])
    assert "Europe" in first_error(client, beyond)["found"]
    lost = problem(post(client, polygon([[x + 110, y] for x, y in SQUARE])), 422)
    assert lost["swapped_axes_suspected"] is False


def test_outside_of_every_edition(client: Client) -> None:
    body = problem(post(client, polygon(SQUARE)), 422)
    assert "no edition has a cell" in body["errors"][0]["found"]
    assert len(body["covered"]) == 3


BOW = shapely.Polygon([(0, 0), (200, 0), (0, 200), (200, 200), (0, 0)])


def bow_tie() -> dict[str, Any]:
    return geojson(shapely.transform(BOW, lambda p: np.add(p, (WEST + 100, NORTH - 400))))


def test_an_invalid_area_is_refused_with_its_place(client: Client) -> None:
    body = problem(post(client, bow_tie()), 422)
    assert body["reason"] == "Self-intersection"
    x, y = pyproj.Transformer.from_crs("OGC:CRS84", "EPSG:3035", always_xy=True).transform(
        *body["place"]
    )
    assert (x, y) == pytest.approx((WEST + 200, NORTH - 300), abs=0.1)
    assert "repair=true" in body["errors"][0]["hint"]
    flat = polygon([[10, 50], [11, 50], [10, 50], [10, 50]])
    assert first_error(client, flat)["expected"] == "a valid area"


def test_a_repair_is_told(client: Client, loaded: Region) -> None:
    response = post(client, bow_tie(), "?repair=true")
    assert response.status_code == 200, response.content
    told = response.json()["area"]["repaired"]
    assert told["reason"] == "Self-intersection"
    assert told["m2_after"] == pytest.approx(20_000, abs=1)
    assert told["m2_before"] == pytest.approx(20_000, abs=1)
    mended = shapely.make_valid(
        shapely.transform(BOW, lambda p: np.add(p, (WEST + 100, NORTH - 400)))
    )
    inside = oracle.mask(mended, shape=(SIDE, SIDE), x0=WEST, y0=NORTH)
    assert abs(response.json()["cells"] - inside.sum()) <= 20  # centres on the crossing sides
    assert figures(client, box(1, 1, 99, 99), "?repair=true")["area"]["repaired"] is None
    flat = polygon([[10, 50], [11, 50], [10, 50], [10, 50]])
    assert "after the repair" in first_error(client, flat, "?repair=true")["found"]


def test_areas_of_collections_count_however_deep(client: Client) -> None:
    squares = [geojson(box(x, 0, x + 100, 100)) for x in (1, 151, 301)]
    first, second, third = json.loads(json.dumps(squares))
    pair = {"type": "MultiPolygon", "coordinates": [first["coordinates"], second["coordinates"]]}
    inner = {"type": "GeometryCollection", "geometries": [pair]}
    both = {"type": "GeometryCollection", "geometries": [inner, third]}
    response = post(client, {"type": "Feature", "properties": {}, "geometry": both})
    assert response.status_code == 200, response.content
    together = shapely.MultiPolygon([box(x, 0, x + 100, 100) for x in (1, 151, 301)])
    assert response.json()["cells"] == figures(client, together)["cells"] == 300
    both["geometries"].append(third)
    assert "repair=true" in first_error(client, both)["hint"]
    # What lies in two members counts once.
    assert post(client, both, "?repair=true").json()["cells"] == 300
    third["coordinates"][0][1] = [3.0, "x"]
    assert first_error(client, both)["at"].startswith("/geometries/1/coordinates/0/1")
    line = {"type": "LineString", "coordinates": [[3, 46], [4, 46]]}
    inner["geometries"].append(line)
    assert first_error(client, both)["at"] == "/geometries/0/geometries/1/type"


def test_a_repair_follows_the_even_odd_rule(client: Client) -> None:
    square = box(0, 0, 400, 400)
    west, south, east, _ = square.bounds
    hole = [(west, south), (east, south), (west + 200, south + 200), (west, south)]
    told = figures(client, shapely.Polygon(square.exterior, [hole]), "?repair=true")
    assert told["area"]["repaired"]["m2_after"] == pytest.approx(120_000, abs=1)
    assert abs(told["cells"] - 1_200) <= 20  # centres on the hole's sides


# What could hold a process
@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("POSTED_ZONE_KM2", 0, "0 km²"),
        ("POSTED_ZONE_BORDER_KM", 1, "2 km of border"),
        ("POSTED_ZONE_PARTS", 1, "2 parts"),
        ("POSTED_ZONE_VERTICES", 9, "10 positions and more"),
    ],
)
def test_limits_are_named(client: Client, settings: Any, name: str, value: int, found: str) -> None:
    area = geojson(shapely.MultiPolygon([box(0, 0, 300, 300), box(310, 310, 500, 500)]))
    assert post(client, area).status_code == 200
    setattr(settings, name, value)
    error = first_error(client, area)
    assert error["found"] == found
    assert str(value) in error["expected"]


def test_a_hundred_thousand_square_kilometres(client: Client) -> None:
    wide = polygon([[-5, 42], [8, 42], [8, 50], [-5, 50], [-5, 42]])
    assert "100000 km²" in first_error(client, wide)["expected"]


def test_a_tangle_is_refused_before_it_is_looked_at(client: Client) -> None:
    n = 11_000
    across = np.column_stack(
        (np.where(np.arange(n) % 2, 300.0, 0.0) + np.arange(n) * 0.01, np.arange(n) * 0.01)
    )
    across[:, 1] += np.where(np.arange(n) % 2, 300.0, 0.0)
    ring = np.add(np.vstack((across, [[-10.0, 200.0]], across[:1])), (WEST, SOUTH))
    error = first_error(client, geojson(shapely.Polygon(ring)))
    assert "across each other" in error["found"]


@pytest.mark.parametrize("corners", [120, 2000])
def test_a_tangle_is_not_repaired(client: Client, corners: int) -> None:
    random = np.random.default_rng(3)
    points = np.add(random.random((corners, 2)) * 500, (WEST, SOUTH))
    error = first_error(client, geojson(shapely.Polygon(points)), "?repair=true")
    assert "too tangled" in error["found"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b" ", "nothing"),
        (b"{", "not JSON"),
        (b'{"type": "Polygon", "coordinates": [[[NaN, 1]]]}', "NaN"),
        (b'{"type": "Polygon", "coordinates": [[[-Infinity, 1]]]}', "Infinity"),
        (b'{"type": "Polygon", "type": "Point"}', "'type' twice"),
        (b"[" * 100_000, "within each other"),
        (b'{"a":' * 100_000, "within each other"),
        (b"\xff\xfe{}", "not UTF-8"),
    ],
)
def test_what_is_not_json(client: Client, body: bytes, told: str) -> None:
    assert told in problem(post(client, body), 400)["detail"]


def test_a_number_of_a_million_digits_is_out_of_range(client: Client) -> None:
    text = json.dumps(polygon(SQUARE)).replace("10.1", "9" * 1_000_000, 1)
    assert first_error(client, text)["found"].startswith("[inf")


def test_bodies_that_are_too_large(client: Client, settings: Any) -> None:
    settings.POSTED_ZONE_KILOBYTES = 1
    body = problem(post(client, " " * 1001), 413)
    assert body["largest_bytes"] == 1000
    problem(post(client, "{}", CONTENT_LENGTH="9" * 5000), 413)
    # A length that says less than there is: no more than that is read.
    problem(post(client, "{} " * 400, CONTENT_LENGTH="2"), 422)


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data", ""])
def test_other_media_types(client: Client, kind: str) -> None:
    body = problem(post(client, "{}", content_type=kind), 415)
    assert "application/geo+json" in body["allowed"]


def test_an_encoded_body(client: Client) -> None:
    problem(post(client, b"x", headers={"Content-Encoding": "gzip"}), 415)


# Who may ask
def test_no_cookie_and_no_token_are_needed(loaded: Region) -> None:
    strict = Client(enforce_csrf_checks=True)
    response = post(strict, geojson(box(100, 100, 300, 300)), headers={"Origin": "https://a.test"})
    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response
    assert not response.cookies
    before = strict.options(ADDRESS, headers={"Access-Control-Request-Method": "POST"})
    assert before.status_code == 200
    assert "POST" in before["Access-Control-Allow-Methods"]


def test_other_methods(client: Client) -> None:
    response = client.delete(ADDRESS)
    problem(response, 405)
    assert "POST" in response["Allow"]
    problem(client.post("/api/v1/change/", "{}", content_type="application/json"), 405)


def test_a_client_has_its_share_of_a_minute(
    client: Client, admin_client: Client, settings: Any
) -> None:
    settings.POSTED_ZONES_PER_MINUTE = 2
    settings.POSTED_ZONES_PER_MINUTE_SIGNED_IN = 3
    cache.clear()
    area = geojson(box(100, 100, 300, 300))
    assert [post(client, area).status_code for _ in range(2)] == [200, 200]
    refused = post(client, area)
    assert "more than 2 areas" in problem(refused, 429)["detail"]
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert client.get(f"{ADDRESS}?level=commune").status_code == 200
    assert [post(admin_client, area).status_code for _ in range(4)] == [200, 200, 200, 429]
    cache.clear()


# What is left behind, and what it costs
def rows() -> dict[str, int]:
    """Rows of every table."""
    with connection.cursor() as cursor:
        return {
            table: cursor.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
            for table in connection.introspection.table_names(cursor)
        }


def test_nothing_is_written(client: Client, settings: Any) -> None:
    files = sorted(Path(settings.RASTER_STORE).rglob("*"))
    before = rows()
    figures(client, box(0, 0, 600, 600))
    post(client, bow_tie())
    assert rows() == before
    assert sorted(Path(settings.RASTER_STORE).rglob("*")) == files


def test_statements_do_not_grow_with_the_area(client: Client) -> None:
    many = shapely.MultiPolygon(
        [box(20 * i, 20 * j, 20 * i + 9, 20 * j + 9) for i in range(20) for j in range(20)]
    )
    for area in (box(-3000, -3000, 3000, 3000), many):
        with counted() as sent:
            figures(client, area)
        # Editions, identity, filtered pairs; of each edition tiles, sums and exact tiles; sums of
        # each pair.
        assert len(sent) <= 3 + 3 * 3 + 3
