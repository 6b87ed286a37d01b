"""What nobody planned, since who published an edition ended before saying so; and only that."""

from __future__ import annotations

from typing import Any

import pytest
import shapely
from django.db import connection

from clcplus.actions.editions import publication
from clcplus.actions.zone_sets import batches, computation
from clcplus.jobs import runner, runs
from clcplus.jobs.states import OPEN
from clcplus.models import Edition, Layer, Run, Zone, ZoneStatistics
from clcplus.tasks import take_up_jobs
from tests.zone_sets.landscape import NORTH, WEST, Landscape
from tests.zone_sets.layers import batches_left, drain, layer_of, planned

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("store", "quiet_broker"),
]


def squares(number: int) -> list[Any]:
    places = [(WEST + 400 * n, NORTH - 900) for n in range(number)]
    return [shapely.box(x, y, x + 200, y + 200) for x, y in places]


def unnoticed(landscape: Landscape, year: int) -> None:
    """Publish an edition by a process that ends right after its commit."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(computation, "after_publication", lambda: None)
        landscape.publish(year)


def open_runs() -> list[Run]:
    return list(Run.objects.filter(kind=Run.Kind.ZONES, state__in=OPEN))


def years(layer: Layer, code: str) -> set[int]:
    rows = ZoneStatistics.objects.filter(zone__layer=layer, zone__code=code)
    return set(rows.values_list("edition__year", flat=True))


def break_zone(layer: Layer, code: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE clcplus_zone SET geometry = ST_SetSRID('MULTIPOLYGON(((0 0, NaN 1, 1 1,"
            " 0 0)))'::geometry, 3035) WHERE layer_id = %s AND code = %s",
            [layer.pk, code],
        )


def test_what_was_never_planned_is_planned_by_the_schedule(landscape: Landscape) -> None:
    layer = layer_of(squares(2))
    assert computation.plan_missed() == 0, "there is no edition"
    unnoticed(landscape, 2021)
    assert not open_runs()
    take_up_jobs()
    (run,) = open_runs()
    assert run.layer == layer
    take_up_jobs()
    assert open_runs() == [run], "one that is under way is not planned again"
    assert drain(run).state == Run.State.SUCCEEDED
    take_up_jobs()
    assert not open_runs()
    unnoticed(landscape, 2023)
    assert computation.plan_missed() == 1
    drain(open_runs()[0])
    assert years(layer, "0") == years(layer, "1") == {2021, 2023}
    assert computation.plan_missed() == 0


def test_a_zone_that_failed_waits_for_the_next_edition(landscape: Landscape) -> None:
    landscape.publish(2021)
    layer = layer_of(squares(3))
    break_zone(layer, "1")
    assert drain(planned(layer)).message.startswith("1 zones could not be counted")
    number = Run.objects.count()
    for _ in range(3):
        assert computation.plan_missed() == 0
    assert Run.objects.count() == number
    unnoticed(landscape, 2023)
    assert computation.plan_missed() == 1
    (again,) = open_runs()
    assert again.units_total == 3
    drain(again)
    assert years(layer, "1") == set()
    assert years(layer, "2") == {2021, 2023}
    for _ in range(3):
        assert computation.plan_missed() == 0
    # By hand it is tried at any time.
    Zone.objects.filter(layer=layer, code="1").update(
        geometry=Zone.objects.get(layer=layer, code="2").geometry
    )
    drain(planned(layer))
    assert years(layer, "1") == {2021, 2023}


def test_a_zone_that_failed_before_an_edition_came_in_mid_run_is_tried_once_more(
    landscape: Landscape, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "MOST_ZONES", 1)
    landscape.publish(2021)
    layer = layer_of(squares(2))
    break_zone(layer, "0")
    run = planned(layer)
    for number in batches_left(run):
        assert runner.work("zones", number)
    landscape.publish(2023)
    drain(run)
    assert years(layer, "1") == {2021, 2023}
    assert computation.plan_missed() == 1
    (again,) = open_runs()
    assert again.units_total == 1
    drain(again)
    assert computation.plan_missed() == 0


def test_what_was_cancelled_stays_so(published: Landscape) -> None:
    layer = layer_of(squares(2))
    runs.cancel(planned(layer).pk)
    assert computation.plan_missed() == 0
    assert years(layer, "0") == set()


def test_an_edition_that_was_away_during_a_run_is_counted_when_it_is_back(
    published: Landscape,
) -> None:
    layer = layer_of(squares(2))
    run = planned(layer)
    slug = Edition.objects.get(year=2022).slug
    publication.withdraw_edition(slug=slug)
    drain(run)
    assert years(layer, "0") == {2021, 2023}
    assert computation.plan_missed() == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(computation, "after_publication", lambda: None)
        publication.publish_edition(slug=slug)
    assert computation.plan_missed() == 1
    drain(open_runs()[0])
    assert years(layer, "0") == {2021, 2022, 2023}


def test_a_layer_that_lacks_nothing_is_looked_at_once(
    published: Landscape, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = layer_of(squares(2))
    run = drain(planned(layer))
    Run.objects.filter(pk=run.pk).update(parameters={})
    looked = []
    plan = computation.plan

    def noted(**asked: Any) -> Run | None:
        looked.append(asked["layer"])
        return plan(**asked)

    monkeypatch.setattr(computation, "plan", noted)
    for _ in range(2):
        assert computation.plan_missed() == 0
    assert looked == [layer]
