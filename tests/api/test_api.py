"""The API over the small world of :mod:`tests.world`."""

from __future__ import annotations

import csv
import io
import json
from typing import Any, cast

import pytest
from django.test import Client
from sqlalchemy import QueuePool
from sqlalchemy.exc import OperationalError

from clcplus.database import read_side
from clcplus.files.tidy import COLUMNS
from tests.statements import counted
from tests.world import UNSEEN, World

pytestmark = pytest.mark.django_db

V1 = "/api/v1"
SAINT_ELIE = f"{V1}/territories/commune/07001/"


@pytest.fixture(autouse=True)
def _world(world: World) -> None:
    """Every test has the world."""


def get(client: Client, path: str, status: int = 200, **headers: str) -> Any:
    response = client.get(path, headers=headers)
    assert response.status_code == status, response.getvalue()
    assert response["Access-Control-Allow-Origin"] == "*"
    if status >= 400:
        assert response["Content-Type"] == "application/problem+json"
        body = response.json()
        assert body["status"] == status
        assert body["title"]
        return body
    return response


def rows_of(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.getvalue().decode())))


# What there is
def test_index_leads_to_every_address(client: Client) -> None:
    body = get(client, f"{V1}/").json()
    assert body["identity"] > 0
    for name, address in body["links"].items():
        needed = {
            "statistics": "?level=commune",
            "change": "?level=commune",
            "shapes": "?level=commune&format=geojson",
            "search": "?q=saint",
        }
        query = needed.get(name, "")
        assert client.get(f"{address}{query}").status_code == 200, name


def test_editions(client: Client) -> None:
    body = get(client, f"{V1}/editions/").json()
    assert [edition["slug"] for edition in body["results"]] == ["clcplus-2018", "clcplus-2021"]
    edition = body["results"][1]
    assert edition["window_middle"] == "2021-07-01"
    assert edition["accuracy"]["users"] == 0.9333
    assert edition["source"].startswith("https://doi.org/10.2909/")
    assert "odified" in edition["citation"]


def test_levels(client: Client) -> None:
    with counted() as sent:
        body = get(client, f"{V1}/levels/").json()
    assert len(sent) == 2
    assert [(level["slug"], level["territories"]) for level in body["results"]] == [
        ("region", 1),
        ("departement", 2),
        ("commune", 4),
    ]


# Territories
def test_list_pages(client: Client) -> None:
    with counted() as sent:
        first = get(client, f"{V1}/territories/?level=commune&page_size=3")
    assert len(sent) == 4
    body = first.json()
    assert (body["count"], body["previous"]) == (4, None)
    assert [item["code"] for item in body["results"]] == ["07001", "07002", "07101"]
    assert f'<{body["next"]}>; rel="next"' in first["Link"]
    second = get(client, body["next"]).json()
    assert [item["code"] for item in second["results"]] == ["07102"]
    assert second["next"] is None
    assert get(client, f"{V1}/territories/?page=9", 404)["detail"].startswith("page 9")


@pytest.mark.parametrize("text", ["saint elie", "Saint-Élie", "07001", "aubrac"])
def test_list_searches(client: Client, text: str) -> None:
    response = client.get(f"{V1}/territories/", {"search": text})
    assert [item["code"] for item in response.json()["results"]] == ["07001"]


def test_list_within(client: Client) -> None:
    body = get(client, f"{V1}/territories/?within=departement:07S").json()
    assert [item["code"] for item in body["results"]] == ["07101", "07102"]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("level=canton", "level"),
        ("page=0", "page"),
        ("page=x", "page"),
        ("page_size=501", "page_size"),
        ("within=region", "within"),
        ("within=canton:1", "within"),
        ("within=region:99", "within"),
        ("levle=commune", "levle"),
        (f"search={'x' * 101}", "search"),
        ("format=xml", "format"),
    ],
)
def test_bad_parameters_are_named(client: Client, query: str, parameter: str) -> None:
    body = get(client, f"{V1}/territories/?{query}", 400)
    assert body["parameter"] == parameter
    assert body["allowed"]


def test_allowed_levels_are_listed(client: Client) -> None:
    body = get(client, f"{V1}/territories/?level=canton", 400)
    assert body["allowed"] == ["region", "departement", "commune"]


def test_a_territory(client: Client) -> None:
    with counted() as sent:
        body = get(client, SAINT_ELIE).json()
    assert len(sent) == 6
    assert body["name"] == "Saint-Élie-d'Aubrac"
    assert (body["cells"], body["area_m2"]) == (10_000, pytest.approx(1e6))
    assert [link["code"] for link in body["ancestors"]] == ["07", "07N"]
    assert body["inhabitants"][-1] == {"year": 2021, "inhabitants": 1060}
    assert "geometry" not in body
    shape = get(client, f"{SAINT_ELIE}?geometry=true").json()["geometry"]
    assert shape["type"] == "MultiPolygon"


def test_a_merged_territory_leads_to_its_successor(client: Client) -> None:
    body = get(client, f"{V1}/territories/commune/07003/").json()
    assert (body["current"], body["vintage"]) == (False, 2020)
    assert body["successor"]["code"] == "07002"
    statistics = get(client, body["links"]["statistics"]).json()
    assert statistics["statistics"][0]["sealed"] == {"cells": 500, "m2": 50_000}
    assert statistics["successor"]["code"] == "07002"


def test_a_vintage(client: Client) -> None:
    path = f"{V1}/territories/commune/07002/"
    assert get(client, path).json()["cells"] == 10_000
    assert get(client, f"{path}?vintage=2020").json()["cells"] == 5_000
    assert "2019" in get(client, f"{path}?vintage=2019", 404)["detail"]
    assert get(client, f"{path}?vintage=x", 400)["parameter"] == "vintage"


@pytest.mark.parametrize("tail", ["", "statistics/", "change/"])
def test_unknown_territories(client: Client, tail: str) -> None:
    body = get(client, f"{V1}/territories/commune/99999/{tail}", 404)
    assert "99999" in body["detail"]
    body = get(client, f"{V1}/territories/canton/07001/{tail}", 404)
    assert body["levels"] == ["region", "departement", "commune"]


# Statistics
def test_statistics(client: Client) -> None:
    with counted() as sent:
        body = get(client, f"{V1}/territories/commune/07101/statistics/").json()
    assert len(sent) == 6
    first, second = body["statistics"]
    assert first["observed"] == {"cells": 9_000, "m2": 900_000}
    assert first["not_observed"] == {"cells": 1_000, "m2": 100_000}
    assert first["sealed_share"] == 0.1
    assert {c["code"]: c["cells"] for c in first["by_class"]}[10] == 4_000
    assert second["sealed_share"] == 0.22
    assert body["units"]["m2"] == "m²"
    assert [edition["slug"] for edition in body["editions"]] == ["clcplus-2018", "clcplus-2021"]
    assert "10.2909/71fc9d1b-479f-4da1-aa66-662a2fff2cf7" in body["citation"]


def test_not_observed_is_not_zero(client: Client) -> None:
    body = get(client, f"{V1}/territories/commune/07102/statistics/").json()
    unseen = body["statistics"][1]
    assert unseen["status"] == "not_observed"
    assert unseen["sealed"] == {"cells": None, "m2": None}
    assert unseen["sealed_share"] is None
    assert unseen["by_class"] == []
    assert unseen["not_observed"]["cells"] == 10_000
    body = get(client, f"{V1}/territories/commune/07102/change/").json()
    assert body["status"] == "not_observed"
    assert body["raw"]["gain"] == {"cells": None, "m2": None}
    assert body["verdict"] is None
    assert body["per_cent_change"] == {"value": None, "status": "not_observed"}


# Change
def test_change(client: Client) -> None:
    with counted() as sent:
        body = get(client, f"{SAINT_ELIE}change/").json()
    assert len(sent) == 6
    assert (body["earlier"], body["later"], body["years"]) == ("clcplus-2018", "clcplus-2021", 3)
    assert body["status"] == "indicative"
    raw = body["raw"]
    assert raw["gain"] == {"cells": 100, "m2": 10_000}
    assert raw["loss"] == {"cells": 40, "m2": 4_000}
    assert raw["net"] == {"cells": 60, "m2": 6_000}
    assert {c["code"]: c["cells"] for c in raw["gain_by_former_class"]}[6] == 100
    assert body["annualised"]["net_m2_per_year"] == 2_000
    assert body["share_change"] == 0.6
    assert body["per_cent_change"] == {"value": None, "status": "suppressed"}
    assert body["verdict"]["text"] == "not distinguishable from map noise"
    assert "stress test" in body["verdict"]["note"]
    assert sum(map(sum, body["matrix"])) == 10_000


@pytest.mark.parametrize(
    "query", ["from=2018&to=2021", "from=clcplus-2018", "to=clcplus-2021&from=2018"]
)
def test_editions_by_slug_or_year(client: Client, query: str) -> None:
    assert get(client, f"{SAINT_ELIE}change/?{query}").json()["raw"]["net"]["cells"] == 60


@pytest.mark.parametrize("path", [f"{SAINT_ELIE}change/?", f"{V1}/change/?level=commune&"])
def test_pairs_that_cannot_be(client: Client, path: str) -> None:
    assert "earlier" in get(client, f"{path}from=2021&to=2018", 422)["detail"]
    assert get(client, f"{path}from=2021", 422)["parameter"] == "from"
    for unknown in ("2023", "clcplus-2023", "1999"):
        body = get(client, f"{path}to={unknown}", 404)
        assert body["published"] == ["clcplus-2018", "clcplus-2021"]


# Bulk
def test_bulk_statistics_as_csv(client: Client) -> None:
    with counted() as sent:
        response = get(client, f"{V1}/statistics/?level=commune&edition=2021&format=csv")
        rows = rows_of(response)
    assert len(sent) == 4
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="sealing-commune-clcplus-2021.csv"' in response["Content-Disposition"]
    assert tuple(rows[0]) == COLUMNS
    by_key = {(row["code"], row["indicator"]): row for row in rows}
    assert by_key["07101", "sealed_area"]["value"] == "110000"
    assert by_key["07101", "sealed_share"]["value"] == "0.22"
    assert by_key["07101", "sealed_share"]["unit"] == "1"
    assert by_key["07001", "sealed_area"]["name"] == "Saint-Élie-d'Aubrac"
    unseen = by_key["07102", "sealed_area"]
    assert (unseen["value"], unseen["status"]) == ("", "not_observed")


def test_bulk_by_accept_header_and_as_json(client: Client) -> None:
    as_csv = get(client, f"{V1}/statistics/?level=commune", accept="text/csv")
    assert as_csv["Content-Type"].startswith("text/csv")
    as_json = get(client, f"{V1}/statistics/?level=commune", accept="application/json")
    assert "Accept" in as_json["Vary"]
    assert as_csv["ETag"] != as_json["ETag"]
    body = json.loads(as_json.getvalue())
    assert body["editions"] == ["clcplus-2018", "clcplus-2021"]
    table = rows_of(as_csv)
    assert [row["code"] for row in body["rows"]] == [row["code"] for row in table]
    for one, other in zip(body["rows"], table, strict=True):
        value = one["value"]
        assert ("" if value is None else str(value)) == other["value"]


def test_bulk_indicators(client: Client) -> None:
    path = f"{V1}/statistics/?level=commune&format=csv&edition=2018&indicator="
    rows = rows_of(get(client, f"{path}area_of_class_10"))
    assert {row["code"]: row["value"] for row in rows}["07101"] == "400000"
    body = get(client, f"{path}greenness", 400)
    assert body["parameter"] == "indicator"
    assert "sealed_share" in body["allowed"]


def test_bulk_change(client: Client) -> None:
    rows = rows_of(get(client, f"{V1}/change/?level=departement&format=csv"))
    by_key = {(row["code"], row["indicator"]): row for row in rows}
    assert by_key["07N", "sealed_gain"]["value"] == "10000"
    assert by_key["07N", "sealed_gain"]["edition"] == "clcplus-2018/clcplus-2021"
    assert by_key["07N", "sealed_gain"]["status"] == "indicative"
    assert by_key["07N", "sealed_net_change_per_year"]["value"] == "2000.0"
    assert by_key["07N", "sealed_per_cent_change"]["status"] == "suppressed"


@pytest.mark.parametrize("path", ["statistics", "change"])
def test_bulk_needs_a_level(client: Client, path: str) -> None:
    assert get(client, f"{V1}/{path}/", 400)["parameter"] == "level"
    body = get(client, f"{V1}/{path}/?level=commune&format=pdf", 400)
    assert (body["parameter"], body["allowed"]) == ("format", ["json", "csv", "xlsx", "parquet"])


# What everything does
PATHS = [
    f"{V1}/",
    f"{V1}/editions/",
    f"{V1}/levels/",
    f"{V1}/territories/",
    SAINT_ELIE,
    f"{SAINT_ELIE}statistics/",
    f"{SAINT_ELIE}change/",
    f"{V1}/statistics/?level=commune",
    f"{V1}/statistics/?level=commune&format=csv",
    f"{V1}/change/?level=commune",
]


@pytest.mark.parametrize("path", PATHS)
def test_unchanged_data_answer_304(client: Client, path: str) -> None:
    first = get(client, path)
    first.getvalue()
    assert first["Cache-Control"] == "public, no-cache"
    with counted() as sent:
        again = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert again["ETag"] == first["ETag"]
    assert again.getvalue() == b""
    assert len(sent) == 1
    other = client.get(path, headers={"If-None-Match": 'W/"other"'})
    assert other.status_code == 200
    other.close()


@pytest.mark.parametrize("path", PATHS)
def test_what_is_not_published_is_nowhere(client: Client, path: str) -> None:
    text = get(client, path).getvalue().decode()
    assert "2023" not in text
    assert "antôme" not in text
    assert str(UNSEEN) not in text


@pytest.mark.parametrize("path", PATHS)
def test_head(client: Client, path: str) -> None:
    response = client.head(path)
    assert response.status_code == 200
    assert response["ETag"]
    response.close()


@pytest.mark.parametrize("path", PATHS)
def test_writing_is_refused(client: Client, path: str) -> None:
    # What is posted to the statistics is a question: an area (tests/api/test_posted_zone.py).
    asks = path.startswith(f"{V1}/statistics/")
    for method in (client.put, client.delete, *(() if asks else (client.post,))):
        response = method(path)
        assert response.status_code == 405
        assert response["Content-Type"] == "application/problem+json"
        assert "GET" in response["Allow"]


def test_not_acceptable(client: Client) -> None:
    assert get(client, f"{V1}/editions/", 406, accept="application/pdf")["detail"]


@pytest.mark.parametrize("path", ["/api/", "/api/v2/", f"{V1}/nothing/", f"{V1}/editions/1/2"])
def test_unknown_addresses(client: Client, path: str) -> None:
    assert path in get(client, path, 404)["detail"]
    assert client.post(path).status_code == 404


def test_a_forgotten_slash_is_forgiven(client: Client) -> None:
    response = client.get(f"{V1}/territories?level=commune")
    assert (response.status_code, response["Location"]) == (301, f"{V1}/territories/?level=commune")


def test_a_failure_tells_nothing_and_is_not_no_data(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("analytics.queries.editions", fail)
    client.raise_request_exception = False
    body = get(client, f"{V1}/editions/", 500)
    assert "secret" not in str(body)


def test_a_database_that_cannot_be_reached(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OperationalError("select", {}, Exception("host secret"))

    monkeypatch.setattr("clcplus.database.read_side.engine", fail)
    client.raise_request_exception = False
    response = client.get(f"{V1}/editions/")
    assert response.status_code == 503
    assert response["Retry-After"]
    assert "secret" not in response.content.decode()


@pytest.mark.parametrize("read", [True, False])
@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_a_streamed_table_gives_its_connection_back(
    client: Client, read: bool, encoding: str
) -> None:
    pool = cast(QueuePool, read_side.engine().pool)
    response = client.get(
        f"{V1}/statistics/?level=commune&format=csv", headers={"Accept-Encoding": encoding}
    )
    assert pool.checkedout() == 1
    if read:
        assert response.getvalue()
    response.close()
    assert pool.checkedout() == 0
