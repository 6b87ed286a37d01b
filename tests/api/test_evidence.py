"""Filtered change, intervals and verdicts, as the API and its files tell them."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client

from tests.evidence import evidence
from tests.statements import counted
from tests.world import World, world

__all__ = ["evidence", "world"]

pytestmark = pytest.mark.django_db

V1 = "/api/v1"
NORTH = f"{V1}/territories/departement/07N"
PAIR = "clcplus_2018_to_clcplus_2021"


@pytest.fixture(autouse=True)
def with_evidence(evidence: World) -> World:
    return evidence


def body_of(client: Client, path: str) -> Any:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.json()


def rows_of(client: Client, path: str) -> list[dict[str, str]]:
    response = client.get(path)
    assert response.status_code == 200, path
    return list(csv.DictReader(io.StringIO(response.getvalue().decode())))


def test_change_with_an_interval(client: Client) -> None:
    with counted() as sent:
        body = body_of(client, f"{NORTH}/change/")
    assert len(sent) == 6
    assert body["raw"]["net"] == {"cells": 60, "m2": 6_000}
    assert body["interval"] == [30_000, 70_000]
    assert (body["ci_low"], body["ci_high"]) == (30_000, 70_000)
    assert (body["basis"], body["method"]) == ("own", "stratified_labels")
    verdict = body["verdict"]
    assert (verdict["verdict"], verdict["basis"], verdict["text"]) == (
        "increase",
        "own",
        "increase",
    )
    assert verdict["distinguishable"] is True
    assert "95 % interval" in verdict["note"]
    net = body["estimates"]["net"]
    assert (net["value_m2"], net["status"]) == (50_000, "ok")
    assert net["sample"] == {
        "id": net["sample"]["id"],
        "name": "Ardèche 2018–2021",
        "source": "Orthophotos of 2018 and 2021",
        "points": 120,
        "sealed_points": 30,
        "synthetic": False,
    }
    assert body["estimates"]["gain"]["ci_low_m2"] == 60_000
    filtered = body["filtered"]
    assert list(filtered) == ["0.25ha", "0.5ha", "clc-change"]
    assert filtered["0.25ha"] == {
        "filter": {
            "mmu_ha": 0.25,
            "min_width_m": 0.0,
            "connectivity": 4,
            "min_confidence": None,
        },
        "is_default": True,
        "gain": {"cells": 60, "m2": 6_000},
        "loss": {"cells": 30, "m2": 3_000},
        "net": {"cells": 30, "m2": 3_000},
    }
    # Zero is zero.
    assert filtered["clc-change"]["gain"] == {"cells": 0, "m2": 0}


def test_change_without_interval_has_the_stress_test_alone(client: Client) -> None:
    body = body_of(client, f"{V1}/territories/commune/07002/change/")
    assert (body["interval"], body["basis"], body["method"]) == (None, None, None)
    assert body["filtered"] is None
    assert set(body["estimates"].values()) == {None}
    assert (body["verdict"]["verdict"], body["verdict"]["basis"]) == ("in_map_noise", "stress_test")


def test_change_that_is_suppressed(client: Client) -> None:
    body = body_of(client, f"{V1}/territories/commune/07101/change/")
    net = body["estimates"]["net"]
    assert net["status"] == "suppressed"
    assert [net[name] for name in ("value_m2", "ci_low_m2", "ci_high_m2")] == [None, None, None]
    assert "100000" not in json.dumps(net)
    assert body["verdict"]["basis"] == "stress_test"


def test_statistics_with_an_interval(client: Client) -> None:
    before, after = body_of(client, f"{NORTH}/statistics/")["statistics"]
    assert (after["ci_low"], after["ci_high"]) == (320_000, 380_000)
    assert (after["share_ci_low"], after["share_ci_high"]) == (0.16, 0.19)
    assert (after["basis"], after["method"]) == ("own", "stratified_labels")
    assert after["estimate"]["value_m2"] == 350_000
    assert before["estimate"]["value_m2"] == 300_000


def test_bulk_change(client: Client) -> None:
    rows = rows_of(client, f"{V1}/change/?level=commune&format=csv")
    by_key = {(row["code"], row["indicator"]): row for row in rows}
    row = by_key["07001", "sealed_net_change"]
    assert (row["value"], row["ci_low"], row["ci_high"]) == ("6000", "-5000", "25000")
    assert (row["method"], row["basis"]) == ("fay_herriot", "small-area")
    assert (row["verdict"], row["status"]) == ("not_distinguishable", "indicative")
    estimated = by_key["07001", "sealed_net_change_estimate"]
    assert (estimated["value"], estimated["status"]) == ("10000", "indicative")
    assert by_key["07001", "sealed_gain_filtered_0_25ha"]["value"] == "6000"
    assert by_key["07001", "sealed_loss_filtered_0_25ha"]["value"] == "3000"
    assert by_key["07001", "sealed_net_change_filtered_0_25ha"]["value"] == "3000"
    hidden = by_key["07101", "sealed_net_change_estimate"]
    assert (hidden["value"], hidden["ci_low"], hidden["status"]) == ("", "", "suppressed")
    stressed = by_key["07101", "sealed_net_change"]
    assert (stressed["verdict"], stressed["basis"]) == ("in_map_noise", "stress_test")
    # There are no rows of what there is not.
    assert ("07002", "sealed_gain_filtered_0_25ha") not in by_key
    assert ("07002", "sealed_net_change_estimate") not in by_key
    # Other filters stand in the table on request.
    assert ("07001", "sealed_gain_filtered_0_5ha") not in by_key
    name = "sealed_gain_filtered_0_5ha,sealed_gain_filtered_clc_change"
    rows = rows_of(client, f"{V1}/change/?level=commune&indicator={name}&format=csv")
    assert [row["value"] for row in rows] == ["5000", "0"]


def test_bulk_statistics(client: Client) -> None:
    rows = rows_of(client, f"{V1}/statistics/?level=departement&edition=2021&format=csv")
    by_key = {(row["code"], row["indicator"]): row for row in rows}
    area, share = by_key["07N", "sealed_area"], by_key["07N", "sealed_share"]
    assert (area["ci_low"], area["ci_high"], area["method"]) == (
        "320000",
        "380000",
        "stratified_labels",
    )
    assert (share["ci_low"], share["ci_high"], share["basis"]) == ("0.16", "0.19", "own")
    assert by_key["07N", "sealed_area_estimate"]["value"] == "350000"
    assert ("07S", "sealed_area_estimate") not in by_key


def test_shapes_of_a_level(client: Client) -> None:
    body = client.get(f"{V1}/shapes/?level=departement&format=geojson")
    found = {f["id"]: f["properties"] for f in json.loads(body.getvalue())["features"]}
    told = found["07N"]
    assert (told[f"{PAIR}_ci_low"], told[f"{PAIR}_ci_high"]) == (30_000, 70_000)
    assert (told[f"{PAIR}_verdict"], told[f"{PAIR}_basis"]) == ("increase", "own")
    assert told[f"{PAIR}_sealed_gain_filtered_0_25ha"] == 6_000
    assert told["clcplus_2021_ci_high"] == 380_000
    assert found["07S"][f"{PAIR}_ci_low"] is None


@pytest.mark.parametrize("chosen", ["xlsx", "parquet"])
def test_other_files_have_the_columns(client: Client, chosen: str) -> None:
    response = client.get(f"{V1}/change/?level=commune&format={chosen}")
    assert response.status_code == 200
    assert len(response.getvalue()) > 1_000


def test_france_borrows(client: Client, settings: Any) -> None:
    settings.CLCPLUS_COUNTRY = "FR"
    rows = rows_of(client, f"{V1}/statistics/?level=commune&format=csv")
    by_key = {(r["code"], r["edition"], r["indicator"]): r for r in rows}
    row = by_key["07001", "clcplus-2021", "sealed_area"]
    # 106 000 m² mapped: · .9291 at PA 1, / .9218.
    assert float(row["ci_low"]) == pytest.approx(106_000 * 0.9291)
    assert float(row["ci_high"]) == pytest.approx(106_000 * 0.9291 / 0.9218)
    assert (row["value"], row["basis"], row["method"]) == (
        "106000",
        "borrowed",
        "borrowed_accuracy",
    )
    # A sample goes before; nothing is published for 2018; nothing is observed in 07102.
    assert by_key["07002", "clcplus-2021", "sealed_area"]["basis"] == "own"
    assert by_key["07001", "clcplus-2018", "sealed_area"]["ci_low"] == ""
    assert by_key["07102", "clcplus-2021", "sealed_area"]["ci_low"] == ""
    body = body_of(client, f"{V1}/territories/commune/07001/statistics/")
    told = body["statistics"][1]["estimate"]
    assert (told["basis"], told["accuracy_of"], told["sample"]) == ("borrowed", "FR", None)
    assert told["status"] == "indicative"


def test_without_a_country_nothing_is_borrowed(client: Client) -> None:
    rows = rows_of(client, f"{V1}/statistics/?level=commune&format=csv")
    assert {r["basis"] for r in rows if r["code"] == "07001"} == {""}
