"""Requests and draws: what is stored is what the editions show, and it is the same each time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analytics.errors import SampleError
from clcplus.actions.samples import draw as drawing
from clcplus.actions.samples import sample_rows
from clcplus.actions.samples.sample_rows import newest_run
from clcplus.errors import UnknownSample, WrongState
from clcplus.jobs import runner, runs
from clcplus.models import Edition, ReferenceSample, Run, SamplePoint, SampleStratum, ZoneStrata
from tests.region import Region
from tests.samples.world import draw, drawn, naive_counts, place_of, requested

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_broker")]


def rows_of(sample: ReferenceSample) -> list[tuple[Any, ...]]:
    return list(
        SamplePoint.objects.filter(sample=sample)
        .order_by("number")
        .values_list(
            "number", "stratum__name", "location", "map_earlier", "map_later", "probability",
            "unit", "opinions",
        )
    )  # fmt: skip


def test_points_and_strata_are_those_of_the_editions(loaded: Region) -> None:
    sample = drawn(second_opinion=0.25)
    strata = list(sample.strata.all())
    expected = naive_counts(loaded.masked(2018), loaded.masked(2021))
    assert [one.cells for one in strata] == [np.count_nonzero(expected == n) for n in range(5)]
    assert sum(one.points for one in strata) == 120 == sample.points.count()
    assert min(one.points for one in strata) >= 10
    for point in sample.points.select_related("stratum"):
        row, column = place_of(point)
        assert point.map_earlier == loaded.masked(2018)[row, column]
        assert point.map_later == loaded.masked(2021)[row, column]
        assert expected[row, column] == point.stratum.place
        assert point.probability == pytest.approx(point.stratum.points / point.stratum.cells)
        assert (point.location.x % 10, point.location.y % 10) == (5, 5)
    assert sample.points.filter(opinions=2).count() == 30
    run = newest_run(sample)
    assert run is not None
    assert (run.state, run.percent) == ("succeeded", 100)


def test_every_zone_has_its_cells_by_stratum(loaded: Region) -> None:
    sample = drawn()
    expected = naive_counts(loaded.masked(2018), loaded.masked(2021))
    stored = {
        (row.zone.layer.level.slug, row.zone.code): row.cells
        for row in ZoneStrata.objects.filter(sample=sample).select_related("zone__layer__level")
    }
    for code, mask in loaded.masks.items():
        assert stored["commune", code] == [np.count_nonzero(expected[mask] == n) for n in range(5)]
    assert len(stored) == len(loaded.masks) + 2 + 1
    assert stored["region", "07"] == [one.cells for one in sample.strata.all()]


def test_a_territory_limits_points_and_zones(loaded: Region) -> None:
    sample = drawn(territory="departement:0V")
    inside = [code for code, parent in loaded.parents.items() if parent == "0V"]
    mask = np.any([loaded.masks[code] for code in inside], axis=0)
    assert all(mask[place_of(point)] for point in sample.points.all())
    counted = ZoneStrata.objects.filter(sample=sample)
    assert sorted(counted.values_list("zone__code", flat=True)) == sorted([*inside, "0V"])
    assert counted.get(zone__code="0V").cells == [one.cells for one in sample.strata.all()]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"design": "simple", "points": 50},
        {"design": "systematic", "points": 60},
        {"design": "two-stage", "points": 40, "options": {"units": 8, "unit_km": 0.1}},
        {"pair": False, "points": 60},
    ],
)
def test_the_same_seed_draws_the_same_points(loaded: Region, fields: dict[str, Any]) -> None:
    first, second = drawn(**fields), drawn(**fields)
    assert rows_of(first) == rows_of(second)
    assert len(rows_of(first)) == first.points_total
    assert rows_of(drawn(**fields, seed=8)) != rows_of(first)
    strata = [one.name for one in first.strata.all()]
    stratified = fields.get("design", "stratified") == "stratified"
    pair = ["stable_sealed", "gain", "loss", "buffer", "stable_unsealed"]
    one = ["sealed", "buffer", "unsealed"]
    assert strata == (["observed"] if not stratified else one if "pair" in fields else pair)


def test_a_draw_that_was_killed_is_done_again(
    loaded: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = rows_of(drawn())
    sample = requested()
    run = newest_run(sample)
    assert run is not None

    def killed(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(drawing.runs, "succeed", killed)
        with pytest.raises(KeyboardInterrupt):
            runner.work("sample", run.pk)
    assert not SampleStratum.objects.filter(sample=sample).exists()
    draw(sample)
    assert sample.stage == "labelling"
    assert rows_of(sample) == whole


def test_a_cancelled_draw_stores_nothing_and_is_resumed(
    loaded: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "PROGRESS_SECONDS", 0.0)
    sample = requested()
    run = newest_run(sample)
    assert run is not None
    begun = drawing._drawn

    def cancelled(*arguments: Any) -> Any:
        runs.cancel(run.pk)
        return begun(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(drawing, "_drawn", cancelled)
        draw(sample)
    assert sample.stage == "drawing"
    assert not sample.points.exists()
    runs.resume(Run.objects.get(pk=run.pk))
    assert draw(sample).stage == "labelling"


def test_a_deleted_sample_ends_its_run(loaded: Region) -> None:
    sample = requested()
    run = newest_run(sample)
    assert run is not None
    sample_rows.delete(sample=sample, by=None)
    assert Run.objects.get(pk=run.pk).state == "cancelled"
    with pytest.raises(UnknownSample):
        sample_rows.delete(sample=sample, by=None)


def test_a_stratum_that_is_too_small_is_explained(loaded: Region) -> None:
    sample = draw(requested(points=50, options={"minimum": 40}))
    run = newest_run(sample)
    assert run is not None
    assert run.state == "failed"
    assert "found 50 points; expected at least" in run.message
    assert sample.stage == "drawing"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"points": 1}, "points: found 1"),
        ({"points": 10**9}, "points: found 1000000000"),
        ({"points": True}, "points: found True"),
        ({"seed": -1}, "seed: found -1"),
        ({"seed": 2**63}, "seed"),
        ({"buffer_m": float("nan")}, "buffer: found nan"),
        ({"buffer_m": 1e308}, "buffer"),
        ({"buffer_m": -10.0}, "buffer"),
        ({"second_opinion": 1.5}, "second opinions: found 1.5"),
        ({"second_opinion": float("inf")}, "second opinions: found inf"),
        ({"options": {"minimum": 1}}, "least points of a stratum: found 1"),
        ({"options": {"allocation": "neyman"}}, "allocation: found neyman"),
        ({"options": {"units": 3}}, "found the option 'units'"),
        ({"design": "clever"}, "design: found clever"),
        ({"design": "two-stage", "options": {"units": 3, "unit_km": 0.0051}}, "side of a primary"),
        ({"design": "two-stage", "options": {"units": 3}}, "side of a primary unit: found None"),
        ({"design": "two-stage", "options": {"units": 1, "unit_km": 1}}, "primary units: found 1"),
    ],
)
def test_numbers_that_no_sample_has(loaded: Region, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(SampleError, match=message):
        requested(**fields)
    assert not ReferenceSample.objects.exists()


def test_editions_come_in_the_order_of_their_years(loaded: Region) -> None:
    later, earlier = Edition.objects.get(slug="clcplus-2018"), Edition.objects.get(year=2023)
    with pytest.raises(SampleError, match="the edition of an earlier year first"):
        requested(earlier=earlier, later=later)
    Edition.objects.filter(pk=earlier.pk).update(status="withdrawn")
    earlier.refresh_from_db()
    with pytest.raises(WrongState, match="withdrawn"):
        requested(pair=False, later=earlier)
    with pytest.raises(WrongState, match="empty name"):
        requested(name=" \u200b ")
