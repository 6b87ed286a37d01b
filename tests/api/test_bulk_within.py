"""Bulk tables of a part of a level, the territory that holds each row, noise and verdict."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from typing import Any, cast

import pytest
from django.test import Client
from pyarrow import parquet

from analytics import estimation, queries
from analytics.figures import Change
from analytics.products import CLCPLUS
from analytics.records import NamedZone
from clcplus.database import read_side
from clcplus.files import streams, tidy
from clcplus.presentation.indicators import CHANGE
from tests.api.test_downloads import sheets
from tests.world import World

pytestmark = pytest.mark.django_db

V1 = "/api/v1"
WITHIN = "level=commune&within=departement:07N"


@pytest.fixture(autouse=True)
def _world(world: World) -> None:
    """Every test has the world."""


def rows(client: Client, path: str, chosen: str) -> list[dict[str, Any]]:
    """Rows of a table in a format, with text as text and numbers as numbers where it has types."""
    response = client.get(f"{path}&format={chosen}")
    assert response.status_code == 200, response.content
    content = response.getvalue()
    if chosen == "json":
        return cast(list[dict[str, Any]], json.loads(content)["rows"])
    if chosen == "csv":
        return list(csv.DictReader(io.StringIO(content.decode())))
    if chosen == "parquet":
        return cast(list[dict[str, Any]], parquet.read_table(io.BytesIO(content)).to_pylist())
    names, *lines = sheets(content)["data"]
    return [dict(zip(names, line, strict=False)) for line in lines]


@pytest.mark.parametrize("chosen", ["json", "csv", "xlsx", "parquet"])
@pytest.mark.parametrize("table", ["statistics", "change"])
def test_only_what_lies_within(client: Client, table: str, chosen: str) -> None:
    found = rows(client, f"{V1}/{table}/?{WITHIN}", chosen)
    assert {row["code"] for row in found} == {"07001", "07002"}
    everything = rows(client, f"{V1}/{table}/?level=commune", chosen)
    of_north = [row for row in everything if row["code"] in {"07001", "07002"}]
    assert found == of_north


def test_within_may_be_several_levels_above(client: Client) -> None:
    found = rows(client, f"{V1}/change/?level=commune&within=region:07", "json")
    assert {row["code"] for row in found} == {"07001", "07002", "07101", "07102"}
    assert rows(client, f"{V1}/change/?level=region&within=departement:07N", "json") == []


@pytest.mark.parametrize("wrong", ["departement:99", "canton:07N", "07N", "departement:", ":"])
@pytest.mark.parametrize("table", ["statistics", "change"])
def test_a_place_that_there_is_not(client: Client, table: str, wrong: str) -> None:
    response = client.get(f"{V1}/{table}/?level=commune&within={wrong}")
    assert response.status_code == 400
    assert response.json()["parameter"] == "within"


def test_what_the_table_is_of(client: Client) -> None:
    response = client.get(f"{V1}/change/?{WITHIN}")
    assert json.loads(response.getvalue())["within"] == "departement:07N"
    name = "sealing-change-commune-departement-07N-clcplus-2018-clcplus-2021.json"
    assert name in response["Content-Disposition"]


@pytest.mark.parametrize("table", ["statistics", "change"])
def test_each_row_names_what_holds_it(client: Client, table: str) -> None:
    communes = rows(client, f"{V1}/{table}/?level=commune", "json")
    regions = rows(client, f"{V1}/{table}/?level=region", "json")
    assert {row["code"] for row in (*communes, *regions)} >= {"07001", "07101", "07"}
    for row in communes:
        holds = "07N" if row["code"].startswith("070") else "07S"
        assert (row["parent_level"], row["parent_code"]) == ("departement", holds)
    for row in regions:
        assert (row["parent_level"], row["parent_code"]) == (None, None)


def test_the_columns_of_before_stand_where_they_stood(client: Client) -> None:
    text = client.get(f"{V1}/change/?level=commune&format=csv").getvalue().decode()
    assert text.splitlines()[0] == (
        "code,name,level,vintage,edition,indicator,value,unit,ci_low,ci_high,status,"
        "parent_level,parent_code,verdict,partly_observed,method,basis"
    )


def test_noise_and_verdict_of_each_territory(client: Client) -> None:
    found = rows(client, f"{V1}/change/?level=commune", "json")
    by_key = {(row["code"], row["indicator"]): row for row in found}
    # 1 000, then 1 060 of 10 000 cells: the worst of both shares at both accuracies.
    noise = max(
        estimation.noise_alone(share, accuracy).apparent_gain * 10_000
        for share in (0.1, 0.106)
        for year in (2018, 2021)
        if (accuracy := CLCPLUS.editions[year].accuracy) is not None
    )
    row = by_key["07001", "map_noise"]
    assert row["value"] == pytest.approx(noise * 100)
    assert (row["unit"], row["status"], row["verdict"]) == ("m2", "indicative", None)
    # Net 60 cells, less than the noise.
    assert by_key["07001", "sealed_net_change"]["verdict"] == "in_map_noise"
    assert by_key["07102", "sealed_net_change"]["verdict"] is None
    assert by_key["07102", "map_noise"]["value"] is None
    assert by_key["07102", "map_noise"]["status"] == "not_observed"
    assert {row["verdict"] for row in found if row["indicator"] == "sealed_gain"} == {None}


def test_a_net_change_that_stands_out(world: World) -> None:
    with read_side.snapshot() as connection:
        earlier, later = queries.editions(connection)
    zone = NamedZone("1", "a", "commune", 2024, None)
    change = Change(
        earlier=earlier, later=later, observed=10_000, gain=4_000, loss=10, sealed_before=500
    )
    found = list(tidy.change_rows([(zone, change)], CHANGE))
    assert {row.indicator for row in found if row.verdict == "stands_out"} == {
        "sealed_net_change",
        "sealed_net_change_per_year",
    }
    modelled = dataclasses.replace(change, later=dataclasses.replace(later, origin="modelled"))
    across = tidy.change_rows([(zone, modelled)], CHANGE)
    assert {row.verdict for row in across} == {None}


@pytest.mark.parametrize("code", ["07001", "07101"])
def test_the_bulk_rows_say_what_the_territory_says(client: Client, code: str) -> None:
    found = rows(client, f"{V1}/change/?level=commune", "json")
    by_indicator = {row["indicator"]: row for row in found if row["code"] == code}
    verdict = client.get(f"{V1}/territories/commune/{code}/change/").json()["verdict"]
    assert verdict["noise_m2"] == by_indicator["map_noise"]["value"]
    assert verdict["noise_ha"] * 10_000 == pytest.approx(verdict["noise_m2"])
    assert verdict["verdict"] == by_indicator["sealed_net_change"]["verdict"]


@pytest.mark.parametrize(
    ("path", "holds"),
    [
        ("/territories/departement/07N/tables/territories.csv", {"departement:07N"}),
        (
            "/territories/commune/07101/tables/territories.csv",
            {"departement:07N", "departement:07S"},
        ),
        ("/territories/commune/07101/tables/statistics.csv", {"departement:07S"}),
        ("/territories/commune/07101/tables/change.csv", {"departement:07S"}),
        ("/territories/region/07/tables/change.csv", {":"}),
    ],
)  # fmt: skip
def test_tables_of_a_page_name_it_too(client: Client, path: str, holds: set[str]) -> None:
    text = client.get(path).getvalue().decode()
    found = csv.DictReader(io.StringIO(text))
    assert {f"{row['parent_level']}:{row['parent_code']}" for row in found} == holds


def test_a_code_of_a_parent_is_no_formula(client: Client) -> None:
    row = tidy.Row(
        "1", "a", "commune", 2024, "e", "x", 1, "m2", None, None, "ok", "departement", "=1+1"
    )
    for dialect in streams.DIALECTS:
        assert "'=1+1" in "".join(streams.tidy_csv_pieces([row], dialect=dialect))
