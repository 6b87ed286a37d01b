"""The API's search: by code, by name, by a name that is misspelt."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.statements import counted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]

SEARCH = "/api/v1/search/"


def found(client: Client, text: str, **more: Any) -> Any:
    response = client.get(SEARCH, {"q": text, **more})
    assert response.status_code == 200, response.content
    return response.json()


@pytest.mark.parametrize("text", ["saint elie", "Saint-Élie", "St Elie", "07001", "aubrac"])
def test_matches_are_not_near(client: Client, text: str) -> None:
    body = found(client, text)
    assert (body["query"], body["exact"]) == (text, 1)
    assert [(item["code"], item["near"]) for item in body["results"]][:1] == [("07001", False)]
    assert body["results"][0]["parent_name"] == "Nord-Valmont"
    assert body["results"][0]["links"]["self"].endswith("/api/v1/territories/commune/07001/")


def test_misspelt_names_are_marked_as_near(client: Client) -> None:
    body = found(client, "Montireux")
    assert (body["exact"], body["near"], body["more"]) == (0, 1, False)
    assert [(item["name"], item["near"]) for item in body["results"]] == [("Montrieux", True)]


def test_nothing_is_found_in_words(client: Client) -> None:
    body = found(client, "zzz")
    assert (body["exact"], body["near"], body["results"]) == (0, 0, [])


def test_a_code_that_has_gone_names_its_successor(client: Client) -> None:
    (item,) = found(client, "07003")["results"]
    assert (item["current"], item["gone_since"]) == (False, 2024)
    assert (item["successor"]["code"], item["successor"]["vintage"]) == ("07002", 2024)


def test_hidden_layers_are_not_found(client: Client) -> None:
    assert found(client, "fantome")["results"] == []


def test_limit(client: Client) -> None:
    body = found(client, "valmont", limit=2)
    assert ([item["code"] for item in body["results"]], body["more"]) == (["07", "07N"], True)


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("", "q"),
        ("?q=", "q"),
        ("?q=%00", "q"),
        (f"?q={'x' * 101}", "q"),
        ("?q=x&limit=61", "limit"),
        ("?q=x&search=y", "search"),
    ],
)
def test_bad_parameters_are_named(client: Client, query: str, parameter: str) -> None:
    response = client.get(f"{SEARCH}{query}")
    assert response.status_code == 400
    assert response.json()["parameter"] == parameter


def test_it_is_answered_again_only_when_something_changed(client: Client) -> None:
    first = client.get(SEARCH, {"q": "montrieux"})
    with counted() as sent:
        again = client.get(SEARCH, {"q": "montrieux"}, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert len(sent) == 1


def test_near_misses_are_documented(client: Client) -> None:
    schema = client.get("/api/v1/schema/?format=json").json()
    search = schema["paths"][SEARCH]["get"]
    names = {item["name"]: item for item in search["parameters"]}
    assert names["q"]["required"]
    assert "letters wrong" in names["q"]["description"]
    near = schema["components"]["schemas"]["FoundShape"]["properties"]["near"]
    assert near["type"] == "boolean"
    assert "nearly" in near["description"]
