"""Intervals, verdicts and filtered change on a territory's page."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from tests.evidence import evidence
from tests.typography import faults, lines_of
from tests.world import World, world

__all__ = ["evidence", "world"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def with_evidence(evidence: World) -> World:
    return evidence


def text_of(client: Client, path: str) -> str:
    """The words of a page, as one line."""
    response = client.get(path)
    assert response.status_code == 200
    page = re.sub(r"<(script|style).*?</\1>", "", response.content.decode(), flags=re.S)
    return " ".join(
        unescape(re.sub(r"<[^>]+>", " ", page)).replace("\u202f", " ").replace("\xa0", " ").split()
    )


NORTH = "/territories/departement/07N/"


def test_the_sentence_says_that_it_grew_and_by_how_much(client: Client) -> None:
    text = text_of(client, NORTH)
    assert (
        "Nord-Valmont: sealed ground has probably grown, by between 3.00 ha and 7.00 ha from 2018"
        " to 2021." in text
    )
    assert "probably an increase" in text
    # The map's own +0.6 ha lies outside of 3 to 7 ha.
    assert "The map itself shows +0.60 ha, which lies outside of that range" in text
    # The legend of the map alone.
    assert text.count("not distinguishable from map noise") == 1


def test_the_panel_has_the_numbers_behind_it(client: Client) -> None:
    panel = text_of(client, NORTH).split("How sure is this?", 2)[2]
    assert "+0.60 ha: 1.00 ha newly sealed, 0.40 ha no longer sealed, counted cell by cell" in panel
    assert (
        "+0.30 ha: 0.60 ha newly sealed, 0.30 ha no longer sealed, in patches of at least 0.25 ha"
        in panel
    )
    assert "+5.00 ha, with a 95 % interval from +3.00 ha to +7.00 ha: of 100" in panel
    assert "Sample “Ardèche 2018–2021”, 120 labelled points here. Orthophotos" in panel
    assert "A reference sample that was drawn for this territory ( stratified_labels )" in panel
    assert "What errors of the maps alone could make (stress test)" in panel
    assert "Net change as mapped (+0.60 ha) is smaller than that" in panel
    assert "30.6 ha as mapped; truly between 32.0 ha and 38.0 ha (95 %)" in panel


def test_raw_filtered_and_estimated_stand_side_by_side(client: Client) -> None:
    table = text_of(client, NORTH).split("Gain, loss and net", 1)[1]
    assert "ha, as mapped 1.00 0.40 +0.60" in table
    assert "ha, patches of at least 0.25 ha 0.60 0.30 +0.30" in table
    assert "ha, patches of at least 5 ha and 100 m wide 0.00 0.00 0.00" in table
    assert "8.00 6.00 … 10.0 3.00 2.00 … 4.00 +5.00 +3.00 … +7.00" in table


def test_an_interval_that_holds_zero(client: Client) -> None:
    text = text_of(client, "/territories/commune/07001/")
    assert (
        "whether sealed ground has grown from 2018 to 2021 cannot be told: anything from 0.50 ha"
        " less to 2.50 ha more is possible." in text
    )
    assert "a model that leans on the larger territory around this one".capitalize() in text
    assert "has probably grown" not in text


def test_without_an_interval_the_stress_test_is_named(client: Client) -> None:
    text = text_of(client, "/territories/commune/07002/")
    assert (
        "Bourg-l'Évêque: whether sealed ground has grown from 2018 to 2021 cannot be told from the"
        " noise of the map." in text
    )
    assert "stress test: independent errors" in text
    assert "No published reference sample speaks of this territory’s change." in text
    assert "The change between these two editions has not been filtered." in text
    assert "2021 alone" not in text.split("What the reference sample says")[1][:120]


def test_what_is_suppressed_shows_no_figure(client: Client) -> None:
    text = text_of(client, "/territories/commune/07101/")
    assert "It has too few points here for a figure, so none is given." in text
    assert "suppressed" in text
    assert "-9 ha" not in text
    assert "−9 ha" not in text


def test_nothing_is_observed_in_both(client: Client) -> None:
    text = text_of(client, "/territories/commune/07102/")
    assert "La Fage: no cell is observed in both editions, so nothing is known of change." in text


def test_france_borrows_on_the_page(client: Client, settings: Any) -> None:
    settings.CLCPLUS_COUNTRY = "FR"
    text = text_of(client, "/territories/commune/07001/")
    assert "borrowed from the accuracy published for the group of countries" in text
    assert "Group of countries: FR." in text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "Nord-Valmont : le sol imperméabilisé a probablement augmenté"),
        ("pl", "Nord-Valmont: powierzchnia zasklepiona prawdopodobnie wzrosła"),
    ],
)
def test_in_other_languages(client: Client, language: str, said: str) -> None:
    assert said in text_of(client, f"/{language}{NORTH}")


@pytest.mark.parametrize("language", ["fr", "pl"])
@pytest.mark.parametrize("code", ["departement/07N", "commune/07001", "commune/07101"])
def test_it_is_printed_as_its_language_is(
    client: Client, settings: Any, language: str, code: str
) -> None:
    settings.CLCPLUS_COUNTRY = "FR"
    lines = lines_of(client.get(f"/{language}/territories/{code}/").content.decode())
    assert [fault for line in lines for fault in faults(line, language)] == []


def test_the_chart_draws_each_source_on_one_scale(client: Client) -> None:
    page = client.get(NORTH).content.decode()
    chart = page[page.index('class="chart certainty"') :]
    chart = chart[: chart.index("</svg>\n</div>")]
    dots = {
        kind: float(x) for kind, x in re.findall(r'certainty__dot--(\w+)" cx="([\d.]+)%"', chart)
    }
    # Map +0.6, filter +0.3, estimate +5 ha; zero lies to the left of all.
    assert dots["filter"] < dots["map"] < dots["estimate"]
    left, width = (
        float(number)
        for number in re.findall(
            r'<svg x="([\d.]+)%" y="\d+" width="([\d.]+)%"[^>]*><rect class="certainty__estimate"',
            chart,
        )[0]
    )
    assert left + width / 2 == pytest.approx(dots["estimate"], abs=0.02)
