"""French and Polish pages as their readers' newspapers would print them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from ops import catalogues, translations
from tests.typography import faults, lines_of
from tests.views.test_languages import OTHERS, PAGES
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> Iterator[None]:
    translations.compile_all()
    yield
    translation.deactivate()


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_printed_as_its_language_is(
    client: Client, world: World, language: str, path: str
) -> None:
    response = client.get(f"/{language}{path}")
    lines = lines_of(response.content.decode())
    assert len(lines) > 5
    assert [fault for line in lines for fault in faults(line, language)] == []


@pytest.mark.parametrize("language", OTHERS)
def test_messages_are_printed_as_their_language_is(language: str) -> None:
    path = settings.BASE_DIR / f"locale/{language}/LC_MESSAGES/django.po"
    found = [
        (message.id, fault)
        for message in catalogues.messages(path)
        for text in catalogues.forms(message.string)
        for line in lines_of(re.sub(r"%\(\w+\)[sr]", "x", text).replace("%%", "%"))
        for fault in faults(line, language)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("fr", "Cette liste, 250 lignes: CSV"),
        ("fr", "CLC+ Backbone 2023 ; synthétique"),
        ("fr", "28,8 %"),
        ("fr", "12.5 ha"),
        ("fr", "40740 ha"),
        ("fr", "le 1 octobre 2022"),
        ("pl", "129.6 kB"),
        ("pl", "granice z 2024 r.. Dalej"),
        ("pl", "4,9 %"),
    ],
)
def test_what_is_printed_otherwise_is_found(language: str, line: str) -> None:
    assert list(faults(line, language))


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("fr", "Cette liste, 250\u00a0lignes\u00a0: CSV"),
        ("fr", "à 7\u00a0h\u00a034, 28,8\u202f%, «\u00a0solde\u00a0»\u202f; EPSG:3035, 07:34"),
        ("pl", "40\u00a0740 ha, 4,9%, 07:34, wersja V1.1"),
    ],
)
def test_what_is_printed_so_passes(language: str, line: str) -> None:
    assert list(faults(line, language)) == []
