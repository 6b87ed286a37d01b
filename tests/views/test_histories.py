"""Pages of territories say what became of former ones, and what today's were made of."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client

from clcplus.database import read_side
from clcplus.models import Level, Movement
from tests.statements import counted
from tests.views.test_pages import MOST_STATEMENTS, source, text
from tests.world import build

pytestmark = pytest.mark.django_db(transaction=True)

OLD, TODAY = "/territories/commune/07003/", "/territories/commune/07002/"
DAY = datetime.date(2023, 1, 1)


@pytest.fixture(autouse=True)
def _small_world() -> Iterator[None]:
    build()
    cache.clear()
    yield
    read_side.dispose()


def move(kind: str, former: str, later: str, *, name: str = "", day: datetime.date = DAY) -> None:
    names = {"07002": "Bourg-l'Évêque", "07003": "Vieux-Bourg", "07101": "Montrieux"}
    Movement.objects.create(
        level=Level.objects.get(slug="commune"),
        date=day,
        step=0,
        kind=kind,
        former_code=former,
        former_name=names.get(former, former),
        code=later,
        name=name or names.get(later, later),
    )


def test_without_a_table_the_page_says_that_only_the_area_tells(client: Client) -> None:
    page = text(client, OLD)
    assert "Most of Vieux-Bourg (07003) lies in Bourg-l'Évêque (07002) today." in page
    assert "no official table tells what became of it" in page
    assert "Most of Vieux-Bourg (07003) lies in Bourg-l'Évêque (07002)." in text(client, TODAY)


@pytest.mark.parametrize(
    ("prefix", "said", "was"),
    [
        (
            "",
            "Vieux-Bourg (07003) was merged into Bourg-l'Évêque (07002) on 1 January 2023.",
            "Bourg-l'Évêque (07002) was made of Bourg-l'Évêque (07002) and Vieux-Bourg (07003) on"
            " 1 January 2023.",
        ),
        (
            "/fr",
            "Vieux-Bourg (07003) a été fusionné avec Bourg-l'Évêque (07002) le 1er janvier 2023.",
            "Le 1er janvier 2023, Bourg-l'Évêque (07002) a été formé à partir de Bourg-l'Évêque"
            " (07002) et Vieux-Bourg (07003).",
        ),
        (
            "/pl",
            "1 stycznia 2023 r. jednostkę Vieux-Bourg (07003) włączono do jednostki Bourg-l'Évêque"
            " (07002).",
            "1 stycznia 2023 r. z jednostek Bourg-l'Évêque (07002) i Vieux-Bourg (07003) powstała"
            " jednostka Bourg-l'Évêque (07002).",
        ),
    ],
)
def test_a_merger_in_three_languages(client: Client, prefix: str, said: str, was: str) -> None:
    move("merged", "07002", "07002")
    move("merged", "07003", "07002")
    # A tag before a full stop is a space in the text.
    assert said in text(client, prefix + OLD).replace(" .", ".")
    assert was in text(client, prefix + TODAY).replace(" .", ".")
    assert f'href="{prefix}{TODAY}"' in source(client, prefix + OLD)
    assert f'href="{prefix}{OLD}?vintage=2020"' in source(client, prefix + TODAY)


def test_a_split_names_and_links_each_part(client: Client) -> None:
    move("split", "07003", "07002")
    move("split", "07003", "07101")
    page = text(client, f"{OLD}?vintage=2020")
    assert (
        "Vieux-Bourg (07003) was split into Bourg-l'Évêque (07002) and Montrieux (07101) on"
        " 1 January 2023." in page
    )
    assert "no longer in the newest ones" in page
    for code in ("07002", "07101"):
        assert f'href="/territories/commune/{code}/"' in source(client, OLD)
    assert "Montrieux (07101) was a part of Vieux-Bourg (07003) until 1 January 2023." in text(
        client, "/territories/commune/07101/"
    )


def test_each_other_kind_has_its_sentence(client: Client) -> None:
    move("divided", "07003", "07002")
    move("divided", "07003", "07101")
    move("renamed", "07101", "07101", name="Montrieux-le-Haut", day=datetime.date(2022, 6, 1))
    move("recoded", "09999", "07102", day=datetime.date(2021, 6, 1))
    move("split", "07001", "07001")
    move("split", "07001", "09998")
    old = text(client, OLD)
    assert "Vieux-Bourg (07003) was divided among Bourg-l'Évêque (07002) and Montrieux" in old
    assert "received a part of Vieux-Bourg (07003) on 1 January 2023" in text(client, TODAY)
    montrieux = text(client, "/territories/commune/07101/")
    assert "On 1 June 2022, the name changed from Montrieux (07101) to Montrieux-le-Haut" in (
        montrieux
    )
    assert "On 1 June 2021, the code changed: 09999 (09999) became 07102 (07102)." in text(
        client, "/territories/commune/07102/"
    )
    assert "became a territory of its own on 1 January 2023" in text(
        client, "/territories/commune/07001/"
    )
    Movement.objects.filter(former_code="07003").delete()
    move("ended", "07003", "")
    cache.clear()
    assert "Since 1 January 2023, Vieux-Bourg (07003) is no longer a territory" in text(client, OLD)


def test_an_old_boundary_of_a_code_that_is_still_there_leads_to_the_newest(client: Client) -> None:
    page = text(client, f"{TODAY}?vintage=2020")
    assert "there are newer ones" in page
    assert "no longer in the newest ones" not in page


def test_names_of_the_table_are_text(client: Client) -> None:
    move("merged", "07003", "09999", name="<script>alert(1)</script>%(day)s{{ x }}")
    page = source(client, OLD)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;%(day)s{{ x }} (09999)" in page
    assert "<script>alert" not in page


def test_statements_are_few_with_a_history(client: Client) -> None:
    move("merged", "07002", "07002")
    move("merged", "07003", "07002")
    for path in (OLD, TODAY, f"{TODAY}?vintage=2020"):
        with counted() as sent:
            source(client, path)
        assert len(sent) <= MOST_STATEMENTS, "\n".join(sent)


def test_the_api_has_both_directions_with_date_kind_and_basis(client: Client) -> None:
    api = "/api/v1/territories/commune"
    [by_area] = client.get(f"{api}/07003/").json()["successors"]
    assert (by_area["basis"], by_area["kind"], by_area["date"]) == ("area", None, None)
    assert by_area["later"]["territory"]["vintage"] == 2024
    move("merged", "07002", "07002")
    move("merged", "07003", "07002")
    cache.clear()
    [step] = client.get(f"{api}/07003/").json()["successors"]
    assert (step["basis"], step["kind"], step["date"]) == ("table", "merged", "2023-01-01")
    assert step["former"] == {
        "code": "07003",
        "name": "Vieux-Bourg",
        "territory": client.get(f"{api}/07002/").json()["predecessors"][1]["former"]["territory"],
    }
    assert (step["later"]["code"], step["later"]["territory"]["current"]) == ("07002", True)
    today = client.get(f"{api}/07002/").json()
    assert today["successors"] == []
    assert [step["former"]["code"] for step in today["predecessors"]] == ["07002", "07003"]
    assert [step["former"]["territory"]["vintage"] for step in today["predecessors"]] == [2020] * 2


def test_old_vintages_stay_citable_at_their_address(client: Client) -> None:
    """The figures of an old boundary, and its own address, whatever the table says."""
    move("merged", "07003", "07002")
    assert client.get(f"{OLD}?vintage=2020").status_code == 200
    body = client.get("/api/v1/territories/commune/07003/statistics/?vintage=2020").json()
    assert [item["sealed"]["cells"] for item in body["statistics"]] == [500, 500]
    table = client.get("/territories/commune/07003/tables/statistics.csv?vintage=2020")
    assert b"07003" in table.getvalue()
