"""An area of a reader's own: drawn or pasted without an account, counted, kept nowhere."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import shapely
from django.test import Client

from clcplus.models import Zone, ZoneSet
from clcplus.views.area import address
from tests.api.test_posted_zone import box, geojson
from tests.region import Region
from tests.runs import committed

pytestmark = pytest.mark.django_db

AREA = "/area/"


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


def pasted(client: Client, text: str, path: str = AREA) -> Any:
    return client.post(path, {"text": text})


def plain(response: Any) -> str:
    """What a page says, without its marks."""
    without = re.sub(r"<(script|style)\b.*?</\1>", "", response.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", without)))


def column(response: Any, heading: str) -> list[str]:
    """Cells of the row of a table that begins with a heading."""
    page = response.content.decode()
    cells = re.search(rf'<th scope="row">(?:<[^>]+>)*{heading}.*?</th>(.*?)</tr>', page, flags=re.S)
    assert cells is not None, heading
    found = re.findall(r"<td[^>]*>(.*?)</td>", cells[1], flags=re.S)
    return [re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", c))).strip() for c in found]


@pytest.fixture
def square() -> dict[str, Any]:
    return geojson(box(-150, 100, 250, 400))


def test_from_the_paste_to_the_figures(client: Client, square: dict[str, Any]) -> None:
    sent = pasted(client, json.dumps(square))
    assert sent.status_code == 303
    assert re.fullmatch(r"/area/\?a=[A-Za-z0-9_-]+", sent["Location"])
    shown = client.get(sent["Location"])
    assert shown.status_code == 200
    # The same numbers as the API counts for the same corners.
    geometry = address.read(sent["Location"].partition("=")[2])
    body = client.post(
        "/api/v1/statistics/", json.dumps(geometry), content_type="application/geo+json"
    ).json()
    [series] = body["series"]
    alike = {item["edition"]: item["sealed_share"] for item in series["shares"]}
    for entry in body["statistics"]:
        if entry["sealed_share"] is None:
            continue
        share, sealed, observed, _missing, like_for_like = column(shown, entry["edition"][-4:])
        assert share == f"{entry['sealed_share'] * 100:.1f} %"
        assert sealed.removesuffix(" ha") == f"{entry['sealed']['m2'] / 10_000:.2f}"
        assert like_for_like == f"{alike[entry['edition']] * 100:.1f} %"
        assert observed.split()[0][:3] == f"{entry['observed']['m2'] / 10_000:.3g}"[:3]
    for change in body["changes"]:
        years = f"{change['earlier'][-4:]} → {change['later'][-4:]}"
        _both, gain, loss, net, noise, verdict = column(shown, years)
        assert gain.removesuffix(" ha") == f"{change['raw']['gain']['m2'] / 10_000:.2f}"
        assert loss.removesuffix(" ha") == f"{change['raw']['loss']['m2'] / 10_000:.2f}"
        assert net.endswith(" ha")
        assert noise.removesuffix(" ha") == f"{change['verdict']['noise_ha']:.2f}"
        told = "more than" if change["verdict"]["distinguishable"] else "not distinguishable from"
        assert verdict == f"{told} map noise"
    said = plain(shown)
    assert "CLC+ Backbone 2021" in said
    assert "as mapped" in said
    assert "indicative" in said


def test_the_address_is_the_same_in_every_language(client: Client, square: dict[str, Any]) -> None:
    sent = pasted(client, json.dumps(square), "/fr/area/")
    assert sent["Location"].startswith("/fr/area/?a=")
    english = pasted(client, json.dumps(square))["Location"]
    assert sent["Location"].removeprefix("/fr") == english
    assert client.get(sent["Location"]).status_code == 200
    assert client.get(f"/pl{english}").status_code == 200


def test_drawn_areas_are_counted_together(client: Client) -> None:
    def feature(metres: shapely.Geometry) -> dict[str, Any]:
        return {"type": "Feature", "properties": {}, "geometry": geojson(metres)}

    one, two = box(100, 100, 200, 200), box(150, 150, 300, 300)
    both = {"type": "FeatureCollection", "features": [feature(one), feature(two)]}
    sent = client.post(AREA, {"drawn": json.dumps(both)})
    assert sent.status_code == 303
    assert "300 cells" in plain(client.get(sent["Location"]))  # 100 + 225 - 25


def test_nothing_is_stored(client: Client, square: dict[str, Any]) -> None:
    before = Zone.objects.count(), ZoneSet.objects.count()
    response = pasted(client, json.dumps(square))
    shown = client.get(response["Location"])
    assert (Zone.objects.count(), ZoneSet.objects.count()) == before
    assert not response.cookies
    assert not shown.cookies


def test_unchanged_figures_are_304(client: Client, square: dict[str, Any]) -> None:
    path = pasted(client, json.dumps(square))["Location"]
    tag = client.get(path)["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Draw an area, or paste its corners, first."),
        ("Lyon", "“Lyon” is the beginning of no area."),
        ('{"type": ', "begins like GeoJSON and is none"),
        ("SRID=2154;POLYGON ((1 1, 2 1, 2 2, 1 1))", "reference system 2154"),
        ("POINT (4.8 45.7)", "only POLYGON and MULTIPOLYGON"),
        ("50.1, 4.2\n50.2, 4.2\n50.2, 4.3", "Are the axes swapped?"),
        ("-100, 40\n-101, 40\n-101, 41", "lies outside of what is mapped"),
        ("4.8, 45.7\n4.9, 45.8\n4.8, 45.8\n4.9, 45.7", "crosses or touches itself, at"),
        ("0, 40\n20, 40\n20, 60\n0, 60", "too large to be counted at once: at most"),
        ('{"type": "LineString", "coordinates": [[4, 45], [5, 45]]}', "not the outline of an area"),
        ("4.8, 45.7\n4.9, 45.7", "not the outline of an area"),
    ],
)
def test_what_cannot_be_counted_says_why(client: Client, text: str, said: str) -> None:
    response = pasted(client, text)
    assert response.status_code == 422
    assert response["Cache-Control"] == "no-store"
    page = plain(response)
    assert said in page
    if text:
        assert f">{html.escape(text)}</textarea>" in response.content.decode()


def test_an_area_that_no_edition_covers(client: Client) -> None:
    sent = pasted(client, "24.1, 60.1\n24.2, 60.1\n24.2, 60.2")
    shown = client.get(sent["Location"])
    assert shown.status_code == 422
    assert "lies outside of what is mapped" in plain(shown)
    assert "Sealed share" not in plain(shown)


def test_too_many_corners_for_an_address(client: Client) -> None:
    circle = box(100, 100, 200, 200).centroid.buffer(90, quad_segs=700)
    response = pasted(client, json.dumps(geojson(circle)))
    assert response.status_code == 422
    assert "more than an address can hold" in plain(response)


@pytest.mark.parametrize("held", ["", "x", "AQMAAAIAAQ", "%00", "A" * 3001, "<script>"])
def test_an_address_that_was_changed(client: Client, held: str) -> None:
    response = client.get(f"{AREA}?a={held}")
    assert response.status_code == 400
    assert b"<script>alert" not in response.content


def test_not_observed_is_not_zero(client: Client) -> None:
    # The last column of the region lies outside of coverage.
    sent = pasted(client, json.dumps(geojson(box(590, 100, 600, 200))))
    shown = client.get(sent["Location"])
    assert shown.status_code == 200
    assert "not observed" in plain(shown)
    assert column(shown, "2021")[0] == "not observed"


def test_areas_have_the_rate_of_posted_ones(
    client: Client, square: dict[str, Any], settings: Any
) -> None:
    path = pasted(client, json.dumps(square))["Location"]
    settings.POSTED_ZONES_PER_MINUTE = 1
    settings.PAGES_KEPT_MB = 0
    where = {"REMOTE_ADDR": "203.0.113.78"}
    assert client.get(path, **where).status_code == 200
    refused = client.get(path, **where)
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert "Too many areas" in plain(refused)
    assert client.post(AREA, {"text": "4, 45"}, **where).status_code == 429


def test_other_methods(client: Client) -> None:
    assert client.delete(AREA).status_code == 405
    assert client.head(AREA).status_code == 200


def test_pages_lead_to_it(client: Client) -> None:
    page = client.get("/").content.decode()
    assert page.count('href="/area/"') >= 2  # the navigation, and the page itself
    main = page[page.index('<main id="main"') :]
    assert 'href="/area/"' in main
