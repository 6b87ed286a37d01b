"""What a search of the small world finds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text

from analytics import queries
from analytics.records import Found
from analytics.search.spelling import trigrams
from clcplus import reading
from tests.statements import counted
from tests.world import World, world

__all__ = ["world"]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("key", ["saint elie d aubrac", "x", "l hay les roses", "nanana"])
def test_trigrams_are_those_of_the_database(key: str) -> None:
    with reading.snapshot() as connection:
        found = connection.execute(text("select show_trgm(:key)"), {"key": key}).scalar_one()
    assert trigrams(key) == set(found)


@pytest.fixture
def connection(world: World) -> Iterator[Connection]:
    with reading.snapshot() as opened:
        yield opened


def codes(found: tuple[Found, ...]) -> list[str]:
    return [item.territory.link.code for item in found]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("saint elie", ["07001"]),
        ("SAINT-ÉLIE", ["07001"]),
        ("St Élie", ["07001"]),
        ("st", ["07001"]),
        ("aub", ["07001"]),
        ("elie aubrac", ["07001"]),
        ("aubrac elie", ["07001"]),
        ("l'év", ["07002"]),
        ("fage", ["07102"]),
        ("le montrieux", ["07101"]),
        ("les mont", ["07101"]),
        ("valmont", ["07", "07N", "07S"]),
        ("07n", ["07N"]),
        ("07001", ["07001"]),
        ("0710", ["07101", "07102"]),
        ("07", ["07", "07N", "07S", "07002", "07001", "07101", "07102", "07003"]),
        ("bourg", ["07002", "07003"]),
        ("lie", []),
        ("%", []),
        ("b%", []),
        ("_", []),
        ("", []),
    ],
)
def test_search(connection: Connection, typed: str, expected: list[str]) -> None:
    results = queries.search(connection, text=typed)
    assert codes(results.found) == expected


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("montreux", "07101"),
        ("Montireux", "07101"),
        ("monttrieux", "07101"),
        ("saint eile d'aubrac", "07001"),
        ("St Elie d'Obrac", "07001"),
        ("sainteliedaubrac", "07001"),
        ("elye daubrac", "07001"),
        ("bourg lévéqe", "07002"),
        ("vieux burg", "07003"),
        ("valmnt", "07"),
    ],
)
def test_misspelt_names_are_found_and_said_to_be_near(
    connection: Connection, typed: str, first: str
) -> None:
    results = queries.search(connection, text=typed)
    assert results.found == ()
    assert codes(results.near)[0] == first


@pytest.mark.parametrize("typed", ["zzz", "xylophone", "q", "99999", "montagne bleue"])
def test_nothing_is_near_what_is_far(connection: Connection, typed: str) -> None:
    results = queries.search(connection, text=typed)
    assert (results.found, results.near) == ((), ())


@pytest.mark.parametrize("typed", ["fantome", "Saint-Élie-Fantôme", "fantme", "07999", "0799"])
def test_hidden_layers_are_never_found(connection: Connection, typed: str) -> None:
    results = queries.search(connection, text=typed)
    names = [item.territory.link.name for item in results.found + results.near]
    assert not [name for name in names if "Fantôme" in name]
    assert "07999" not in codes(results.found + results.near)


@pytest.mark.parametrize("typed", ["Montrieux", "07101", "valmont"])
def test_nothing_near_beside_what_is_met_whole(connection: Connection, typed: str) -> None:
    assert queries.search(connection, text=typed).near == ()


def test_near_names_stand_beside_beginnings_that_few_have(connection: Connection) -> None:
    results = queries.search(connection, text="Nord-Val")
    assert codes(results.found) == ["07N"]
    assert not set(codes(results.near)) & {"07N"}


def test_one_letter_finds_whole_codes_and_names_only(connection: Connection) -> None:
    results = queries.search(connection, text="v")
    assert (results.found, results.near, results.too_short) == ((), (), True)
    assert not queries.search(connection, text="va").too_short


def test_more_are_told_of(connection: Connection) -> None:
    results = queries.search(connection, text="val", limit=2)
    assert (codes(results.found), results.more) == (["07", "07N"], True)
    assert not queries.search(connection, text="val", limit=3).more


def test_a_code_that_has_gone_leads_to_its_successor(connection: Connection) -> None:
    for typed in ("07003", "vieux bourg"):
        (found,) = queries.search(connection, text=typed).found
        assert not found.territory.link.current
        assert found.successor is not None
        assert (found.successor.code, found.successor.name) == ("07002", "Bourg-l'Évêque")
        assert (found.gone_since, found.former_name) == (2024, None)


def test_parents_and_inhabitants_tell_namesakes_apart(connection: Connection) -> None:
    (found,) = queries.search(connection, text="montrieux").found
    assert (found.territory.parent_name, found.territory.inhabitants) == ("Sud-Valmont", 300)


@pytest.mark.parametrize(
    ("typed", "most"), [("saint elie", 5), ("07003", 2), ("valmont", 2), ("zzzzzz", 6)]
)
def test_statements_are_few(connection: Connection, typed: str, most: int) -> None:
    with counted() as sent:
        queries.search(connection, text=typed)
    assert 0 < len(sent) <= most


def test_without_text_nothing_is_asked(connection: Connection) -> None:
    with counted() as sent:
        assert queries.search(connection, text=" - ").found == ()
    assert sent == []
