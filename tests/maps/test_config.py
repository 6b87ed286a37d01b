"""What a page tells its map about pairs of editions, and the legends of what shades territories."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from analytics import queries
from analytics.records import Edition
from clcplus import reading
from clcplus.presentation.colours import CHANGE_BREAKS, PER_INHABITANT_BREAKS
from clcplus.views.maps.config import map_config
from clcplus.views.maps.legends import change_steps, per_inhabitant_steps
from tests.world import World

BOUNDS = (5.0, 49.0, 6.0, 50.0)


def config_of(editions: list[Edition], *, across: bool = False) -> dict[str, Any]:
    with reading.snapshot() as connection:
        levels = queries.levels(connection)
    text = map_config(
        version="7",
        levels=levels,
        editions=editions,
        edition=editions[-1],
        bounds=BOUNDS,
        across=across,
    )
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.mark.django_db
def test_pairs_go_from_earlier_to_later(world: World) -> None:
    with reading.snapshot() as connection:
        editions = queries.editions(connection)
    config = config_of(editions)
    (pair,) = config["pairs"]
    assert (pair["from"], pair["to"]) == ("clcplus-2018", "clcplus-2021")
    assert pair["tiles"] == "/tiles/change/clcplus-2018/clcplus-2021/{z}/{x}/{y}.png?v=7"
    assert pair["tiles_twice"].endswith("/{z}/{x}/{y}@2x.png?v=7")
    assert pair["key"] == "change_clcplus_2018_clcplus_2021"
    assert pair["clear"] == "clear_clcplus_2018_clcplus_2021"
    assert config["pair"] == {"from": "clcplus-2018", "to": "clcplus-2021"}
    assert pair["asked"] == ""


@pytest.mark.django_db
def test_one_edition_has_no_change(world: World) -> None:
    with reading.snapshot() as connection:
        editions = queries.editions(connection)[:1]
    config = config_of(editions)
    assert (config["pairs"], config["pair"]) == ([], None)


@pytest.mark.django_db
def test_a_modelled_edition_is_compared_where_asked_and_never_clear(world: World) -> None:
    with reading.snapshot() as connection:
        editions = queries.editions(connection)
    modelled = replace(editions[-1], slug="modelled-2024", year=2024, origin="modelled")
    assert len(config_of([*editions, modelled])["pairs"]) == 1
    config = config_of([*editions, modelled], across=True)
    assert config["pair"]["to"] == "clcplus-2021"
    main, across, other = (config["pairs"][i] for i in (0, 1, 2))
    assert (main["asked"], main["clear"] is None) == ("", False)
    for pair, earlier in ((across, "clcplus-2018"), (other, "clcplus-2021")):
        assert pair["asked"] == f"&from={earlier}&to=modelled-2024&across=origins"
        # Whether it stands out of noise is not known across origins.
        assert pair["clear"] is None
    other = replace(modelled, product="other")
    assert len(config_of([*editions, other], across=True)["pairs"]) == 1


def test_legends_have_a_class_more_than_limits() -> None:
    change, people = change_steps(), per_inhabitant_steps()
    assert len(change) == len(CHANGE_BREAKS) + 1
    assert len(people) == len(PER_INHABITANT_BREAKS) + 1
    assert [step.number for step in change] == [1, 2, 3, 4, 5, 6]
    assert change[0].label.startswith("<")
    assert change[-1].label.startswith("≥")
    assert people[0].label == "0"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/territories/commune/07001/"])
def test_pages_style_nothing_in_their_markup(client: Client, world: World, path: str) -> None:
    # The policy forbids it: what scripts place, they place through the element's style.
    page = client.get(path).content.decode()
    assert " style=" not in page
    assert 'name="from"' in page
    assert 'data-legend="gain"' in page
