"""What files, the API and the report say of a territory of which an edition has missed a part."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from django.test import Client, override_settings
from hypothesis import given
from hypothesis import strategies as st

from analytics import indicators
from analytics.change.patterns import courses
from analytics.queries.changes import change_of_matrix
from analytics.records import Edition, Series
from clcplus.models import Zone
from tests.maps.test_tiles import ADDRESS, features
from tests.report.conftest import quickly, text_of, unsaved
from tests.uneven_editions.test_pages import HERE, LIKE_FOR_LIKE, MARK, VERDICT
from tests.world import as_matrix

pytestmark = pytest.mark.django_db

API = "/api/v1/territories/commune/0V044/statistics/"


def lines(client: Client, path: str) -> list[dict[str, str]]:
    response = client.get(path)
    assert response.status_code == 200, response.getvalue()[:300]
    return list(csv.DictReader(io.StringIO(response.getvalue().decode())))


def figure(rows: list[dict[str, str]], edition: str, indicator: str) -> tuple[float, str]:
    [row] = [r for r in rows if (r["edition"], r["indicator"]) == (edition, indicator)]
    return float(row["value"]), row["partly_observed"]


# The API
def test_statistics_have_the_series_beside_what_each_edition_has_observed(client: Client) -> None:
    body = client.get(API).json()
    assert [(s["edition"], s["partly_observed"]) for s in body["statistics"]] == [
        ("clcplus-2018", False),
        ("clcplus-2021", False),
        ("clcplus-2023", True),
    ]
    assert body["statistics"][0]["sealed_share"] == pytest.approx(0.031)
    assert body["statistics"][2]["sealed_share"] == pytest.approx(151 / 8800)
    assert body["status"] == "ok"
    [series] = body["series"]
    assert series == {
        "product": "clcplus",
        "origin": "official",
        "observed_in_all": {"cells": 8800, "m2": 880_000},
        "observed_in_all_share": 0.88,
        "shares": [
            {
                "edition": f"clcplus-{year}",
                "sealed": {"cells": sealed, "m2": sealed * 100},
                "sealed_share": sealed / 8800,
            }
            for year, sealed in ((2018, 149), (2021, 149), (2023, 151))
        ],
        "flicker": {
            "cells": 0,
            "from_unsealed": 0,
            "from_sealed": 0,
            "ever_sealed": 154,
            "rate": 0.0,
        },
    }


def test_a_series_without_common_ground_has_no_shares(client: Client) -> None:
    body = client.get(API.replace("0V044", "0V047")).json()
    assert [s["partly_observed"] for s in body["statistics"]] == [True, False, True]
    [series] = body["series"]
    assert series["observed_in_all"]["cells"] == 0
    assert {item["sealed_share"] for item in series["shares"]} == {None}
    unseen = client.get(API.replace("0V044", "0V046")).json()
    assert [item["edition"] for item in unseen["series"][0]["shares"]] == [
        "clcplus-2018",
        "clcplus-2021",
    ]
    assert [s["status"] for s in unseen["statistics"]] == ["ok", "ok", "not_observed"]


def test_a_series_that_is_not_counted_is_null(
    client: Client, uneven: dict[str, Zone], monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = {uneven["0V045"].pk: None}
    monkeypatch.setattr("analytics.queries.series", lambda *_args, **_named: nothing)
    assert client.get(API.replace("0V044", "0V045")).json()["series"] is None
    page = client.get("/territories/commune/0V045/").content.decode()
    assert "Like for like, on" not in page
    assert '<line class="chart-line"' not in page


def test_bulk_rows_have_the_mark_in_a_column_of_its_own(client: Client) -> None:
    rows = lines(client, "/api/v1/statistics/?level=commune&format=csv")
    assert list(rows[0]) == [
        "code", "name", "level", "vintage", "edition", "indicator", "value", "unit", "ci_low",
        "ci_high", "status", "parent_level", "parent_code", "verdict", "partly_observed",
        "method", "basis",
    ]  # fmt: skip
    own = [row for row in rows if row["code"] == "0V044"]
    assert figure(own, "clcplus-2023", "sealed_share")[1] == "yes"
    assert figure(own, "clcplus-2023", "sealed_area") == (15_100, "yes")
    assert figure(own, "clcplus-2023", "observed_area") == (880_000, "yes")
    assert figure(own, "clcplus-2018", "sealed_share")[1] == "no"
    full = [row for row in rows if row["code"] == "0V045"]
    assert {row["status"] for row in full} == {"ok"}
    # One edition alone is still held against those that were not asked for.
    alone = lines(client, "/api/v1/statistics/?level=commune&edition=2023&format=csv")
    assert (
        figure([r for r in alone if r["code"] == "0V044"], "clcplus-2023", "sealed_share")[1]
        == "yes"
    )


# Files
def test_tables_of_a_territory_have_the_series(client: Client) -> None:
    rows = lines(client, f"{HERE}tables/statistics.csv")
    for year, sealed in ((2018, 149), (2021, 149), (2023, 151)):
        share, status = figure(rows, f"clcplus-{year}", "sealed_share_like_for_like")
        assert (share, status) == (pytest.approx(sealed / 8800), "")
        assert figure(rows, f"clcplus-{year}", "observed_area_in_all_editions") == (880_000, "")
    assert figure(rows, "clcplus-2023", "sealed_share")[1] == "yes"
    listed = lines(client, "/territories/region/08/tables/territories.csv")
    own = [row for row in listed if row["code"] == "0V044"]
    assert figure(own, "clcplus-2023", "sealed_share")[1] == "yes"


def test_a_workbook_explains_the_mark(client: Client) -> None:
    response = client.get(f"{HERE}tables/statistics.xlsx")
    with zipfile.ZipFile(io.BytesIO(response.getvalue())) as book:
        words = "".join(
            book.read(name).decode() for name in book.namelist() if name.endswith(".xml")
        )
    assert "partly_observed" in words
    assert "another edition has observed over 1 % more of the territory" in words


def test_shape_has_the_status_and_the_series(client: Client) -> None:
    response = client.get(f"{HERE}shape.geojson")
    found = json.loads(response.getvalue())["properties"]
    assert found["clcplus_2023_partly_observed"] == "yes"
    assert found["clcplus_2018_partly_observed"] == "no"
    assert found["clcplus_2018_sealed_share_like_for_like"] == pytest.approx(149 / 8800)


def test_ranking_file_has_the_mark(client: Client) -> None:
    rows = {row["code"]: row for row in lines(client, "/ranking/commune/table.csv")}
    assert {code: row["partly_observed"] for code, row in rows.items()} == {
        "0V044": "yes",
        "0V045": "no",
        "0V046": "",
        "0V047": "yes",
    }


def test_chart_files_are_like_for_like(client: Client) -> None:
    response = client.get(f"{HERE}charts/share.svg")
    words = " ".join(
        (element.text or "") for element in ElementTree.fromstring(response.content).iter()
    ).replace("\u202f", " ")
    assert words.count("1.7 %") >= 3
    assert "3.1 %" not in words
    described = " ".join(words.split())
    assert LIKE_FOR_LIKE in described
    assert VERDICT in described
    assert client.get(f"{HERE}charts/share.png").status_code == 200


def test_tiles_carry_the_part_that_is_not_observed(client: Client, tmp_path: Path) -> None:
    found = features(client.get(f"/tiles/territories/commune/{ADDRESS}.mvt").content, tmp_path)
    assert found["0V044"]["partly_clcplus_2023"] == 0.12
    assert found["0V047"]["partly_clcplus_2018"] == 0.5
    for code, year in (("0V044", 2018), ("0V045", 2023), ("0V046", 2023)):
        assert not found[code].get(f"partly_clcplus_{year}", 0) > 0


# The report
@pytest.fixture(scope="module")
def report(uneven: dict[str, Zone], django_db_blocker: Any, tmp_path_factory: Any) -> str:
    """The text of the report of 0V044, over an empty store."""
    folder = Path(tmp_path_factory.mktemp("store"))
    with django_db_blocker.unblock(), override_settings(RASTER_STORE=str(folder)):
        return text_of(quickly(unsaved("0V044")))


def test_report_is_like_for_like_and_marked(report: str) -> None:
    assert LIKE_FOR_LIKE in report
    assert VERDICT in report
    assert MARK in report
    assert "≥ 15 m²" in report
    assert f"lower bound: {MARK}" in report
    assert f"by the part that is observed: {MARK}" in report
    assert "3.10 %" in report  # as mapped, in the table, beside
    assert "1.69 %" in report
    assert "Like for like: of the 88.0 ha that all editions of the column have observed" in report


def test_report_has_a_legend_of_what_is_not_observed(report: str) -> None:
    # The text of a legend in two columns comes after its figures.
    assert re.search(r"98\.3 % 12\.0 % .* not observed \(of the whole territory\)", report)
    assert "not observed in at least one of the two" in report


# Shares and net change
def _edition(number: int) -> Edition:
    return Edition(
        id=number, slug=f"e{number}", product="clcplus", product_name="CLC+", year=2000 + number,
        version=1, origin="official", window_start=None, window_end=None, doi="",
        content_hash="", overview_key="", published_at=None,
    )  # fmt: skip


_CODE = st.sampled_from([1, 6, 255])


@given(st.lists(st.tuples(_CODE, _CODE, _CODE), max_size=30))
def test_shares_of_a_series_move_as_net_change_does_on_the_same_cells(
    columns: list[tuple[int, int, int]],
) -> None:
    """Naively, cell by cell: where the pair has observed just the cells of the series."""
    codes = np.array(columns, dtype=np.uint8).reshape(-1, 3).T
    editions = tuple(_edition(number) for number in (1, 2, 3))
    cells: dict[tuple[int, ...], int] = {}
    for column in codes.T.tolist():
        seen = [(e.id, code) for e, code in zip(editions, column, strict=True) if code != 255]
        pattern = tuple(number if code == 1 else -number for number, code in seen)
        cells[pattern] = cells.get(pattern, 0) + 1
    series = Series(
        editions=editions,
        observed=tuple(int((line != 255).sum()) for line in codes),
        courses=courses(cells, [1, 2, 3]),
    )
    common = (codes != 255).all(axis=0)
    assert series.common == common.sum()
    assert series.sealed == tuple((line[common] == 1).sum() for line in codes)
    for first, last in ((0, 1), (1, 2), (0, 2)):
        both = (codes[first] != 255) & (codes[last] != 255)
        pairs: dict[tuple[int, int], int] = {}
        for pair in zip(codes[first][both].tolist(), codes[last][both].tolist(), strict=True):
            pairs[pair] = pairs.get(pair, 0) + 1
        change = change_of_matrix(editions[first], editions[last], as_matrix(pairs))
        if (both == common).all() and change.net is not None:
            shares = [
                indicators.sealed_share(series.sealed[place], series.common) or 0.0
                for place in (first, last)
            ]
            assert np.sign(shares[1] - shares[0]) == np.sign(change.net)
            assert change.net == series.sealed[last] - series.sealed[first]


def test_shares_and_net_change_of_the_territory_have_one_sign(client: Client) -> None:
    series = client.get(API).json()["series"][0]["shares"]
    change = client.get(f"{API.replace('statistics', 'change')}?from=2018&to=2023").json()
    raw = client.get(API).json()["statistics"]
    assert series[2]["sealed_share"] > series[0]["sealed_share"]
    assert change["raw"]["net"]["cells"] == 2
    # What was drawn before: as if it had fallen by 45 %.
    assert raw[2]["sealed_share"] < raw[0]["sealed_share"]
