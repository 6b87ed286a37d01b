"""Days, times, sizes of files and places in an order, as each language writes them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from clcplus.presentation import numbers
from clcplus.templatetags import dates
from ops import translations

FIRST = date(2022, 10, 1)
MOMENT = datetime(2026, 11, 29, 7, 4, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> Iterator[None]:
    translations.compile_all()
    yield
    translation.deactivate()


@pytest.mark.parametrize(
    ("language", "day", "later", "month", "moment"),
    [
        ("en-gb", "1 October 2022", "21 October 2022", "October 2022", "29 November 2026, 07:04"),
        (
            "fr",
            "1er octobre 2022",
            "21 octobre 2022",
            "octobre 2022",
            "29 novembre 2026 à 7\u00a0h\u00a004",
        ),
        (
            "pl",
            "1 października 2022\u00a0r.",
            "21 października 2022\u00a0r.",
            "październik 2022",
            "29 listopada 2026\u00a0r., 07:04",
        ),
    ],
)
def test_days_and_times(language: str, day: str, later: str, month: str, moment: str) -> None:
    with translation.override(language):
        assert dates.day(FIRST) == day
        assert dates.day(date(2022, 10, 21)) == later
        assert dates.month(FIRST) == month
        assert dates.moment(MOMENT) == moment


@pytest.mark.parametrize(
    ("language", "sizes"),
    [
        ("en-gb", ["999\u202fbyte", "1.0\u202fkB", "129\u202fkB", "52\u202fMB", "1.2\u202fGB"]),
        ("fr", ["999\u202fo", "1,0\u202fko", "129\u202fko", "52\u202fMo", "1,2\u202fGo"]),
        ("pl", ["999\u202fB", "1,0\u202fkB", "129\u202fkB", "52\u202fMB", "1,2\u202fGB"]),
    ],
)
def test_sizes_are_counted_in_thousands(language: str, sizes: list[str]) -> None:
    with translation.override(language):
        found = [numbers.file_size(n) for n in (999, 1000, 129_430, 52_428_800, 1_200_000_000)]
        assert found == sizes


@pytest.mark.parametrize(
    ("language", "places"),
    [
        ("en-gb", ["1st", "2nd", "3rd", "4th", "11th", "12th", "21st", "68th", "104th"]),
        ("fr", ["1er", "2e", "3e", "4e", "11e", "12e", "21e", "68e", "104e"]),
        ("pl", ["1.", "2.", "3.", "4.", "11.", "12.", "21.", "68.", "104."]),
    ],
)
def test_places_in_an_order(language: str, places: list[str]) -> None:
    with translation.override(language):
        assert [numbers.ordinal(n) for n in (1, 2, 3, 4, 11, 12, 21, 68, 104)] == places


def test_what_is_not_known_has_no_date() -> None:
    assert (dates.day(None), dates.month(None), dates.moment(None)) == ("", "", "")
    assert numbers.file_size(None) == numbers.ordinal(None) == numbers.NOTHING
