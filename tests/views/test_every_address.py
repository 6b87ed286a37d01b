"""Every public address: few statements, an ETag, 304 for who has it, and nothing of a session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver

from tests.maps.pictures import address_at
from tests.statements import counted
from tests.views.test_pages import MOST_STATEMENTS, SAINT_ELIE
from tests.world import SIDE, SOUTH, WEST, World

pytestmark = pytest.mark.django_db

_AT = address_at(WEST + 2 * SIDE, SOUTH + SIDE / 2, 12)
_TILE = f"{_AT.zoom}/{_AT.column}/{_AT.row}"
_NOWHERE = "12/1/1"
_API = "/api/v1/territories/commune/07001/"
ADDRESSES = {
    "home": "/",
    "territories": "/territories/",
    "level": "/territories/commune/",
    "territory": SAINT_ELIE,
    "territory_table": f"{SAINT_ELIE}tables/statistics.csv",
    "territory_chart": f"{SAINT_ELIE}charts/share.svg",
    "territory_shape": f"{SAINT_ELIE}shape.geojson",
    "territory_transitions": f"{SAINT_ELIE}transitions.csv",
    "area": "/area/",
    "embed": f"/embed{SAINT_ELIE}",
    "ranking": "/ranking/commune/",
    "compare": "/compare/?t=commune:07001&t=commune:07002",
    "compare_table": "/compare/table.csv?t=commune:07001&t=commune:07002",
    "editions": "/editions/",
    "method": "/method/",
    "zone_sets": "/zones/",
    "search": "/search/?q=saint",
    "suggestions": "/search/suggestions/?q=saint",
    "api:index": "/api/v1/",
    "api:editions": "/api/v1/editions/",
    "api:levels": "/api/v1/levels/",
    "api:search": "/api/v1/search/?q=saint",
    "api:territories": "/api/v1/territories/?search=saint",
    "api:territory": _API,
    "api:territory-statistics": f"{_API}statistics/",
    "api:territory-change": f"{_API}change/",
    "api:statistics": "/api/v1/statistics/?level=commune",
    "api:change": "/api/v1/change/?level=commune",
    "api:shapes": "/api/v1/shapes/?level=commune&within=departement:07N",
    "tiles:territories-about": "/tiles/territories/commune.json",
    "tiles:territories": f"/tiles/territories/commune/{_TILE}.mvt",
    "tiles:edition-about": "/tiles/editions/clcplus-2021.json",
    "tiles:edition": f"/tiles/editions/clcplus-2021/{_NOWHERE}.png",
    "tiles:edition-twice": f"/tiles/editions/clcplus-2021/{_NOWHERE}@2x.png",
    "tiles:change-about": "/tiles/change/clcplus-2018/clcplus-2021.json",
    "tiles:change": f"/tiles/change/clcplus-2018/clcplus-2021/{_NOWHERE}.png",
    "tiles:change-twice": f"/tiles/change/clcplus-2018/clcplus-2021/{_NOWHERE}@2x.png",
}
OTHERS = {
    # They lead elsewhere, are made for one reader, or show what moves by the second.
    *("ranking_start", "report_ask", "report", "report_progress", "jobs", "job", "job_progress"),
    *("healthz", "readyz", "metrics", "report_file", "security_txt"),
    *("zone_set_new", "zone_set_outlines", "zone_set_answer", "zone_set_accept"),
    *("zone_set_discard", "zone_set_progress", "zone_set_shared", "zone_set_act"),
    *("samples", "sample_new", "sample_plan", "reference_sample", "sample_progress"),
    *("sample_label", "sample_import", "sample_act", "sample_points", "sample_picture"),
    "sample_labels_file",
    *("api:samples", "api:sample", "api:sample-points", "api:sample-labels"),
    *("job_steer", "edition_checks", "edition_checks_act"),
    "sign_out",
    # Of filtered change, of which this world has none (tests/maps, test_change_cells).
    *("territory_cells", "tiles:patches", "tiles:patches-about"),
    # Of the release, not of the data; kept for as long as it lasts, or an error.
    *("api:schema", "api:docs", "api:unknown", "tiles:unknown"),
}


@pytest.fixture(autouse=True)
def _world(world: World) -> None:
    """Every test has the world."""


def _names(patterns: Any = None, prefix: str = "") -> Iterator[str]:
    for one in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(one, URLResolver):
            space = f"{prefix}{one.namespace}:" if one.namespace else prefix
            if one.namespace != "admin":
                yield from _names(one.url_patterns, space)
        elif isinstance(one, URLPattern) and one.name:
            yield f"{prefix}{one.name}"


def test_every_address_is_here_or_has_its_reason() -> None:
    known = {*ADDRESSES, *OTHERS, *MORE}
    assert set(_names()) <= known, set(_names()) - known
    assert set(ADDRESSES) <= set(_names())


MORE: set[str] = {
    *("ranking_table", "zone_set", "zone_set_table", "zone_set_shapes"),
    *("api:zones", "api:zone-set", "api:zone-set-report", "api:job"),
    *("tiles:patches-about", "tiles:patches"),
}
"""Addresses with tests of their own for this."""


@pytest.mark.parametrize("path", ADDRESSES.values(), ids=ADDRESSES)
def test_who_has_it_is_told_so(client: Client, path: str) -> None:
    first = client.get(path)
    assert first.status_code == 200, path
    assert first["ETag"]
    assert "no-cache" in first["Cache-Control"] or "max-age" in first["Cache-Control"]
    first.close()
    again = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]


@pytest.mark.parametrize("path", ADDRESSES.values(), ids=ADDRESSES)
def test_statements_are_few_and_none_is_of_a_session(client: Client, path: str) -> None:
    with CaptureQueriesContext(connection) as of_django, counted() as sent:
        response = client.get(path)
        response.getvalue()
    assert not of_django.captured_queries
    assert 1 <= len(sent) <= MOST_STATEMENTS, "\n".join(sent)
    assert not response.cookies


@pytest.mark.parametrize("path", ADDRESSES.values(), ids=ADDRESSES)
def test_who_has_it_costs_one_statement_or_a_look_at_its_names(client: Client, path: str) -> None:
    tag = client.get(path)["ETag"]
    with counted() as sent:
        client.get(path, headers={"If-None-Match": tag})
    # Beyond the identity of the data: whether the level, or the editions, are there at all.
    assert 1 <= len(sent) <= 4, "\n".join(sent)
