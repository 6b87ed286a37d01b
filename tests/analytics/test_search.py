"""Names as searches compare them, misspelt ones too."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.search.names import search_key, search_keys, without_article
from analytics.search.spelling import distances, farness, similarity_with, tolerated, trigrams

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


@given(st.text("abcdefgh", min_size=6, max_size=20), st.data())
def test_one_swap_leaves_a_candidate(key: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(key) - 2))
    swapped = key[:at] + key[at + 1] + key[at] + key[at + 2 :]
    mine, other = trigrams(swapped), trigrams(key)
    if len(mine) == len(other) == len(key) + 1:  # no trigram twice
        assert len(mine & other) / len(mine | other) >= similarity_with(swapped, spoilt=4)
