"""Addresses of the API, of tables, downloads and charts, and of errors."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

from tests.golden.catalogue import Catalogue
from tests.golden.export_request import Asked, Lane, address
from tests.golden.normalisation import NO_ID

API = "/api/v1"
ANSWER_FORMATS: tuple[dict[str, str], ...] = (
    {"format": "json"},
    {"format": "csv"},
    {"format": "csv", "dialect": "spreadsheet"},
    {"format": "xlsx"},
    {"format": "parquet"},
)
SUFFIXES = ("csv", "csv?dialect=spreadsheet", "xlsx", "parquet", "json")
CHARTS = ("share", "gain", "loss", "cover")
MEASURES = ("share", "sealed", "person", "gain", "net")


def everything(catalogue: Catalogue) -> Iterator[Asked]:
    """All of them."""
    yield from _api(catalogue)
    yield from _tables(catalogue)
    yield from _downloads(catalogue)
    yield from _rankings_and_comparisons(catalogue)
    yield from _zone_sets(catalogue)
    yield from _posted_areas(catalogue)
    yield from _errors(catalogue)


def _api(catalogue: Catalogue) -> Iterator[Asked]:
    for path in ("", "editions/", "levels/", "zones/", "schema/", "schema/?format=json"):
        yield Asked("api", f"{API}/{path}")
    yield Asked("api", "/healthz")
    yield Asked("api", "/readyz")
    for query in ("saint", "Valmont", "0V", "x", "07"):
        yield Asked("api", address(f"{API}/search/", q=query))
    yield Asked("api", address(f"{API}/search/", q="bourg", limit=5))
    yield Asked("api", address(f"{API}/territories/", search="saint", page_size=20, page=2))
    for level in catalogue.all_levels:
        yield Asked("api", address(f"{API}/territories/", level=level))
        yield Asked("api", address(f"{API}/territories/", level=level, page_size=500))
    for place in catalogue.all_places:
        own = f"{API}{place.path}"
        yield Asked("api/territories", own)
        yield Asked("api/territories", f"{own}statistics/")
        yield Asked("api/territories", f"{own}change/")
    for place in catalogue.samples:
        own = f"{API}{place.path}"
        yield Asked("api/territories", address(own, geometry="true"))
        yield Asked("api", address(f"{API}/territories/", within=place.pair, page_size=500))
        for earlier, later in catalogue.pairs:
            yield Asked("api/territories", address(f"{own}change/", from_=earlier, to=later))
    for level in catalogue.levels:
        own = f"{API}{catalogue.places[level][0].path}"
        for tail in ("", "statistics/", "change/"):
            yield Asked("api/territories", address(own + tail, vintage=catalogue.old_vintage))


def _tables(catalogue: Catalogue) -> Iterator[Asked]:
    for level in catalogue.all_levels:
        for table, chosen in itertools.product(("statistics", "change"), ANSWER_FORMATS):
            yield _costly("tables", f"{API}/{table}/", level=level, **chosen)
        for edition in catalogue.editions:
            yield _costly(
                "tables", f"{API}/statistics/", level=level, edition=edition, format="csv"
            )
        for earlier, later in catalogue.pairs:
            yield _costly(
                "tables", f"{API}/change/", level=level, from_=earlier, to=later, format="csv"
            )
        for format in ("geojson", "gpkg"):
            yield _costly("tables", f"{API}/shapes/", level=level, format=format)
    first, last = catalogue.editions[0], catalogue.editions[-1]
    within = catalogue.places[catalogue.levels[1]][0].pair
    lowest = {"level": catalogue.levels[-1], "within": within}
    yield _costly("tables", f"{API}/statistics/", **lowest, format="csv", indicator="sealed_share")
    yield _costly("tables", f"{API}/change/", **lowest, format="json")
    yield _costly("tables", f"{API}/shapes/", **lowest, format="geojson", edition=first)
    yield _costly("tables", f"{API}/shapes/", **lowest, format="geojson", from_=first, to=last)


def _costly(folder: str, path: str, **query: Any) -> Asked:
    return Asked(folder, address(path, **query), Lane.COSTLY)


def _downloads(catalogue: Catalogue) -> Iterator[Asked]:
    first, last = catalogue.editions[0], catalogue.editions[-1]
    for place in catalogue.samples:
        for name in ("statistics", "change", "territories"):
            yield Asked("downloads", f"{place.path}tables/{name}.csv")
            yield Asked("downloads", f"{place.path}tables/{name}.json")
        yield Asked("downloads", f"{place.path}shape.geojson")
        yield Asked("downloads", f"{place.path}transitions.json")
        for name, language in itertools.product(CHARTS, ("", "/fr", "/pl")):
            yield Asked("charts", f"{language}{place.path}charts/{name}.svg")
    for place in catalogue.firsts:
        for name in ("statistics", "change", "territories"):
            yield Asked("downloads", f"{place.path}tables/{name}.csv?dialect=spreadsheet")
            yield _costly("downloads", f"{place.path}tables/{name}.xlsx")
            yield _costly("downloads", f"{place.path}tables/{name}.parquet")
        yield _costly("downloads", f"{place.path}shape.gpkg")
        yield Asked("downloads", f"{place.path}transitions.csv")
        yield Asked("downloads", f"{place.path}transitions.csv?dialect=spreadsheet")
        yield _costly("downloads", f"{place.path}transitions.xlsx")
        for earlier, later in catalogue.pairs:
            pair = {"from_": earlier, "to": later}
            yield Asked("downloads", address(f"{place.path}tables/change.csv", **pair))
            yield Asked("downloads", address(f"{place.path}transitions.csv", **pair))
            yield Asked("charts", address(f"{place.path}charts/gain.svg", **pair))
        yield Asked("downloads", address(f"{place.path}tables/territories.csv", edition=first))
        yield Asked(
            "downloads", address(f"{place.path}tables/change.csv", vintage=catalogue.old_vintage)
        )
    for name in CHARTS:
        yield _costly("charts", f"{catalogue.firsts[0].path}charts/{name}.png")
    change = {"from_": first, "to": last}
    yield _costly("charts", f"/fr{catalogue.firsts[-1].path}charts/gain.png", **change)


def _rankings_and_comparisons(catalogue: Catalogue) -> Iterator[Asked]:
    for level in catalogue.all_levels:
        for suffix in ("csv", "xlsx"):
            yield _costly("downloads", f"/ranking/{level}/table.{suffix}")
    lowest = f"/ranking/{catalogue.levels[-1]}/table.csv"
    for measure in MEASURES:
        yield _costly("downloads", lowest, sort=measure)
    first, middle, last = catalogue.editions[:3]
    yield _costly("downloads", lowest, sort="-net", edition=last, from_=middle)
    yield _costly("downloads", lowest, edition=first, dialect="spreadsheet")
    yield _costly("downloads", lowest, in_=catalogue.places[catalogue.levels[1]][0].pair)
    places = catalogue.places[catalogue.levels[-1]]
    asked = f"t={places[0].pair}&t={places[-1].pair}&t={catalogue.firsts[1].pair}"
    for suffix in ("csv", "json", "xlsx", "csv?dialect=spreadsheet"):
        mark = "&" if "?" in suffix else "?"
        yield _costly("downloads", f"/compare/table.{suffix}{mark}{asked}")
    yield _costly("downloads", f"/compare/table.csv?{asked}&from={middle}&to={last}")


def _zone_sets(catalogue: Catalogue) -> Iterator[Asked]:
    for zone_set in catalogue.zone_sets:
        yield Asked("api", f"{API}/zones/{zone_set}/")
        yield Asked("api", f"{API}/zones/{zone_set}/report/")
        yield Asked("api", f"{API}/jobs/{zone_set}/")
        for name in ("statistics", "change", "classes", "coverage"):
            for suffix in SUFFIXES:
                yield _costly("downloads", f"/zones/{zone_set}/tables/{name}.{suffix}")
        for suffix in ("geojson", "gpkg"):
            yield _costly("downloads", f"/zones/{zone_set}/shapes.{suffix}")


def _box(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def areas(catalogue: Catalogue) -> dict[str, dict[str, Any]]:
    """Areas to post, in longitude and latitude: usual, small, with a hole, of two parts, crossing
    itself, at the border of the data and far from it."""
    west, south, east, north = catalogue.bounds
    x, y = (west + east) / 2, (south + north) / 2
    large = _box(x - 0.06, y - 0.04, x + 0.06, y + 0.04)
    hole = _box(x - 0.02, y - 0.01, x + 0.02, y + 0.01)[::-1]
    bow = [[x, y], [x + 0.05, y + 0.05], [x + 0.05, y], [x, y + 0.05], [x, y]]
    return {
        "usual": {"type": "Polygon", "coordinates": [large]},
        "small": {"type": "Polygon", "coordinates": [_box(x, y, x + 0.0008, y + 0.0006)]},
        "hole": {"type": "Polygon", "coordinates": [large, hole]},
        "two parts": {
            "type": "MultiPolygon",
            "coordinates": [[large], [_box(x + 0.1, y, x + 0.15, y + 0.05)]],
        },
        "crossing itself": {"type": "Polygon", "coordinates": [bow]},
        "border": {
            "type": "Polygon",
            "coordinates": [_box(west - 0.05, south - 0.05, west + 0.05, south + 0.05)],
        },
        "far": {"type": "Polygon", "coordinates": [_box(20, 60, 20.1, 60.1)]},
        "no area": {"type": "Point", "coordinates": [x, y]},
    }


def _posted_areas(catalogue: Catalogue) -> Iterator[Asked]:
    first, middle, last = catalogue.editions[:3]
    known = areas(catalogue)

    def posted(name: str, **query: str) -> Asked:
        return Asked(
            "posted",
            address(f"{API}/statistics/", **query),
            Lane.AREAS,
            method="POST",
            body=json.dumps(known[name]).encode(),
            headers={"Content-Type": "application/geo+json"},
            label=name,
        )

    for name in known:
        yield posted(name)
    yield posted("crossing itself", repair="true")
    yield posted("usual", format="csv")
    yield posted("usual", format="csv", dialect="spreadsheet")
    yield posted("usual", editions=f"{first},{last}")
    yield posted("usual", from_=middle, to=last)


def _errors(catalogue: Catalogue) -> Iterator[Asked]:
    place = catalogue.places[catalogue.levels[-1]][0].path
    lowest = catalogue.levels[-1]
    for path in (
        "/api/",
        f"{API}/nothing/",
        f"{API}/editions",
        f"{API}/statistics/",
        f"{API}/statistics/?level=nothing",
        f"{API}/statistics/?level={lowest}&format=pdf",
        f"{API}/statistics/?level={lowest}&edition=1999",
        f"{API}/statistics/?level={lowest}&indicator=nothing",
        f"{API}/statistics/?level={lowest}&within=nothing",
        f"{API}/statistics/?level={lowest}&within=nothing:1",
        f"{API}/statistics/?level={lowest}&dialect=spreadsheet&format=json",
        f"{API}/statistics/?level={lowest}&unknown=1",
        f"{API}/change/?level={lowest}&from={catalogue.editions[-1]}&to={catalogue.editions[0]}",
        f"{API}/change/?level={lowest}&from={catalogue.editions[0]}",
        f"{API}/shapes/?level={lowest}&format=csv",
        f"{API}/territories/?page=0",
        f"{API}/territories/?page=99999",
        f"{API}/territories/?page_size=501",
        f"{API}/territories/nothing/1/",
        f"{API}/territories/{lowest}/nothing/",
        f"{API}{place}?vintage=1999",
        f"{API}{place}?vintage=old",
        f"{API}{place}?geometry=perhaps",
        f"{API}{place}change/?from=nothing&to={catalogue.editions[0]}",
        f"{API}/search/",
        f"{API}/search/?q=saint&limit=61",
        f"{API}/zones/{NO_ID}/",
        f"{API}/zones/{NO_ID}/report/",
        f"{API}/jobs/{NO_ID}/",
        f"{place}tables/nothing.csv",
        f"{place}tables/statistics.pdf",
        f"{place}tables/statistics.csv?unknown=1",
        f"{place}charts/nothing.svg",
        f"{place}charts/share.gif",
        f"{place}shape.kml",
        f"/ranking/{lowest}/table.csv?sort=nothing",
        "/ranking/nothing/table.csv",
        "/compare/table.csv",
        f"/zones/{NO_ID}/tables/statistics.csv",
        f"/reports/{NO_ID}.pdf",
        "/tiles/",
        "/tiles/territories/nothing.json",
        f"/tiles/territories/{lowest}/15/0/0.mvt",
        f"/tiles/territories/{lowest}/2/9/9.mvt",
        "/tiles/editions/nothing.json",
        f"/tiles/editions/{catalogue.editions[0]}/17/0/0.png",
        f"/tiles/change/{catalogue.editions[1]}/{catalogue.editions[0]}.json",
    ):
        yield Asked("errors", path)
    yield Asked("errors", f"{API}/editions/", method="POST", body=b"{}")
    yield Asked("errors", f"{API}/editions/", method="OPTIONS")
    yield Asked("errors", f"{API}/editions/", headers={"Accept": "text/csv"}, label="as CSV")
    yield Asked("errors", f"{API}/zones/", method="POST", body=b"{}")
    yield Asked("errors", f"{API}/zones/{NO_ID}/", method="DELETE")
    posted = f"{API}/statistics/"
    as_json = {"Content-Type": "application/json"}
    for label, body in {"no JSON": b"{", "no shape": b"{}", "a list": b"[]"}.items():
        yield Asked("errors", posted, Lane.AREAS, "POST", body, as_json, label)
    yield Asked("errors", posted, Lane.AREAS, "POST", b"a", {"Content-Type": "text/plain"}, "text")
