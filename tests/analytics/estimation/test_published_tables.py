"""The estimators give published tables to their last printed digit."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.estimation import (
    Z_95,
    Assessment,
    Detection,
    Frame,
    assess_labels,
    assess_matrix,
    difference_estimate,
    implied_transitions,
    rogan_gladen,
    shrunk_estimate,
    stressed_transitions,
)
from tests.analytics.estimation import tables


@pytest.fixture(scope="module")
def clcplus() -> Assessment:
    return assess_matrix(
        tables.CLCPLUS_2021, areas=tables.CLCPLUS_2021_KM2, classes=tables.CLCPLUS_CLASSES
    )


def test_t1_accuracies_of_all_classes(clcplus: Assessment) -> None:
    users = [f"{100 * c.users.value:.2f}" for c in clcplus.classes if c.users]
    producers = [f"{100 * c.producers.value:.2f}" for c in clcplus.classes if c.producers]
    assert " ".join(users) == tables.CLCPLUS_2021_USERS
    assert " ".join(producers) == tables.CLCPLUS_2021_PRODUCERS


def test_t1_overall_accuracy(clcplus: Assessment) -> None:
    assert clcplus.overall is not None
    assert f"{clcplus.overall.value:.7f}" == "0.9371478"
    assert f"{Z_95 * clcplus.overall.se:.7f}" == "0.0026198"


def test_t1_sealed(clcplus: Assessment) -> None:
    sealed = clcplus.classes[0]
    assert sealed.name == "1"
    assert sealed.users is not None
    assert sealed.producers is not None
    assert f"{Z_95 * sealed.users.se:.5f}" == "0.00876"
    assert f"{Z_95 * sealed.producers.se:.5f}" == "0.01852"
    assert f"{sealed.area.value:.3f}" == "173705.900"
    assert f"{Z_95 * sealed.area.se:.3f}" == "3913.804"
    assert sealed.area.ci_low == sealed.area.value - Z_95 * sealed.area.se
    assert sealed.area.ci_high == sealed.area.value + Z_95 * sealed.area.se


def test_t2_olofsson_2014() -> None:
    found = assess_matrix(
        tables.OLOFSSON_2014,
        areas=tables.OLOFSSON_2014_HECTARES,
        classes=tables.OLOFSSON_2014_CLASSES,
    )
    areas = [(f"{c.area.value:.3f}", f"{Z_95 * c.area.se:.3f}") for c in found.classes]
    assert areas == [
        ("21157.762", "6157.521"),
        ("11686.154", "3755.757"),
        ("285769.930", "15509.551"),
        ("581386.154", "16281.357"),
    ]
    users = [f"{c.users.value:.5f}" for c in found.classes if c.users]
    producers = [f"{c.producers.value:.5f}" for c in found.classes if c.producers]
    assert users == ["0.88000", "0.73333", "0.92727", "0.96308"]
    assert producers == ["0.74866", "0.84716", "0.93451", "0.96161"]
    assert found.overall is not None
    assert f"{found.overall.value:.7f}" == "0.9465119"
    assert f"{Z_95 * found.overall.se:.7f}" == "0.0184833"


def test_stehman_2014() -> None:
    """Pages 4932 to 4936: the area of A and C, overall accuracy, user's and producer's of B."""
    strata = list(tables.STEHMAN_2014_UNITS)
    frame = Frame(
        names=tuple(strata),
        sizes=np.array(list(tables.STEHMAN_2014_UNITS.values()), dtype=float),
        measure="units",
    )
    stratum, mapped, reference = zip(*tables.STEHMAN_2014, strict=True)
    found = assess_labels(
        frame,
        np.array([strata.index(name) for name in stratum]),
        mapped=np.array(["ABCD".index(label) for label in mapped]),
        reference=np.array(["ABCD".index(label) for label in reference]),
        classes="ABCD",
    )
    a, b, c, _ = found.classes
    whole = 100_000
    assert (a.area.value / whole, c.area.value / whole) == pytest.approx((0.35, 0.20))
    assert [f"{estimate.area.se / whole:.3f}" for estimate in (a, c)] == ["0.082", "0.064"]
    assert found.overall is not None
    assert found.overall.value == pytest.approx(0.63)
    assert f"{found.overall.se:.3f}" == "0.085"
    assert b.users is not None
    assert b.producers is not None
    assert [f"{e.value:.3f}" for e in (b.users, b.producers)] == ["0.574", "0.794"]
    # With the finite population correction, as in equation 28.
    assert [f"{e.se:.3f}" for e in (b.users, b.producers)] == ["0.125", "0.117"]


STRESSED = Detection(sensitivity=0.88, false_positive_rate=0.002)
TRUE = (0.969, 0.001, 0.0, 0.030)


def test_t4_transitions_and_their_inverse() -> None:
    shown = stressed_transitions(TRUE, earlier=STRESSED, later=STRESSED)
    assert [f"{share:.8f}" for share in shown] == [
        "0.96567964",
        "0.00598036",
        "0.00510236",
        "0.02323764",
    ]
    back = implied_transitions(shown, earlier=STRESSED, later=STRESSED)
    assert back == pytest.approx(TRUE, abs=1e-12)


def test_t4_rogan_gladen() -> None:
    detection = Detection(sensitivity=0.85, false_positive_rate=1 - 0.995)
    assert f"{rogan_gladen(0.04, detection):.7f}" == "0.0414201"


def test_t5_difference() -> None:
    residuals = [0] * 92 + [1] * 5 + [-1] * 3
    found = difference_estimate(0.10, mapped=[0] * 100, reference=residuals)
    assert f"{found.value:.2f} {found.se:.6f}" == "0.12 0.028356"


def test_t5_fay_herriot() -> None:
    found = shrunk_estimate(0.12, sampling_variance=0.0009, synthetic=0.10, model_variance=0.0001)
    assert f"{found.value:.3f} {found.se:.7f}" == "0.102 0.0094868"
