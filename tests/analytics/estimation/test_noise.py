"""Noise of a map: tables T3 and T4 of the domain's page on estimation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.estimation import COLUMNS, noise_alone, noise_of_shares
from analytics.figures import Change
from analytics.products import CLCPLUS, Accuracy
from analytics.records import Edition

ACCURACY_2021 = CLCPLUS.editions[2021].accuracy
assert ACCURACY_2021 is not None


def edition(year: int, **values: object) -> Edition:
    made = Edition(
        id=year,
        slug=f"clcplus-{year}",
        product="clcplus",
        product_name="CLC+ Backbone",
        year=year,
        version=1,
        origin="official",
        window_start=date(year, 1, 1),
        window_end=date(year, 12, 31),
        doi="",
        content_hash="",
        overview_key="",
        published_at=None,
    )
    return replace(made, **values)  # type: ignore[arg-type]


def change_of(
    earlier: Edition, later: Edition, *, observed: int, before: int, gain: int, loss: int
) -> Change:
    return Change(
        earlier=earlier,
        later=later,
        observed=observed,
        gain=gain,
        loss=loss,
        sealed_before=before,
    )


def test_t3_of_the_whole_map():
    noise = noise_alone(0.0284145, ACCURACY_2021)
    assert noise.prevalence == pytest.approx(0.03004, abs=5e-6)
    assert noise.false_positive_rate == pytest.approx(0.001954, abs=5e-7)
    assert noise.apparent_gain == pytest.approx(0.005002, abs=5e-7)


def test_t3_of_a_commune_of_15_km2():
    noise = noise_alone(0.10, ACCURACY_2021)
    assert noise.prevalence == pytest.approx(0.10573, abs=5e-6)
    assert noise.false_positive_rate == pytest.approx(0.0074586, abs=5e-8)
    assert noise.apparent_gain * 1500 == pytest.approx(26.35, abs=0.005)


def seen(true: tuple[float, ...], sensitivity: float, false_positives: float) -> np.ndarray:
    """Shares 00, 01, 10, 11 that two maps of independent errors would show of true ones."""
    confusion = np.array([[1 - false_positives, false_positives], [1 - sensitivity, sensitivity]])
    return np.asarray(true) @ np.kron(confusion, confusion)


def test_t4_of_the_matrix():
    found = seen((0.969, 0.001, 0.0, 0.030), 0.88, 0.002)
    assert found == pytest.approx((0.96567964, 0.00598036, 0.00510236, 0.02323764), abs=5e-9)


def test_the_noise_formula_is_the_matrix_with_no_true_change():
    noise = noise_alone(0.1, ACCURACY_2021)
    p = noise.prevalence
    _, gain, loss, _ = seen((1 - p, 0, 0, p), noise.sensitivity, noise.false_positive_rate)
    assert gain == pytest.approx(noise.apparent_gain)
    assert loss == pytest.approx(noise.apparent_gain)


def test_nothing_mapped_makes_no_noise():
    assert noise_alone(0.0, ACCURACY_2021).apparent_gain == 0


@given(
    st.floats(0, 1),
    st.floats(0.3, 1),
    st.floats(0.3, 1),
)
def test_noise_is_a_share_at_most_a_quarter(share, producers, users):
    noise = noise_alone(share, Accuracy(producers, 0, users, 0))
    assert 0 <= noise.prevalence <= 1
    assert 0 <= noise.false_positive_rate <= 0.5
    assert 0 <= noise.apparent_gain <= 0.25


def test_noise_of_many_shares_is_that_of_each():
    assert any(published.accuracy is not None for published in CLCPLUS.editions.values())
    for published in CLCPLUS.editions.values():
        if published.accuracy is not None:
            shares = np.linspace(0, 1, 1001)
            found = noise_of_shares(shares, published.accuracy, COLUMNS).apparent_gain
            each = [noise_alone(float(s), published.accuracy).apparent_gain for s in shares]
            assert found.tolist() == each


def test_a_small_net_change_is_not_told_from_noise():
    # 10 000 cells, 10 % sealed, accuracy of 2018 (the less accurate): π = .102383,
    # F = .0132904, gain = .0123123 + .0117712 = .0240835.
    change = change_of(
        edition(2018), edition(2021), observed=10_000, before=1000, gain=100, loss=100
    )
    found = change.verdict
    assert found is not None
    assert found.stress_test.noise == pytest.approx(240.8, abs=0.1)
    assert not found.distinguishable
    assert found.stress_test.accuracy_year == 2018
    assert not found.stress_test.stand_in


def test_a_large_net_change_stands_out():
    change = change_of(
        edition(2018), edition(2021), observed=10_000, before=1000, gain=2000, loss=0
    )
    found = change.verdict
    assert found is not None
    assert found.distinguishable


def test_unpublished_accuracy_is_borrowed_and_marked():
    pair = change_of(edition(2021), edition(2023), observed=10_000, before=1000, gain=10, loss=10)
    found = pair.verdict
    assert found is not None
    assert found.stress_test.accuracy_year == 2021
    assert found.stress_test.stand_in


def test_a_modelled_edition_does_not_take_the_official_accuracy():
    modelled = edition(2021, origin="modelled")
    change = change_of(edition(2018), modelled, observed=10_000, before=1000, gain=10, loss=10)
    found = change.verdict
    assert found is not None
    assert found.stress_test.stand_in


def test_no_verdict_where_nothing_is_observed():
    unseen = Change(earlier=edition(2018), later=edition(2021))
    assert unseen.status == "not_observed"
    assert unseen.verdict is None
