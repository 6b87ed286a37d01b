"""Ranks with ties in every list, orders that need no heading, and what ≈ means."""

from __future__ import annotations

import re

import pytest
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


def ranks(page: str) -> dict[str, str]:
    """What the first column says of each territory, by code."""
    found = re.findall(
        r'<td class="rank[^"]*">(?:<span[^>]*>)?([^<]*).*?/commune/(\w+)/', page, re.DOTALL
    )
    return {code: rank for rank, code in found}


def test_a_level_lists_the_ranks_of_the_ranking(client: Client) -> None:
    listed = ranks(client.get("/territories/commune/").content.decode())
    ranked = ranks(client.get("/ranking/commune/").content.decode())
    assert listed == ranked
    # Not observed: no rank, which is not the last one.
    assert listed["07102"] == "–"
    by_name = client.get("/territories/commune/?sort=name").content.decode()
    assert ranks(by_name) == ranked


def options(page: str) -> dict[str, str]:
    """Label by value of the chooser of orders, and which is chosen."""
    chooser = re.search(r'<select name="sort".*?</select>', page, re.DOTALL)
    assert chooser is not None
    found = re.findall(r'<option value="([^"]*)"( selected)?>([^<]*)', chooser[0])
    assert [value for value, chosen, _label in found if chosen] != []
    return {value: label + chosen for value, chosen, label in found}


@pytest.mark.parametrize(
    ("path", "columns"),
    [
        ("/ranking/commune/", ["share", "sealed", "person", "gain", "net"]),
        ("/territories/commune/", ["name", "share", "sealed", "person", "inhabitants", "area"]),
        ("/territories/region/07/", ["name", "share", "sealed", "person", "inhabitants", "area"]),
    ],
)
def test_every_column_sorts_by_a_form(client: Client, path: str, columns: list[str]) -> None:
    for column in columns:
        for order in (column, f"-{column}"):
            page = client.get(f"{path}?sort={order}").content.decode()
            found = options(page)
            assert set(found) == {order for name in columns for order in (name, f"-{name}")}
            assert found[order].endswith(" selected")
            # The column that sorts is one that a phone shows.
            assert not re.search(r'aria-sort="\w+" class="optional"', page)


def test_a_sorted_column_is_shown_with_its_cells(client: Client) -> None:
    page = client.get("/territories/commune/?sort=-person").content.decode()
    row = page[page.index("<tbody>") : page.index("</tr>", page.index("<tbody>"))]
    assert re.search(r"<td>[^<]*m²</td>", row)
    usual = client.get("/territories/commune/").content.decode()
    row = usual[usual.index("<tbody>") : usual.index("</tr>", usual.index("<tbody>"))]
    assert re.search(r'<td class="optional">[^<]*m²</td>', row)


def test_the_form_keeps_what_else_was_asked(client: Client) -> None:
    page = client.get("/ranking/commune/?people=100&in=departement:07N").content.decode()
    form = page[page.index('<form class="card filters"') :]
    form = form[: form.index("</form>")]
    assert '<select name="sort"' in form
    assert 'value="100"' in form
    assert 'type="hidden" name="sort"' not in form


@pytest.mark.parametrize("path", ["/ranking/commune/", "/ranking/commune/?sort=-net"])
def test_the_sign_of_noise_is_explained_without_a_pointer(client: Client, path: str) -> None:
    page = client.get(path).content.decode()
    assert "≈" in page
    assert "≈ marks a change that cannot be told from the noise of the maps." in page
    assert "<abbr" not in page
    for mark in re.finditer(r'<span aria-hidden="true">≈</span>(.{60})', page):
        assert mark[1].startswith('<span class="hidden-visually">not distinguishable from map')
