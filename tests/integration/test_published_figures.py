"""What the API says equals the naive oracle, to the cell."""

from __future__ import annotations

import csv
import io
from collections import Counter

import pytest
from django.test import Client

from analytics.nomenclature import CODES, MISSING_CODES, OBSERVED_CODES
from tests.region import YEARS, Region
from tests.runs import load_editions, load_zones

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("store", "quiet_broker"),
]


@pytest.fixture
def loaded(region: Region, store: object) -> Region:
    load_zones(region)
    load_editions(region)
    return region


def get(client: Client, address: str) -> dict:
    response = client.get(address)
    assert response.status_code == 200, response.content
    return response.json()


def by_class(entry: dict) -> dict[int, int]:
    return {c["code"]: c["cells"] for c in entry["by_class"] if c["cells"]}


def test_a_communes_statistics_and_change_are_the_oracles(loaded: Region, client: Client) -> None:
    for code in loaded.zones:
        answer = get(client, f"/api/v1/territories/commune/{code}/statistics/")
        assert [entry["edition"] for entry in answer["statistics"]] == [
            f"clcplus-{year}" for year in YEARS
        ]
        for entry, year in zip(answer["statistics"], YEARS, strict=True):
            expected = loaded.counts(code, year)
            observed = sum(n for c, n in expected.items() if c in OBSERVED_CODES)
            assert by_class(entry) == expected
            assert entry["observed"] == {"cells": observed, "m2": observed * 100}
            assert entry["sealed"]["cells"] == expected.get(1, 0)
            assert entry["not_observed"]["cells"] == sum(
                n for c, n in expected.items() if c in MISSING_CODES
            )
            assert entry["sealed_share"] == pytest.approx(expected.get(1, 0) / observed)
        change = get(client, f"/api/v1/territories/commune/{code}/change/?from=2018&to=2023")
        pairs = loaded.pairs(code, 2018, 2023)
        gain = {a: n for (a, b), n in pairs.items() if a != 1 and b == 1}
        loss = {b: n for (a, b), n in pairs.items() if a == 1 and b != 1}
        assert change["raw"]["gain"]["cells"] == sum(gain.values())
        assert change["raw"]["loss"]["cells"] == sum(loss.values())
        assert change["raw"]["net"]["cells"] == sum(gain.values()) - sum(loss.values())
        assert {
            c["code"]: c["cells"] for c in change["raw"]["gain_by_former_class"] if c["cells"]
        } == gain
        assert {
            c["code"]: c["cells"] for c in change["raw"]["loss_by_later_class"] if c["cells"]
        } == loss
        assert change["observed_in_both"]["cells"] == sum(pairs.values())


def test_the_sum_of_all_communes_is_the_region_for_every_class(
    loaded: Region, client: Client
) -> None:
    for year in YEARS:
        total: Counter[int] = Counter()
        for code in loaded.zones:
            answer = get(client, f"/api/v1/territories/commune/{code}/statistics/")
            entry = next(e for e in answer["statistics"] if e["edition"] == f"clcplus-{year}")
            total.update(by_class(entry))
        region = get(client, "/api/v1/territories/region/07/statistics/")
        entry = next(e for e in region["statistics"] if e["edition"] == f"clcplus-{year}")
        assert by_class(entry) == dict(total)
        assert set(total) <= set(CODES)


def test_the_bulk_table_says_the_same(loaded: Region, client: Client) -> None:
    response = client.get("/api/v1/statistics/?level=commune&edition=clcplus-2021&format=csv")
    text = b"".join(response.streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    sealed = {r["code"]: float(r["value"]) for r in rows if r["indicator"] == "sealed_area"}
    assert sealed == {code: loaded.counts(code, 2021).get(1, 0) * 100 for code in loaded.zones}
