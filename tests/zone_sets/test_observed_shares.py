"""The share of each uploaded zone that the newest edition has not observed, counted in batches."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from analytics.nomenclature import OBSERVED_CODES
from clcplus.actions.zone_sets import observed_shares
from tests.zone_sets.landscape import NORTH, WEST, Landscape
from tests.zone_sets.test_computation import random_areas

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("store", "quiet_broker"),
]


def test_shares_equal_the_naive_oracle_whatever_the_batches(
    landscape: Landscape, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observed_shares, "_MOST_ZONES", 7)
    monkeypatch.setattr(observed_shares, "_STRIP", 500.0)
    landscape.publish(2021)
    landscape.publish(2023)
    speck = shapely.MultiPolygon(
        [shapely.box(WEST + 1001, NORTH - 1004, WEST + 1003, NORTH - 1001)]
    )
    zones = np.array([None, *random_areas(40, seed=3), speck, None], dtype=object)
    words: list[float] = []
    shares = observed_shares.not_observed_shares(zones, progress=words.append)
    partly = 0
    for zone, share in zip(zones, shares, strict=True):
        expected = None
        if zone is not None:
            counts = landscape.expected(zone)[0][2023]
            total = sum(counts.values())
            if total:
                seen = sum(counts.get(code, 0) for code in OBSERVED_CODES)
                expected = round(1 - seen / total, 6)
                partly += 0 < expected < 1
        assert share == expected
    assert partly > 20
    assert shares[-2] is None, "a zone without a cell has no share"
    assert words == sorted(words)
    assert len(words) >= 6
    assert words[-1] == 1


def test_without_an_edition_nothing_is_told() -> None:
    zones = np.array([shapely.MultiPolygon([shapely.box(0, 0, 100, 100)]), None], dtype=object)
    assert observed_shares.not_observed_shares(zones, progress=lambda share: None) == [None, None]
