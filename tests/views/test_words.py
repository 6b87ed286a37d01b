"""Words that say what they stand over: a share, an area and a count are three different things."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import translation

from clcplus.presentation.level_names import all_of_level, in_level, of_level
from ops import translations
from tests.world import World

pytestmark = pytest.mark.django_db

COMMUNE = "/territories/commune/07001/"
SOFT = "\u00ad"


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> Iterator[None]:
    translations.compile_all()
    yield
    translation.deactivate()


def plain(client: Client, path: str) -> str:
    page = client.get(path).content.decode()
    text = html.unescape(re.sub(r"<[^>]+>", " ", page)).replace(SOFT, "")
    return " ".join(text.replace("\u202f", " ").replace("\u00a0", " ").split())


def headings(client: Client, path: str, caption: str) -> list[str]:
    """Headings of the table that is called so."""
    page = client.get(path).content.decode().replace(SOFT, "")
    table = page.split(f'aria-label="{caption}"')[1].split("</thead>")[0]
    return [
        html.unescape(re.sub(r"<[^>]+>", "", cell)) for cell in re.findall("<th.*?</th>", table)
    ]


@pytest.mark.parametrize(
    ("language", "shares", "counts", "area", "cells"),
    [
        (
            "/fr",
            "Part imperméabilisée selon les éditions",
            "Comptages bruts",
            "Surface imperméabilisée",
            "Cellules imperméabilisées",
        ),
        (
            "/pl",
            "Udział powierzchni zasklepionej w\u00a0kolejnych edycjach",
            "Surowe liczby komórek",
            "Powierzchnia zasklepiona",
            "Komórki zasklepione",
        ),
        ("", "Sealed share over editions", "Raw counts", "Sealed area", "Sealed cells"),
    ],
)
def test_hectares_and_cells_do_not_stand_under_a_share(
    client: Client, world: World, language: str, shares: str, counts: str, area: str, cells: str
) -> None:
    assert area in headings(client, f"{language}{COMMUNE}", shares)
    assert cells in headings(client, f"{language}{COMMUNE}", counts)


@pytest.mark.parametrize(
    ("language", "title"),
    [("", "Ranking of communes"), ("/fr", "Classement des communes"), ("/pl", "Ranking gmin")],
)
def test_a_level_is_named_as_it_stands_in_a_sentence(
    client: Client, world: World, language: str, title: str
) -> None:
    assert title in plain(client, f"{language}/ranking/commune/")


def test_a_level_that_the_platform_does_not_know_keeps_its_name() -> None:
    for language in ("en-gb", "fr", "pl"):
        with translation.override(language):
            for form in (all_of_level, of_level, in_level):
                assert form("NUTS 3") == "NUTS 3"
                assert form(None) == ""


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("/fr", "1 est le plus élevé. Dans tout le niveau, 0 territoire se détache du bruit"),
        ("/pl", "Na całym poziomie poza szum map wykracza i ma pozycję 0 jednostek."),
        ("", "In the whole level 0 territories stand out of the noise of the maps"),
    ],
)
def test_numbers_have_their_plural_forms(
    client: Client, world: World, language: str, wanted: str
) -> None:
    assert wanted in plain(client, f"{language}/ranking/commune/?sort=-net")


def test_the_filter_of_places_is_no_surface(client: Client, world: World) -> None:
    page = plain(client, "/fr/ranking/commune/")
    assert "Territoire tous" in page
    assert "Superficie" in plain(client, "/fr/territories/commune/")
