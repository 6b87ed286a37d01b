"""Filtered change and reference samples for the small world of :mod:`tests.world`, written by hand.

    filtered 2018 → 2021        0.25 ha      0.5 ha      CLC-Change
    07001 (gain 100, loss 40)   60, 30       50, 0       0, 0
    07N   (gain 100, loss 40)   60, 30       50, 0       0, 0

    net change, published       estimate     95 % interval        basis
    07N                         50 000 m²    30 000 … 70 000      own sample
    07001                       10 000 m²    -5 000 … 25 000      small-area model
    07101                       suppressed                        own sample

Samples that readers must not see have estimates of 1e9 m²: one that is being labelled, and one of
an edition that is not published. An older sample says of 07N that it shrinks, by a borrowed
estimate. A sample of 2021 alone knows the sealed area of 07002.

Use: ``from tests.evidence import evidence`` beside ``world``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache

from clcplus.models import (
    AreaEstimate,
    FilteredPair,
    ReferenceSample,
    ZoneFilteredChange,
)
from tests.world import World

FILTERED = {"0.25ha": (60, 30), "0.5ha": (50, 0), "clc-change": (0, 0)}
HIDDEN = 1e9


def sample(world: World, name: str, *, earlier: int | None, later: int, **options: Any) -> Any:
    """A published sample, unless the options say otherwise."""
    owner, _ = get_user_model().objects.get_or_create(username="interpreter")
    usual: dict[str, Any] = {
        "stage": "published",
        "published_at": datetime(2025, 6, 1, tzinfo=UTC),
        "points_total": 300,
        "seed": 1,
        "buffer_m": 30.0,
        "source": "Orthophotos of 2018 and 2021",
    }
    return ReferenceSample.objects.create(
        name=name,
        owner=owner,
        earlier=None if earlier is None else world.editions[earlier],
        later=world.editions[later],
        **usual | options,
    )


def estimate(
    of: Any, zone: Any, quantity: str, value: float, low: float, high: float, **options: Any
) -> None:
    """An estimate of a sample for a zone, in square metres."""
    usual: dict[str, Any] = {
        "status": "ok",
        "basis": "own",
        "method": "stratified_labels",
        "points": 120,
        "sealed_points": 30,
    }
    AreaEstimate.objects.create(
        sample=of,
        zone=zone,
        quantity=quantity,
        value=value,
        se=(high - low) / 2 / 1.959964,
        ci_low=low,
        ci_high=high,
        **usual | options,
    )


def build(world: World) -> None:
    """Make the rows."""
    first, last, zones = world.editions[2018], world.editions[2021], world.zones
    FilteredPair.objects.create(earlier=first, later=last, mask_key="masks/a.tif")
    # One that is being filtered: its zones are stored, the pair is not.
    for editions, known in (
        ((first, last), FILTERED),
        ((first, world.editions[2023]), {"0.25ha": (9, 9)}),
    ):
        ZoneFilteredChange.objects.bulk_create(
            ZoneFilteredChange(
                earlier=editions[0],
                later=editions[1],
                zone=zones[code],
                preset=preset,
                gain=gain,
                loss=loss,
            )
            for code in ("07001", "07N")
            for preset, (gain, loss) in known.items()
        )
    own = sample(world, "Ardèche 2018–2021", earlier=2018, later=2021)
    estimate(own, zones["07N"], "net", 50_000, 30_000, 70_000)
    estimate(own, zones["07N"], "gain", 80_000, 60_000, 100_000)
    estimate(own, zones["07N"], "loss", 30_000, 20_000, 40_000)
    estimate(own, zones["07N"], "sealed_before", 300_000, 280_000, 320_000)
    estimate(own, zones["07N"], "sealed_after", 350_000, 320_000, 380_000)
    small = {"basis": "small-area", "status": "indicative", "method": "fay_herriot", "points": 4}
    estimate(own, zones["07001"], "net", 10_000, -5_000, 25_000, **small)
    estimate(own, zones["07101"], "net", 5_000, -90_000, 100_000, status="suppressed")
    estimate(own, zones["07101"], "sealed_before", 90_000, 80_000, 100_000)
    estimate(own, zones["07101"], "sealed_after", 100_000, 90_000, 110_000)
    older = datetime(2024, 1, 1, tzinfo=UTC)
    lent = sample(world, "Europe", earlier=2018, later=2021, published_at=older)
    estimate(lent, zones["07N"], "net", -9_000, -9_500, -8_500, basis="borrowed")
    for hidden in (
        sample(world, "in work", earlier=2018, later=2021, stage="labelling", published_at=None),
        sample(world, "of 2023", earlier=2018, later=2023),
    ):
        for code in ("07N", "07002"):
            for quantity in ("net", "sealed_before", "sealed_after"):
                estimate(hidden, zones[code], quantity, HIDDEN, HIDDEN, HIDDEN)
    status = sample(world, "2021 alone", earlier=None, later=2021, synthetic=True)
    estimate(status, zones["07002"], "sealed_after", 210_000, 190_000, 230_000)


@pytest.fixture(scope="module")
def evidence(world: World, django_db_blocker: Any) -> Iterator[World]:
    """The world with this evidence, committed for the tests of a module."""
    with django_db_blocker.unblock():
        build(world)
        cache.clear()
    yield world
    with django_db_blocker.unblock():
        ReferenceSample.objects.all().delete()
        get_user_model().objects.filter(username="interpreter").delete()
