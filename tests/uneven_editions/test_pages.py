"""A territory of which an edition has missed the sealed half: what its pages say of it."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.uneven_editions.conftest import Reader
from tests.views.test_pages import source

pytestmark = pytest.mark.django_db

HERE = "/territories/commune/0V044/"
FULL = "/territories/commune/0V045/"
UNSEEN = "/territories/commune/0V046/"
PARTED = "/territories/commune/0V047/"
COMPARED = "/compare/?t=commune:0V044&t=commune:0V045&t=commune:0V046&t=commune:0V047"
LIKE_FOR_LIKE = (
    "Like for like, on the 88.0 ha (88 %) observed in all 3 editions, the share is 1.69 % in 2018"
    " and 1.72 % in 2023."
)
VERDICT = (
    "The net change from 2018 to 2023, +0.02 ha on the 88.0 ha observed in both, cannot be told"
    " from the noise of the maps."
)
MARK = "12 % not observed in 2023"


def values(markup: str) -> list[str]:
    """What is written at the points of the first chart."""
    chart = markup[markup.index('<svg class="chart"') :].split("</svg>")[0]
    found = re.findall(r'class="chart-value"[^>]*>([^<]+)<', chart)
    return [value.replace("\u202f", " ") for value in found]


def table(markup: str, name: str) -> str:
    """The text of the element of an id, up to the end of its section."""
    part = markup[markup.index(f'id="{name}"') :].split("</section>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", part).replace("\u202f", " ").split())


# The series
def test_the_sentence_speaks_of_common_ground_and_of_its_own_pair(page: Reader) -> None:
    said = page(HERE)
    assert (
        "1.7 % of what is observed of Creuxville in 2023 is mapped as sealed; 12 % of it is not"
        " observed in that edition."
    ) in said
    assert LIKE_FOR_LIKE in said
    assert VERDICT in said
    assert "lies between" not in said
    assert "3.1 %" not in said.split("The table")[0]


def test_the_chart_is_of_the_cells_that_all_editions_observe(client: Client) -> None:
    markup = source(client, HERE)
    assert values(markup) == ["1.7 %", "1.7 %", "1.7 %"]
    assert markup.count('<line class="chart-line"') == 2
    described = table(markup, "share-text") if 'id="share-text"' in markup else ""
    assert "2018: 1.7 %. 2021: 1.7 %. 2023: 1.7 %." in described
    assert values(source(client, FULL)) == ["2.0 %", "2.1 %", "2.2 %"]


def test_the_table_has_both_shares(client: Client) -> None:
    told = table(source(client, HERE), "share")
    assert "3.10 % 1.69 %" in told
    assert f"1.72 % {MARK} 1.72 %" in told


def test_an_edition_that_observes_nothing_is_named(page: Reader, client: Client) -> None:
    said = page(UNSEEN)
    assert (
        "on the 100 ha (100 %) observed in both editions, the share is 1.00 % in 2018 and 1.10 %"
        " in 2021"
    ) in said
    assert "The edition of 2023 has observed nothing of it." in said
    assert "the noise of the maps" not in said.split("How sure")[0]
    assert values(source(client, UNSEEN)) == ["1.0 %", "1.1 %"]


def test_without_common_ground_nothing_is_joined_or_compared(page: Reader, client: Client) -> None:
    said = page(PARTED)
    assert "Its shares in different editions are not comparable" in said
    assert "Like for like, on" not in said
    markup = source(client, PARTED)
    assert '<line class="chart-line"' not in markup
    assert markup.count("chart-dot--alone") >= 3
    assert "(of other ground than the others)" in markup


def test_a_verdict_follows_the_chosen_pair(page: Reader) -> None:
    said = page(f"{HERE}?from=clcplus-2018&to=clcplus-2021")
    assert "Net change 2018 → 2021" in said
    assert "Net change 2018 → 2023" not in said
    assert "The net change from 2018 to 2021, 0.00 ha on the 100 ha observed in both" in said
    assert "On the 100 ha observed in both, map errors alone" in said
    assert "between 2018 and 2021" in said
    assert "Net change (0.00 ha) is smaller than that: it cannot be told from map noise." in said


def test_how_sure_says_what_it_compares(page: Reader) -> None:
    said = page(HERE)
    assert "On the 88.0 ha observed in both, map errors alone could make up to" in said
    assert "seem to appear between 2018 and 2023" in said
    assert "Net change (+0.02 ha) is smaller than that: it cannot be told from map noise." in said
    assert "is not." not in said
    assert (
        "This is a stress test. It assumes the accuracy published for 2018 and that the errors of"
        " the two maps are independent. It is not a confidence interval. No accuracy is published"
        " for 2023, so that of the official edition of 2021 stands in for it; the less accurate"
        " edition of the pair is 2018."
    ) in said
    assert "stands in for it" not in page(f"{HERE}?from=clcplus-2018&to=clcplus-2021")
    assert (
        "No accuracy is published for 2023, so that of the official edition of 2021 is used."
        in page(f"{HERE}?from=clcplus-2021&to=clcplus-2023")
    )


# Marks of shares that stand alone
def test_key_figures_are_marked(client: Client) -> None:
    markup = source(client, HERE)
    assert MARK in table(markup, "k1")
    person = table(markup, "k3")
    assert "≥ 15 m²" in person
    assert f"lower bound: {MARK}" in person
    assert f"by the part that is observed: {MARK}" in table(markup, "k4")
    own, around = table(source(client, FULL), "k1").split("Bordure:")
    assert "not observed in" not in own
    assert "40 % not observed in 2023" in around
    assert "≥" not in table(source(client, FULL), "k3")


@pytest.mark.parametrize(
    "path",
    ["/ranking/commune/", "/territories/commune/", "/territories/region/08/", FULL, "/"],
)
def test_lists_mark_the_row(client: Client, path: str) -> None:
    markup = source(client, path)
    rows = [r for r in re.findall(r"<tr.*?</tr>", markup, flags=re.S) if "commune/0V044/" in r]
    assert rows
    for row in rows:
        plain = re.sub(r"<[^>]+>", " ", row).replace("\u202f", " ")
        assert MARK in " ".join(plain.split())
    others = [r for r in re.findall(r"<tr.*?</tr>", markup, flags=re.S) if "commune/0V045/" in r]
    assert not any("not observed in" in row for row in others)


def test_per_inhabitant_in_lists_is_a_lower_bound(page: Reader) -> None:
    assert "≥ 15 m²" in page("/ranking/commune/?sort=-person")
    assert "“≥” marks a lower bound" in page("/ranking/commune/?sort=-person")
    assert "≥ 15 m²" in page("/territories/commune/")


def test_an_edition_that_observes_all_is_not_marked(page: Reader) -> None:
    assert "not observed in 2018" in page("/ranking/commune/?edition=clcplus-2018")  # 0V047
    assert "12 % not observed" not in page("/ranking/commune/?edition=clcplus-2018")


# Comparison
def test_comparison_is_like_for_like_and_says_so(page: Reader, client: Client) -> None:
    said = page(COMPARED)
    assert LIKE_FOR_LIKE in said
    shares = table(source(client, COMPARED), "share-table")
    assert "Creuxville 1.69 % 1.69 % 1.72 % 88.0 ha" in shares
    assert "Pleinbourg 2.00 % 2.10 % 2.20 % 100 ha" in shares
    assert "Sansvue 1.00 % 1.10 % not observed 100 ha" in shares
    assert "not comparable" in shares.split("Partage")[1]
    assert "3.10 %" not in shares


def test_comparison_marks_figures_of_one_edition(page: Reader, client: Client) -> None:
    figures = table(source(client, COMPARED), "key-figures")
    assert f"1.7 % {MARK}" in figures
    assert "≥ 15 m²" in figures
    assert "Of Creuxville, Partage a part was not observed in 2023" in page(COMPARED)


def test_comparison_claims_no_order_of_parts(page: Reader) -> None:
    said = page("/compare/?t=commune:0V044&t=commune:0V045")
    assert "Its lead over each of the others is more than map noise" not in said


# Widget
def test_widget_is_like_for_like_and_marked(page: Reader, client: Client) -> None:
    said = page("/embed/territories/commune/0V044/")
    assert MARK in said
    assert LIKE_FOR_LIKE in said
    assert VERDICT in said
    assert values(source(client, "/embed/territories/commune/0V044/")) == ["1.7 %"] * 3


def test_widget_with_a_map_is_marked(page: Reader) -> None:
    said = page("/embed/territories/commune/0V044/?show=map")
    assert f"Creuxville: 1.7 % ({MARK})" in said
    assert "Pleinbourg: 2.2 %." in said


def test_home_chart_is_like_for_like(page: Reader) -> None:
    assert "Like for like, on the" in page("/")
