"""How figures are written, where the marks of charts stand, what zooms suit levels."""

from __future__ import annotations

import itertools
import json
from datetime import date

import pytest

from analytics.records import Edition, Level
from clcplus.presentation import charts, classes, numbers
from clcplus.presentation.outline import outline
from clcplus.views.maps.config import map_config


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (numbers.count(16912), "16 912"),
        (numbers.count(None), "–"),
        (numbers.count(0), "0"),
        (numbers.hectares(0.6), "0.60 ha"),
        (numbers.hectares(14.78), "14.8 ha"),
        (numbers.hectares(1478.4), "1 478 ha"),
        (numbers.hectares(1478.4, 1), "1 478.4 ha"),
        (numbers.signed_hectares(2.1), "+2.10 ha"),
        (numbers.signed_hectares(-1.9), "−1.90 ha"),
        (numbers.signed(0.0), "0.00"),
        (numbers.signed(-0.001), "0.00"),
        (numbers.signed(0.001), "0.00"),
        (numbers.percent(0.1143), "11.4 %"),
        (numbers.percent(0.0), "0 %"),
        (numbers.percent(1.0), "100.0 %"),
        (numbers.percent(0.0001), "< 0.1 %"),
        (numbers.percent(0.99999), "> 99.9 %"),
        (numbers.percent(None), "–"),
        (numbers.points(0.135), "+0.14 pp"),
        (numbers.points(-0.135), "−0.14 pp"),
        (numbers.signed_percent(1.26), "+1.3 %"),
        (numbers.square_metres(431.6), "432 m²"),
        (numbers.square_kilometres(14.78), "14.8 km²"),
        (numbers.square_kilometres(2742.1), "2 742 km²"),
        (numbers.area(0.0), "0"),
        (numbers.area(1226.13), "1 226.13"),
        (numbers.duration(12), "12 s"),
        (numbers.duration(200), "3 min 20 s"),
        (numbers.duration(7500), "2 h 05 min"),
    ],
)
def test_written_figures(written: str, expected: str) -> None:
    assert written.replace(numbers.SPACE, " ") == expected


def observation(year: int, share: float | None, *, joined: bool = True) -> charts.Observation:
    edition = Edition(
        id=year,
        slug=f"clcplus-{year}",
        product="clcplus",
        product_name="CLC+ Backbone",
        year=year,
        version=1,
        origin="official",
        window_start=date(year - 1, 7, 1),
        window_end=date(year + 1, 6, 30),
        doi="",
        content_hash="",
        overview_key="",
        published_at=None,
    )
    return charts.Observation(edition, share, joined)


def test_axis_of_shares_starts_at_nought() -> None:
    chart = charts.line_chart([observation(2018, 0.112), observation(2021, 0.116)])
    assert chart is not None
    assert chart.ticks[0].value == 0
    assert chart.ticks[0].y == chart.base
    assert chart.top >= 0.116
    first, second = chart.marks
    assert first.y is not None
    assert second.y is not None
    assert first.y > second.y
    # Positions are in proportion to shares.
    assert (chart.base - first.y) / (chart.base - second.y) == pytest.approx(
        0.112 / 0.116, abs=0.01
    )
    assert first.left >= 0
    assert second.left + second.width == pytest.approx(100, abs=0.1)


def test_what_is_not_observed_or_modelled_has_no_line() -> None:
    chart = charts.line_chart(
        [
            observation(2018, 0.1),
            observation(2021, None),
            observation(2023, 0.2),
            observation(2024, 0.3, joined=False),
        ]
    )
    assert chart is not None
    assert len(chart.segments) == 1
    assert chart.marks[1].y is None
    assert charts.line_chart([]) is None
    nothing = charts.line_chart([observation(2018, 0.0)])
    assert nothing is not None
    assert nothing.marks[0].y == nothing.base


def test_bars_and_slices_are_in_proportion() -> None:
    bars = classes.class_bars({2: 10, 3: 30, 6: 0, 7: 10})
    assert [(bar.code, bar.width) for bar in bars] == [(3, 100.0), (2, 33.33), (7, 33.33)]
    assert sum(bar.part for bar in bars) == pytest.approx(1)
    assert classes.class_bars({}) == ()
    slices = classes.composition({1: 1, 6: 3, 253: 100})
    assert [(s.left, s.width) for s in slices] == [(0.0, 25.0), (25.0, 75.0)]


def test_outline_keeps_holes_and_shape() -> None:
    square = [
        [[0, 0], [2, 0], [2, 1], [0, 1], [0, 0]],
        [[0.5, 0.25], [1, 0.25], [1, 0.5], [0.5, 0.25]],
    ]
    drawn = outline({"type": "MultiPolygon", "coordinates": [square]})
    assert drawn is not None
    assert drawn.width > drawn.height
    assert drawn.path.count("M") == 2
    assert outline(None) is None


@pytest.mark.django_db
def test_levels_take_turns_by_zoom() -> None:
    def level(slug: str, rank: int, zones: int) -> Level:
        return Level(
            slug=slug,
            name=slug,
            name_plural=slug,
            rank=rank,
            parent=None,
            vintage=2024,
            vintages=(2024,),
            zones=zones,
            bounds=(4.0, 46.0, 5.0, 47.0),
        )

    levels = [level("region", 0, 1), level("departement", 1, 5), level("commune", 2, 250)]
    config = json.loads(
        map_config(
            version="1",
            levels=levels,
            editions=[],
            edition=None,
            bounds=(4.0, 46.0, 5.0, 47.0),
        )
    )
    zooms = [(item["minzoom"], item["maxzoom"]) for item in config["levels"]]
    assert zooms[0][0] == 0
    assert zooms[-1][1] == 24
    assert all(a[1] == b[0] for a, b in itertools.pairwise(zooms))
    assert zooms[1][0] < zooms[2][0] < 9
