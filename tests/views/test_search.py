"""The page of search results, and the suggestions under a search field."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from analytics.records import Found, TerritoryLink, TerritorySummary
from clcplus.views.pages import search
from tests.statements import counted
from tests.world import world

__all__ = ["world"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


def page(client: Client, path: str, **query: str) -> str:
    response = client.get(path, query)
    assert response.status_code == 200
    return response.content.decode()


def words(source: str) -> str:
    source = re.sub(r"<(script|style).*?</\1>", "", source, flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", source).replace("&#x27;", "'").split())


def main(client: Client, text: str) -> str:
    return page(client, "/search/", q=text).split("<main", 1)[1].split("</main>")[0]


# The page
def test_results_by_level_with_what_holds_them(client: Client) -> None:
    found = main(client, "valmon")
    assert re.findall(r"<h2>(.*?)</h2>", found) == ["Region", "Département"]
    assert "3 places" in words(found)
    assert "07N Valmont 6 060 inhabitants" in words(found)


def test_near_misses_are_said_to_be(client: Client) -> None:
    found = main(client, "Montireux")
    assert "No exact match; did you mean…" in words(found)
    assert 'href="/territories/commune/07101/"' in found
    assert "did you mean" not in words(main(client, "Montrieu"))


def test_near_misses_stand_below_what_matches(client: Client) -> None:
    # "Bourg-l…" begins so; "Vieux-Bourg" has a word that begins so; nothing else comes near.
    assert "Nearly the same name" not in words(main(client, "bourg"))


def test_a_code_that_has_gone_leads_to_its_successor(client: Client) -> None:
    found = main(client, "07003")
    assert "07003 Vieux-Bourg has been part of 07002 Bourg-l'Évêque since 2024" in words(found)
    assert 'href="/territories/commune/07002/"' in found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Which place do you look for?"),
        ("   ", "Which place do you look for?"),
        ("v", "One letter is too short"),
        ("zzzz", "No place of this name or code"),
    ],
)
def test_states_without_results_offer_a_field(client: Client, text: str, said: str) -> None:
    found = main(client, text)
    assert said in words(found)
    assert '<input id="find" type="search" name="q"' in found
    assert 'action="/search/"' in found


def test_what_was_typed_is_text(client: Client) -> None:
    assert "&lt;b&gt;" in main(client, "<b>")
    assert "<b>x" not in page(client, "/search/suggestions/", q="<b>x")


def test_hidden_layers_are_not_found(client: Client) -> None:
    assert "Fantôme" not in main(client, "fantome")
    assert "Fantôme" not in page(client, "/search/suggestions/", q="fantome")


def test_statements_are_few(client: Client) -> None:
    for text, most in (("saint elie", 7), ("valmont", 4), ("montireux", 7)):
        with counted() as sent:
            client.get("/search/", {"q": text})
        assert len(sent) <= most


@pytest.mark.parametrize(
    ("text", "leads"),
    [
        ("07101", "/territories/commune/07101/"),
        ("07n", "/territories/departement/07N/"),
        ("Montrieux", "/territories/commune/07101/"),
        ("  saint elie d aubrac ", "/territories/commune/07001/"),
        ("VALMONT", "/territories/region/07/"),
    ],
)
def test_a_whole_name_or_code_leads_to_the_place(client: Client, text: str, leads: str) -> None:
    for language in ("", "/fr", "/pl"):
        response = client.get(f"{language}/search/", {"q": text})
        assert response.status_code == 302
        assert response["Location"] == f"{language}{leads}"


@pytest.mark.parametrize(
    "text", ["", "montrieu", "bourg", "07003", "Vieux-Bourg", "Montireux", "*"]
)
def test_what_may_mean_several_places_is_a_list(client: Client, text: str) -> None:
    assert client.get("/search/", {"q": text}).status_code == 200


def test_a_name_of_two_places_is_a_list(client: Client) -> None:
    found = queries_found("La Fage", "La Fage")
    assert search._exact(found, "la fage") is None
    assert search._exact(found[:1], "la fage") == found[0].territory.link


def queries_found(*names: str) -> list[Found]:
    return [
        Found(
            TerritorySummary(
                TerritoryLink(n, "commune", "Commune", f"0{n}", name, 2024, True), None, 1, None
            ),
            None,
            None,
            None,
        )
        for n, name in enumerate(names)
    ]


# Suggestions
def test_suggestions_are_options_in_groups(client: Client) -> None:
    found = page(client, "/search/suggestions/", q="valmont")
    assert found.count('role="option"') == 3
    assert found.count('role="group"') == 2
    assert 'data-page="/territories/region/07/"' in found
    assert 'data-place="departement:07N"' in found
    assert "3 places. Use the arrow keys." in found


def test_suggestions_say_what_is_near(client: Client) -> None:
    found = words(page(client, "/search/suggestions/", q="montireux"))
    assert "No exact match; did you mean…" in found
    assert "No exact match; 1 place of nearly the same name." in found


def test_suggestions_lead_to_the_successor(client: Client) -> None:
    found = page(client, "/search/suggestions/", q="07003")
    assert 'data-page="/territories/commune/07002/"' in found
    assert "07003 Vieux-Bourg has been part of 07002" in words(found)


@pytest.mark.parametrize(
    ("text", "said"), [("v", "Type at least two letters."), ("zzzz", "No place of this name")]
)
def test_suggestions_say_that_there_is_nothing(client: Client, text: str, said: str) -> None:
    found = page(client, "/search/suggestions/", q=text)
    assert "data-none" in found
    assert said in found
    assert 'role="option"' not in found


def test_suggestions_are_in_the_language_of_the_page(client: Client) -> None:
    asked = re.search(r'data-suggest="([^"]+)"', page(client, "/fr/method/"))
    assert asked is not None
    assert asked[1] == "/fr/search/suggestions/"
    assert 'data-page="/fr/territories/region/07/"' in page(client, asked[1], q="valmont")


@pytest.mark.parametrize("path", ["/", "/method/", "/compare/", "/search/", "/search/?q=zzzz"])
def test_each_field_has_a_list_and_a_status_of_its_own(client: Client, path: str) -> None:
    source = client.get(path).content.decode()
    lists = re.findall(r'id="([\w-]+)" role="listbox"', source)
    assert len(lists) == source.count("data-suggest=") == len(set(lists))


# The comparison
def test_comparison_offers_near_names(client: Client) -> None:
    found = page(client, "/compare/", add="montireux")
    assert 'href="/compare/?t=commune:07101"' in found
