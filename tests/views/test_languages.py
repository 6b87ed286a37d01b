"""Pages in English, French and Polish: addresses, words, numbers; data are the same for all."""

from __future__ import annotations

import functools
import html
import json
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext, ngettext

from analytics.nomenclature import BY_CODE
from clcplus.actions.territories.levels import KNOWN_LEVELS
from clcplus.models import Run
from clcplus.presentation import numbers
from clcplus.presentation.classes import CLASS_NAMES
from clcplus.presentation.level_names import level_name
from ops import catalogues, translations
from tests.world import World

pytestmark = pytest.mark.django_db

PAGES = (
    "/",
    "/territories/",
    "/territories/commune/",
    "/territories/region/07/",
    "/territories/departement/07N/",
    "/territories/commune/07001/",
    "/territories/commune/07003/",
    "/territories/commune/07102/",
    "/ranking/commune/",
    "/ranking/commune/?sort=-net",
    "/compare/",
    "/compare/?t=commune:07001&t=commune:07002",
    "/editions/",
    "/method/",
    "/search/?q=saint",
    "/search/?q=",
    "/search/?q=nowhere",
    "/embed/territories/commune/07001/",
    "/territories/commune/07001/report/",
)
OTHERS = ("fr", "pl")
COMMUNE = "/territories/commune/07001/"


@pytest.fixture(autouse=True)
def _world(world: World) -> None:
    """Every test has the world."""


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> Iterator[None]:
    translations.compile_all()
    yield
    translation.deactivate()


def source(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, (path, response.status_code)
    return str(response.content.decode())


def parts(page: str) -> set[str]:
    """What a reader sees or hears, piece by piece: texts between tags, and what stands for them."""
    page = re.sub(r"<(script|style|textarea)\b.*?</\1>", " ", page, flags=re.S)
    # The offers of other languages are in those languages, as the names of the languages are.
    page = re.sub(r'<aside class="language-offer".*?</aside>', " ", page, flags=re.S)
    page = re.sub(r'<span class="languages".*?</nav>', " ", page, flags=re.S)
    # Formulas are in English, as the code is, and say so.
    page = re.sub(r'<div lang="en".*?</div>', " ", page, flags=re.S)
    said = re.findall(r'\b(?:aria-label|alt|title|placeholder|content)="([^"]+)"', page)
    texts = re.split(r"<[^>]+>", page)
    return {" ".join(html.unescape(text).split()) for text in (*said, *texts)} - {""}


def text(page: str) -> str:
    return " ".join(" ".join(parts(page)).split())


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_in_the_language_of_its_address(client: Client, language: str, path: str) -> None:
    response = client.get(f"/{language}{path}")
    assert response.status_code == 200
    assert response["Content-Language"] == language
    assert f'<html lang="{language}">' in response.content.decode()
    assert "Accept-Language" not in response.get("Vary", "")
    assert not response.cookies


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("path", PAGES)
def test_no_english_is_left(client: Client, language: str, path: str) -> None:
    # Names and values of the API are the same in every language.
    page = re.sub(r"<code>.*?</code>", " ", source(client, f"/{language}{path}"), flags=re.S)
    shown = parts(page)
    allowed = _words_that_are_alike(language)
    found = [
        (message, one)
        for message, whole in _english(language)
        for one in shown
        if whole.fullmatch(one) and one not in allowed
    ]
    assert found == []


@functools.cache
def _english(language: str) -> list[tuple[str, re.Pattern[str]]]:
    """The messages that a language says otherwise, and what a text of each looks like."""
    found = []
    catalogue = settings.BASE_DIR / f"locale/{language}/LC_MESSAGES/django.po"
    for entry in catalogues.messages(catalogue):
        translations = catalogues.forms(entry.string)
        for form, message in enumerate(catalogues.forms(entry.id)):
            same = translations[min(form, len(translations) - 1)] == message
            # "ha" is the same everywhere, and "%(name)s: %(share)s" fits every text with a colon.
            words = re.findall(r"[^\W\d]+", re.sub(r"%\(\w+\)s|<[^>]+>", "", message))
            if same or len("".join(words)) < 4:
                continue
            pattern = re.escape(message.replace("%%", "%"))
            found.append((message, re.compile(re.sub(r"%\\\((\w+)\\\)s", "(.+)", pattern))))
    return found


@functools.cache
def _words_that_are_alike(language: str) -> set[str]:
    """Whole texts that are the same in English by chance, and are right."""
    catalogue = settings.BASE_DIR / f"locale/{language}/LC_MESSAGES/django.po"
    found = catalogues.messages(catalogue)
    return {text for message in found for text in catalogues.forms(message.string)}


def test_english_has_no_prefix_and_nobody_is_sent_elsewhere(client: Client) -> None:
    response = client.get("/", headers={"accept-language": "fr"})
    assert response.status_code == 200
    assert response["Content-Language"] == "en-gb"
    client.cookies["django_language"] = "fr"
    assert client.get("/")["Content-Language"] == "en-gb"
    assert client.get("/en-gb/").status_code == 404
    assert client.get("/de/").status_code == 404


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("path", PAGES)
def test_links_stay_in_the_language(client: Client, language: str, path: str) -> None:
    page = source(client, f"/{language}{path}")
    page = re.sub(r'<a\b[^>]*\bhreflang="[^"]*"[^>]*>|<link\b[^>]*>', "", page)
    addresses = [html.unescape(a) for a in re.findall(r'(?:href|action|data-page)="([^"]*)"', page)]
    addresses += re.findall(r'"page": "([^"]+)"', html.unescape(page))
    data = re.compile(
        r"/(api|tiles|static|admin)/"
        r"|/territories/\w+/\w+/(tables/\w+\.\w+|(shape|transitions)\.\w+)$"
        r"|/ranking/\w+/table\.\w+$|/compare/table\.\w+$"
    )
    own = [urlsplit(address) for address in addresses]
    inside = [p.path for p in own if p.path and p.netloc in {"", "testserver"}]
    assert inside
    assert [p for p in inside if not p.startswith(f"/{language}/") and not data.match(p)] == []


@pytest.mark.parametrize(
    "path", ["/territories/commune/?sort=name&page=1", "/compare/?t=commune:07001", COMMUNE]
)
def test_the_switch_keeps_the_whole_address(client: Client, path: str) -> None:
    for here in ("", "/fr", "/pl"):
        page = html.unescape(source(client, f"{here}{path}"))
        switch = re.search(r'<span class="languages".*?</span></a></span>', page, flags=re.S)
        assert switch
        found = re.findall(r'href="([^"]+)" lang="([^"]+)"', switch[0])
        assert found == [(path, "en-gb"), (f"/fr{path}", "fr"), (f"/pl{path}", "pl")]


def test_what_is_not_translated_leads_to_the_home_page(client: Client) -> None:
    page = source(client, "/api/v1/docs/")
    assert 'href="/fr/" lang="fr"' in page
    assert "hreflang=" in page
    assert 'rel="alternate"' not in page


def test_search_engines_are_told_of_every_language(client: Client) -> None:
    for here in ("", "/fr", "/pl"):
        page = source(client, f"{here}{COMMUNE}?sort=name")
        links = dict(re.findall(r'rel="alternate" hreflang="([^"]+)" href="([^"]+)"', page))
        own = f"http://testserver{{}}{COMMUNE}?vintage=2024"
        assert links == {
            "en": own.format(""),
            "fr": own.format("/fr"),
            "pl": own.format("/pl"),
            "x-default": own.format(""),
        }
        assert f'rel="canonical" href="{own.format(here)}"' in page


def test_an_unknown_address_is_answered_in_its_language(client: Client) -> None:
    assert "Cette page n’existe pas" in source(client, "/fr/nowhere/", 404)
    assert "Nie ma takiej strony" in source(client, "/pl/territories/commune/nowhere/", 404)
    assert 'rel="canonical"' not in source(client, "/fr/nowhere/", 404)


# Numbers
WRITTEN = [
    (numbers.percent, (0.1234,), "12.3\u202f%", "12,3\u202f%", "12,3%"),
    (numbers.percent, (0.0001,), "<\u202f0.1\u202f%", "<\u202f0,1\u202f%", "<\u202f0,1%"),
    (
        numbers.hectares,
        (1234.56, 1),
        "1\u202f234.6\u202fha",
        "1\u202f234,6\u202fha",
        "1234,6\u202fha",
    ),
    (
        numbers.count,
        (1234567,),
        "1\u202f234\u202f567",
        "1\u202f234\u202f567",
        "1\u00a0234\u00a0567",
    ),
    (numbers.count, (1234,), "1\u202f234", "1\u202f234", "1234"),
    (numbers.count, (12345,), "12\u202f345", "12\u202f345", "12\u00a0345"),
    (numbers.signed, (-2.5,), "−2.50", "−2,50", "−2,50"),
    (numbers.points, (0.135,), "+0.14\u202fpp", "+0,14\u202fpt", "+0,14\u202fp.p."),
    (numbers.per_cent, (45,), "45\u202f%", "45\u202f%", "45%"),
]


@pytest.mark.parametrize(("write", "value", "english", "french", "polish"), WRITTEN)
def test_numbers_are_written_in_the_habit_of_the_language(
    write: object, value: tuple[object, ...], english: str, french: str, polish: str
) -> None:
    for language, expected in (("en-gb", english), ("fr", french), ("pl", polish)):
        with translation.override(language):
            assert write(*value) == expected  # type: ignore[operator]


def test_dates_are_written_in_the_habit_of_the_language(client: Client) -> None:
    for here, day, month in (
        ("", "1 October 2020", "October 2020"),
        ("/fr", "1er octobre 2020", "octobre 2020"),
        ("/pl", "1 października 2020", "październik 2020"),
    ):
        assert day in text(source(client, f"{here}/editions/"))
        assert month in text(source(client, f"{here}{COMMUNE}"))


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("path", PAGES)
def test_no_point_stands_in_a_figure_and_no_comma_in_a_drawing(
    client: Client, language: str, path: str
) -> None:
    page = source(client, f"/{language}{path}")
    drawn = re.findall(r'\b(?:x|y|x1|x2|y1|y2|cx|cy|width|height|viewBox)="([^"]*)"', page)
    assert [value for value in drawn if "," in value] == []
    units = re.findall(r"\d+\.\d+[\u202f\u00a0 ]?(?:%|ha|km²|m²|pt|p\.p\.)", text(page))
    assert units == []


@pytest.mark.parametrize(
    ("n", "polish"),
    [(1, "1 miejsce"), (2, "2 miejsca"), (5, "5 miejsc"), (12, "12 miejsc"), (22, "22 miejsca")],
)
def test_plural_forms(n: int, polish: str) -> None:
    with translation.override("pl"):
        assert ngettext("%(n)s place", "%(n)s places", n) % {"n": n} == polish
    with translation.override("fr"):
        said = ngettext("%(n)s place", "%(n)s places", n) % {"n": n}
        assert said == f"{n} lieu{'' if n == 1 else 'x'}"


def test_names_of_classes_and_levels_are_those_of_the_data_in_english() -> None:
    with translation.override("en-gb"):
        assert {code: str(name) for code, name in CLASS_NAMES.items()} == {
            code: entry.name for code, entry in BY_CODE.items()
        }
    with translation.override("pl"):
        assert str(CLASS_NAMES[1]) == "Powierzchnie zasklepione"
        assert level_name("Communes") == "Gminy"
        assert level_name("Districts of our own") == "Districts of our own"
        names = {name for one, several, _rank in KNOWN_LEVELS.values() for name in (one, several)}
        same = {"Województwo", "Województwa", "Powiat", "Powiaty", "Gmina", "Gminy", "Park"}
        unknown = {n for n in names if not n.startswith("NUTS")} - same
        assert [name for name in unknown if level_name(name) == name and name != "Region"] == []


# Data
@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/territories/commune/07001/statistics/",
        "/api/v1/statistics/?level=commune&format=csv",
        "/territories/commune/07001/tables/statistics.csv",
        "/territories/commune/07001/tables/change.json",
        "/territories/commune/07001/shape.geojson",
    ],
)
def test_data_are_the_same_for_every_reader(client: Client, path: str) -> None:
    def body(language: str) -> bytes:
        response = client.get(path, headers={"accept-language": language})
        assert response.status_code == 200
        return b"".join(response.streaming_content) if response.streaming else response.content

    assert body("en") == body("fr") == body("pl")
    assert client.get(f"/fr{path}").status_code == 404


def test_files_that_a_french_page_offers_are_the_english_ones(client: Client) -> None:
    def files(page: str) -> set[str]:
        found = re.findall(r'href="([^"]*(?:/tables/|/shape\.|/api/v1/(?!docs))[^"]*)"', page)
        return {html.unescape(address) for address in found}

    english = files(source(client, COMMUNE))
    assert english
    assert files(source(client, f"/fr{COMMUNE}")) == english


def test_charts_are_in_the_language_of_their_address(client: Client) -> None:
    path = f"{COMMUNE}charts/gain.svg"
    french, polish, english = (source(client, f"{p}{path}") for p in ("/fr", "/pl", ""))
    assert "Ce qui a été imperméabilisé" in french
    assert "Co zostało zasklepione" in polish
    assert "What became sealed" in english
    assert "http://testserver/fr/territories/commune/07001/?vintage=2024" in french
    assert client.get(f"/fr{path}")["Content-Language"] == "fr"
    assert not re.search(r"\d\.\d+\u202f(?:%|ha)", french)


def test_an_etag_is_of_one_language(client: Client) -> None:
    tag = client.get(COMMUNE)["ETag"]
    assert client.get(COMMUNE, headers={"if-none-match": tag}).status_code == 304
    assert client.get(f"/fr{COMMUNE}", headers={"if-none-match": tag}).status_code == 200


def test_the_map_is_told_in_the_language(client: Client) -> None:
    page = source(client, f"/pl{COMMUNE}")
    config = json.loads(html.unescape(re.findall(r'data-config="([^"]+)"', page)[0]))
    with translation.override("pl"):
        assert config["words"]["open"] == gettext("Open its page") != "Open its page"
        assert config["locale"]["NavigationControl.ZoomIn"] == gettext("Zoom in") != "Zoom in"
    assert config["page"] == "/pl/territories/LEVEL/CODE/"
    assert [level["name"] for level in config["levels"]] == ["Region", "Departament", "Gmina"]


def test_jobs_are_shown_in_the_language_to_staff(admin_client: Client) -> None:
    assert "Tâches" in parts(source(admin_client, "/fr/jobs/"))
    with translation.override("pl"):
        assert str(Run.State.RUNNING.label) == "w\u00a0toku"
    assert "/admin/login/" in Client().get("/fr/jobs/")["Location"]


def test_problems_of_the_api_are_in_english(client: Client) -> None:
    answer = client.get("/api/v1/territories/x/y/", headers={"accept-language": "fr"})
    assert answer.status_code == 404
    assert "does not exist" in answer.content.decode()
