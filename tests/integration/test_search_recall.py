"""Misspelt names of real communes are found: drawn from all of France's, the same in each run."""

from __future__ import annotations

import random

import pytest
from django.core.management import call_command

from analytics import queries
from analytics.search.names import search_key
from clcplus import reading
from tests import french_names, misspelt_names

DRAWN = 60
SHOWN = 5


@pytest.fixture(scope="module")
def names(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> object:
    """Names of six letters and more, drawn; all communes are in the search meanwhile."""
    if not french_names.FILE.exists():
        pytest.skip("the communes are not beside this checkout (../shared/data)")
    communes = french_names.communes()
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        french_names.load(communes, vintages=(2020, 2024))
    drawn = misspelt_names.long_enough(commune.name for commune in communes)
    random.Random(11).shuffle(drawn)
    yield drawn
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        reading.dispose()
        call_command("flush", interactive=False, verbosity=0)


def recalled(pairs: list[tuple[str, str]]) -> float:
    """Share of names that are among the first few of what is found for their misspelling."""
    hits = 0
    for typed, name in pairs:
        with reading.snapshot() as connection:
            results = queries.search(connection, text=typed)
        shown = (*results.found, *results.near)[:SHOWN]
        key = search_key(name)
        hits += any(search_key(found.territory.link.name) == key for found in shown)
    return hits / len(pairs)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", misspelt_names.ONE_LETTER)
def test_names_with_one_mistake(names: list[str], kind: str) -> None:
    pairs = misspelt_names.misspelt(names[:DRAWN], misspelt_names.ONE_LETTER[kind])
    assert recalled(pairs) >= 0.9


@pytest.mark.django_db
@pytest.mark.parametrize("kind", misspelt_names.HABITS)
def test_names_as_people_write_them(names: list[str], kind: str) -> None:
    pairs = misspelt_names.misspelt(names, misspelt_names.HABITS[kind])[:DRAWN]
    assert pairs
    assert recalled(pairs) >= 0.9


@pytest.mark.django_db
def test_the_largest_come_first_while_typing(names: list[str]) -> None:
    for typed, first in (
        ("toulo", "Toulouse"),
        ("le havre", "Havre"),
        ("la roch", "Rochelle"),
        ("lyon", "Lyon"),
        ("st etien", "Saint-Étienne"),
    ):
        with reading.snapshot() as connection:
            results = queries.search(connection, text=typed)
        assert results.found[0].territory.link.name == first
