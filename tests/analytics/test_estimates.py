"""Records of estimates: verdicts, what is shown, and the accuracy that a zone borrows."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from analytics.figures import AreaEstimate, Change, Statistics, best, borrowed_estimate
from analytics.records import Edition


def edition(year: int, **more: Any) -> Edition:
    usual: dict[str, Any] = {
        "id": year,
        "slug": f"clcplus-{year}",
        "product": "clcplus",
        "product_name": "CLC+ Backbone",
        "year": year,
        "version": 1,
        "origin": "official",
        "window_start": None,
        "window_end": None,
        "doi": "",
        "content_hash": "",
        "overview_key": "",
        "published_at": None,
    }
    return Edition(**{**usual, **more})


def estimate(low: float, high: float, **more: Any) -> AreaEstimate:
    usual: dict[str, Any] = {"status": "ok", "basis": "own", "method": "stratified_labels"}
    return AreaEstimate(
        estimated_m2=(low + high) / 2,
        se_m2=(high - low) / 4,
        low_m2=low,
        high_m2=high,
        **{**usual, **more},
    )


def change(**more: Any) -> Change:
    return Change(
        earlier=edition(2018),
        later=edition(2021),
        observed=10_000,
        gain=100,
        loss=40,
        sealed_before=1_000,
        **more,
    )


@pytest.mark.parametrize(
    ("low", "high", "outcome", "told"),
    [
        (1.0, 2.0, "increase", True),
        (-2.0, -1.0, "decrease", True),
        (-1.0, 1.0, "not_distinguishable", False),
        (0.0, 1.0, "not_distinguishable", False),
        (-1.0, 0.0, "not_distinguishable", False),
    ],
)
def test_the_verdict_follows_the_interval(
    low: float, high: float, outcome: str, told: bool
) -> None:
    verdict = change(estimates={"net": estimate(low, high)}).verdict
    assert verdict is not None
    assert (verdict.outcome, verdict.distinguishable, verdict.basis) == (outcome, told, "own")


def test_the_stress_test_tells_no_direction() -> None:
    quiet, loud = change(), dataclasses.replace(change(), gain=4_000)
    shrunk = dataclasses.replace(change(), gain=0, loss=900)
    for record, outcome in ((quiet, "in_map_noise"), (loud, "stands_out"), (shrunk, "stands_out")):
        assert record.verdict is not None
        assert (record.verdict.outcome, record.verdict.basis) == (outcome, "stress_test")
        assert record.verdict.word is None


@pytest.mark.parametrize("status", ["suppressed", "not_observed"])
def test_nothing_is_shown_of_what_is_suppressed(status: str) -> None:
    hidden = estimate(5.0, 9.0, status=status, cells=100)
    shown = (hidden.value_m2, hidden.interval_m2, hidden.value_ha, hidden.interval_ha)
    assert set(shown) == {None}
    assert (hidden.share, hidden.share_interval, hidden.verdict) == (None, None, None)
    record = change(estimates={"net": hidden})
    assert (record.interval, record.basis, record.method) == (None, None, None)
    assert record.verdict is not None
    assert record.verdict.basis == "stress_test"


def test_the_most_trusted_basis_is_shown() -> None:
    own, assisted = estimate(1, 2), estimate(1, 2, basis="assisted")
    hidden = estimate(1, 2, status="suppressed")
    assert best([assisted, own]) == own
    assert best([hidden, assisted]) == assisted
    # Of equals the first, which is the newest.
    newest = estimate(3, 4)
    assert best([newest, own]) == newest
    assert best([]) is None


def statistics(year: int = 2021, **more: Any) -> Statistics:
    found = Statistics(edition=edition(year), sealed=1_000, observed=10_000, not_observed=0)
    return dataclasses.replace(found, **more)


@pytest.mark.parametrize(("cells", "same"), [(10_000, True), (9_950, True), (9_800, False)])
def test_an_interval_is_of_its_own_ground(cells: int, same: bool) -> None:
    record = statistics(estimate=estimate(90_000, 110_000, cells=cells))
    assert (record.interval is not None, record.share_interval is not None) == (same, same)
    assert record.basis == ("own" if same else None)


def borrowed(country: str, **more: Any) -> AreaEstimate | None:
    found = {"sealed": 1_000, "observed": 10_000} | more
    of = found.pop("edition", edition(2021))
    return borrowed_estimate(of, country=country, **found)


def test_what_a_zone_of_poland_borrows() -> None:
    """100 000 m² · .9103 / .9496; PA ± 5.4 points reaches from .8956 to 1."""
    found = borrowed("PL")
    assert found is not None
    assert found.value_m2 == pytest.approx(95_861.4, abs=0.1)
    assert found.interval_m2 == pytest.approx((91_030, 101_641.4), abs=0.1)
    assert (found.status, found.basis, found.sample, found.cells) == (
        "indicative",
        "borrowed",
        "PL",
        10_000,
    )


def test_what_is_too_wide_is_suppressed() -> None:
    """Iceland: PA 40.94 ± 27 points."""
    found = borrowed("IS")
    assert found is not None
    assert (found.status, found.value_m2) == ("suppressed", None)


@pytest.mark.parametrize(
    ("country", "more"),
    [
        ("", {}),
        ("XX", {}),
        ("DE", {}),  # without a half-width
        ("FR", {"edition": edition(2018)}),
        ("FR", {"edition": edition(2023)}),
        ("FR", {"edition": edition(2021, origin="modelled")}),
        ("FR", {"edition": edition(2021, origin="synthetic")}),
        ("FR", {"sealed": None, "observed": 0}),
    ],
)
def test_what_borrows_nothing(country: str, more: dict[str, Any]) -> None:
    assert borrowed(country, **more) is None


def test_a_borrowed_area_is_no_larger_than_what_is_observed() -> None:
    found = borrowed("FR", sealed=10_000)
    assert found is not None
    assert found.high_m2 == 1_000_000
