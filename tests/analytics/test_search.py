"""Names as searches compare them, misspelt ones too, and what a search of the small world finds."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from analytics import queries
from analytics.records import Found
from analytics.search.names import search_key, search_keys, without_article
from analytics.search.spelling import distances, farness, tolerated
from analytics.search.trigrams import similarity_with, trigrams
from clcplus import reading
from tests.statements import counted
from tests.world import World, world

__all__ = ["world"]

LETTERS = st.text("abc ", max_size=9)


# Keys ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Saint-Élie-d'Aubrac", "saint elie d aubrac"),
        ("  L’Haÿ-les-Roses ", "l hay les roses"),
        ("Œuilly", "oeuilly"),
        ("Gießen", "giessen"),
        ("Łódź", "lodz"),
        ("Żyrardów", "zyrardow"),
        ("Świętochłowice", "swietochlowice"),
        ("İstanbul", "istanbul"),
        ("100 % _x", "100 x"),
        ("--", ""),
    ],
)
def test_search_key(name: str, key: str) -> None:
    assert search_key(name) == key


@given(st.text(max_size=30))
def test_key_of_a_key_is_itself(name: str) -> None:
    key = search_key(name)
    assert search_key(key) == key
    assert key == " ".join(key.split())
    assert not set(key) & set("%_\\'-’")


@given(st.text("aéèêëïôöùçœłżźćńśąóABCÉ-' ", max_size=30))
def test_key_is_the_same_in_capitals_and_however_accents_are_written(name: str) -> None:
    assert search_key(name.upper()) == search_key(name)
    assert search_key(unicodedata.normalize("NFD", name)) == search_key(name)


@given(st.text("abcé", min_size=1, max_size=12), st.text("abcé", min_size=1, max_size=12))
def test_hyphens_apostrophes_and_blanks_are_alike(first: str, second: str) -> None:
    keys = {search_key(f"{first}{between}{second}") for between in ("-", "'", "’", " ", "  ", "/")}
    assert keys == {f"{search_key(first)} {search_key(second)}"}


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("St Elie", ("st elie", "saint elie")),
        ("Ste-Foy", ("ste foy", "sainte foy")),
        ("Strasbourg", ("strasbourg",)),
        ("", ("",)),
    ],
)
def test_saint_may_be_written_short(typed: str, keys: tuple[str, ...]) -> None:
    assert search_keys(typed) == keys


@pytest.mark.parametrize(
    ("key", "rest"),
    [("le havre", "havre"), ("l ile rousse", "ile rousse"), ("la r", ""), ("lens", ""), ("la", "")],
)
def test_article_at_the_beginning(key: str, rest: str) -> None:
    assert without_article(key) == rest


# Spelling -----------------------------------------------------------------------------------------
def alignment(typed: str, name: str) -> int:
    """Optimal string alignment by the book: a table of all prefixes."""
    table = [[row + column for column in range(len(name) + 1)] for row in range(len(typed) + 1)]
    for row in range(1, len(typed) + 1):
        for column in range(1, len(name) + 1):
            a, b = typed[row - 1], name[column - 1]
            table[row][column] = min(
                table[row - 1][column] + 1,
                table[row][column - 1] + 1,
                table[row - 1][column - 1] + (a != b),
            )
            swapped = row > 1 and column > 1 and a == name[column - 2] and typed[row - 2] == b
            if swapped:
                table[row][column] = min(table[row][column], table[row - 2][column - 2] + 1)
    return table[-1][-1]


@given(LETTERS, LETTERS)
def test_distances_are_those_of_the_table(typed: str, name: str) -> None:
    expected = [alignment(typed, name[:length]) for length in range(len(name) + 1)]
    assert list(distances(typed, name)) == expected


@given(LETTERS)
def test_a_name_is_not_far_from_itself(name: str) -> None:
    assert farness(name, name) == 0


@pytest.mark.parametrize(
    ("typed", "nearer", "farther"),
    [
        ("neuily", "neuilly", "neuilly sur seine"),
        ("neuily", "neuilly sur seine", "mont neuilly"),
        ("chalon", "chalon sur saone", "chaloniere"),
        ("monreuil", "montreuil", "montreux"),
    ],
)
def test_whole_names_are_nearer_than_parts(typed: str, nearer: str, farther: str) -> None:
    assert farness(typed, nearer) < farness(typed, farther)


def test_short_names_tolerate_less() -> None:
    assert [tolerated("x" * length) for length in (2, 3, 5, 6, 11, 12)] == [0, 1, 1, 2, 2, 3]


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["saint elie d aubrac", "x", "l hay les roses", "nanana"])
def test_trigrams_are_those_of_the_database(key: str) -> None:
    with reading.snapshot() as connection:
        found = connection.execute(text("select show_trgm(:key)"), {"key": key}).scalar_one()
    assert trigrams(key) == set(found)


@given(st.text("abcdefgh", min_size=6, max_size=20), st.data())
def test_one_swap_leaves_a_candidate(key: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(key) - 2))
    swapped = key[:at] + key[at + 1] + key[at] + key[at + 2 :]
    mine, other = trigrams(swapped), trigrams(key)
    if len(mine) == len(other) == len(key) + 1:  # no trigram twice
        assert len(mine & other) / len(mine | other) >= similarity_with(swapped, spoilt=4)


# The search ---------------------------------------------------------------------------------------
@pytest.fixture
def connection(world: World) -> Iterator[Connection]:
    with reading.snapshot() as opened:
        yield opened


def codes(found: tuple[Found, ...]) -> list[str]:
    return [item.territory.link.code for item in found]


@pytest.mark.django_db
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


@pytest.mark.django_db
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


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["zzz", "xylophone", "q", "99999", "montagne bleue"])
def test_nothing_is_near_what_is_far(connection: Connection, typed: str) -> None:
    results = queries.search(connection, text=typed)
    assert (results.found, results.near) == ((), ())


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["fantome", "Saint-Élie-Fantôme", "fantme", "07999", "0799"])
def test_hidden_layers_are_never_found(connection: Connection, typed: str) -> None:
    results = queries.search(connection, text=typed)
    names = [item.territory.link.name for item in results.found + results.near]
    assert not [name for name in names if "Fantôme" in name]
    assert "07999" not in codes(results.found + results.near)


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["Montrieux", "07101", "valmont"])
def test_nothing_near_beside_what_is_met_whole(connection: Connection, typed: str) -> None:
    assert queries.search(connection, text=typed).near == ()


@pytest.mark.django_db
def test_near_names_stand_beside_beginnings_that_few_have(connection: Connection) -> None:
    results = queries.search(connection, text="Nord-Val")
    assert codes(results.found) == ["07N"]
    assert not set(codes(results.near)) & {"07N"}


@pytest.mark.django_db
def test_one_letter_finds_whole_codes_and_names_only(connection: Connection) -> None:
    results = queries.search(connection, text="v")
    assert (results.found, results.near, results.too_short) == ((), (), True)
    assert not queries.search(connection, text="va").too_short


@pytest.mark.django_db
def test_more_are_told_of(connection: Connection) -> None:
    results = queries.search(connection, text="val", limit=2)
    assert (codes(results.found), results.more) == (["07", "07N"], True)
    assert not queries.search(connection, text="val", limit=3).more


@pytest.mark.django_db
def test_a_code_that_has_gone_leads_to_its_successor(connection: Connection) -> None:
    for typed in ("07003", "vieux bourg"):
        (found,) = queries.search(connection, text=typed).found
        assert not found.territory.link.current
        assert found.successor is not None
        assert (found.successor.code, found.successor.name) == ("07002", "Bourg-l'Évêque")
        assert (found.gone_since, found.former_name) == (2024, None)


@pytest.mark.django_db
def test_parents_and_inhabitants_tell_namesakes_apart(connection: Connection) -> None:
    (found,) = queries.search(connection, text="montrieux").found
    assert (found.territory.parent_name, found.territory.inhabitants) == ("Sud-Valmont", 300)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "most"), [("saint elie", 5), ("07003", 2), ("valmont", 2), ("zzzzzz", 6)]
)
def test_statements_are_few(connection: Connection, typed: str, most: int) -> None:
    with counted() as sent:
        queries.search(connection, text=typed)
    assert 0 < len(sent) <= most


@pytest.mark.django_db
def test_without_text_nothing_is_asked(connection: Connection) -> None:
    with counted() as sent:
        assert queries.search(connection, text=" - ").found == ()
    assert sent == []
