"""An indicator that is added to the registry stands on pages, in the API, files and reports."""

from __future__ import annotations

import csv
import html
import io
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from django.test import Client
from sqlalchemy import ColumnElement, Double, FromClause
from sqlalchemy import cast as cast_to

from analytics import queries
from analytics.figures import Change, Statistics
from analytics.nomenclature import OBSERVED_CODES
from analytics.queries.vector_tiles import TileFigure
from clcplus import snapshots
from clcplus.database import read_side
from clcplus.models import Report
from clcplus.presentation.indicators import CHANGE, STATUS, Indicator, Shade, further
from clcplus.presentation.numbers import hectares, percent, square_metres
from clcplus.report import content
from tests.maps.test_tiles import ADDRESS, features
from tests.views.test_compare import TWO, row
from tests.views.test_pages import source, text
from tests.world import World

pytestmark = pytest.mark.django_db

COMMUNE = "/territories/commune/07001/"


def green_share(record: Statistics) -> float | None:
    """Vegetated part of the observed area."""
    green = sum(record.by_class.get(code, 0) for code in OBSERVED_CODES[1:8])
    return green / record.observed if record.observed else None


def green_share_in_sql(counts: FromClause, people: ColumnElement[float]) -> ColumnElement[Any]:
    green = sum((counts.c.cells[i] for i in range(3, 9)), counts.c.cells[2])
    share: ColumnElement[Any] = cast_to(green, Double) / counts.c.observed
    return share


def per_household(record: Statistics) -> float | None:
    """Sealed square metres per household of 2.2 people."""
    each = record.per_inhabitant_m2
    return None if each is None else each * 2.2


def per_household_in_sql(counts: FromClause, people: ColumnElement[float]) -> ColumnElement[Any]:
    return counts.c.sealed * 220 / people


def turnover(record: Change) -> float | None:
    """Gain and loss together, in square metres."""
    if record.gain_m2 is None or record.loss_m2 is None:
        return None
    return record.gain_m2 + record.loss_m2


@pytest.fixture(autouse=True)
def _entries(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    status = cast("dict[str, Indicator[Statistics]]", STATUS)
    change = cast("dict[str, Indicator[Change]]", CHANGE)
    shade = Shade(TileFigure("green_share", 4, green_share_in_sql), (0.2, 0.4, 0.6, 0.8, 0.9))
    entry = Indicator("green_share", "Vegetated", "1", green_share, percent, shade=shade)
    monkeypatch.setitem(status, "green_share", entry)
    shade = Shade(TileFigure("household", 1, per_household_in_sql), (100, 200, 300, 400, 500))
    entry = Indicator(
        "household",
        "Per household",
        "m2",
        per_household,
        square_metres,
        inhabitants=True,
        lower_bound=True,
        shade=shade,
    )
    monkeypatch.setitem(status, "household", entry)
    monkeypatch.setitem(
        change,
        "turnover",
        Indicator("turnover", "Turnover", "m2", turnover, lambda m2: hectares(m2 / 10_000)),
    )


def plain(written: str) -> str:
    return written.replace("\u202f", " ")


def records() -> tuple[list[Statistics], Change]:
    with snapshots.opened() as snapshot:
        connection = snapshot.connection
        found = queries.territory(connection, level="commune", code="07001")
        assert found is not None
        statistics = queries.statistics(connection, zone_id=found.id)
        change = queries.changes(connection, zone_id=found.id)[0]
    return statistics, change


def test_pages(client: Client) -> None:
    statistics, change = records()
    latest = max((s for s in statistics if s.observed), key=lambda s: s.edition.year)
    share, area = green_share(latest), turnover(change)
    assert share is not None
    assert area is not None
    page = text(client, COMMUNE)
    assert "Further figures" in page
    assert f"Vegetated {plain(percent(share))}" in page
    assert f"Turnover {plain(hectares(area / 10_000))}" in page
    assert row(client, TWO, "Vegetated")[0] == plain(percent(share))
    household = per_household(latest)
    assert household is not None
    assert f"Per household {plain(square_metres(household))}" in page
    assert row(client, TWO, "Turnover")[0] == plain(hectares(area / 10_000))


def test_the_api(client: Client) -> None:
    statistics, change = records()
    found = client.get("/api/v1/territories/commune/07001/statistics/").json()
    assert [one["green_share"] for one in found["statistics"]] == list(map(green_share, statistics))
    assert found["units"]["green_share"] == "1"
    found = client.get("/api/v1/territories/commune/07001/change/").json()
    assert found["turnover"] == turnover(change)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/api/v1/statistics/?level=commune&format=csv", "green_share"),
        ("/api/v1/statistics/?level=commune&format=csv&indicator=household", "household"),
        ("/territories/commune/07001/tables/statistics.csv", "household"),
        ("/api/v1/change/?level=commune&format=csv&indicator=turnover", "turnover"),
        ("/territories/commune/07001/tables/statistics.csv", "green_share"),
        ("/territories/commune/07001/tables/change.csv", "turnover"),
    ],
)
def test_files(client: Client, address: str, name: str) -> None:
    response = client.get(address)
    assert response.status_code == 200, address
    body = b"".join(response.streaming_content) if response.streaming else response.content
    rows = [line for line in csv.DictReader(io.StringIO(body.decode("utf-8-sig")))]
    values = [line for line in rows if line["indicator"] == name and line["code"] == "07001"]
    statistics, change = records()
    expected = {
        "turnover": turnover(change),
        "green_share": green_share(statistics[0]),
        "household": per_household(statistics[0]),
    }[name]
    assert expected is not None
    assert float(values[0]["value"]) == pytest.approx(expected)


def test_the_map(client: Client, tmp_path: Path) -> None:
    page = html.unescape(source(client, "/"))
    assert 'value="green_share"' in page
    assert '{"name": "green_share"' in page
    about = client.get("/tiles/territories/commune.json").json()
    fields = about["vector_layers"][0]["fields"]
    statistics, _ = records()
    tile = client.get(f"/tiles/territories/commune/{ADDRESS}.mvt")
    commune = features(tile.content, tmp_path)["07001"]
    of_commune = {
        name: value
        for name, value in commune.items()
        if name.startswith("green_share") and np.isfinite(value)
    }
    assert set(of_commune) <= set(fields)
    expected = {
        f"green_share_{s.edition.slug.replace('-', '_')}": pytest.approx(green_share(s), abs=1e-4)
        for s in statistics
        if s.observed
    }
    assert of_commune == expected
    latest = max((s for s in statistics if s.observed), key=lambda s: s.edition.year)
    slug = latest.edition.slug.replace("-", "_")
    assert commune[f"household_{slug}"] == pytest.approx(per_household(latest), abs=0.1)


def test_an_area_of_a_part_is_a_lower_bound() -> None:
    statistics, _ = records()
    record = next(record for record in statistics if record.observed)
    whole, part = replace(record, partly=False), replace(record, partly=True)
    assert not STATUS["household"].written(whole).startswith("≥")
    assert STATUS["household"].written(part).endswith(STATUS["household"].written(whole))
    assert STATUS["household"].written(part).startswith("≥")
    assert not STATUS["green_share"].written(part).startswith("≥")
    assert not STATUS["household"].written(replace(part, inhabitants=None)).startswith("≥")


def test_a_page_lists_what_needs_inhabitants_only_where_they_are_known() -> None:
    statistics, _ = records()
    known = further(statistics[0], None)
    unknown = further(replace(statistics[0], inhabitants=None), None)
    assert [one.label for one in known] == ["Vegetated", "Per household"]
    assert [one.label for one in unknown] == ["Vegetated"]


def test_files_of_lists_have_what_their_records_have(client: Client) -> None:
    """They know no cells by class, and not the inhabitants of the edition's year."""
    response = client.get("/territories/departement/07N/tables/territories.csv")
    assert response.status_code == 200
    body = b"".join(response.streaming_content) if response.streaming else response.content
    names = {line["indicator"] for line in csv.DictReader(io.StringIO(body.decode("utf-8-sig")))}
    assert names == {"observed_area", "not_observed_area", "sealed_area", "sealed_share"}


def test_the_report(client: Client) -> None:
    with snapshots.opened() as snapshot:
        report = Report(level="commune", code="07001", vintage=2024, data=str(snapshot.data))
        found = content.read(snapshot, report)
    assert "Vegetated" in [item.label for item in found.further]


def test_a_row_of_the_bulk_table_has_what_an_indicator_needs() -> None:
    with read_side.snapshot() as connection:
        editions = queries.editions(connection)
        rows = list(queries.bulk_statistics(connection, level="commune", editions=editions))
        known = list(
            queries.bulk_statistics(
                connection, level="commune", editions=editions, inhabitants=True
            )
        )
    record = next(record for _, record in rows if record.observed)
    assert STATUS["green_share"].value(record) == green_share(record)
    assert {record.inhabitants for _, record in rows} == {None}
    assert any(record.inhabitants for _, record in known)


@pytest.mark.parametrize("name", STATUS)
def test_an_indicator_that_needs_inhabitants_says_so(name: str) -> None:
    statistics, _ = records()
    without = [replace(record, inhabitants=None) for record in statistics]
    value = STATUS[name].value
    needs = list(map(value, statistics)) != list(map(value, without))
    assert STATUS[name].inhabitants == needs
