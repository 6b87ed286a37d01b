"""Change from a map to a model is shown to who asks for it by name, and to nobody else."""

from __future__ import annotations

import csv
import io
import json
from html import unescape
from typing import Any

import pytest
from django.test import Client, RequestFactory

from analytics import queries
from clcplus import reading
from clcplus.areas.figures import asked
from clcplus.http.errors import AcrossOrigins
from clcplus.views.zones.files import _change
from tests.modelled_edition import SLUG

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("modelled")]

CROSSING = f"from=clcplus-2021&to={SLUG}"
PAGE = "/territories/commune/07001/"
# Net change from 2021 to the modelled 2024 is 600 − 100 cells of 0.01 ha.
NET = "+5.00"


def text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def test_a_territory_offers_the_change_and_does_not_show_it(client: Client) -> None:
    page = text(client, PAGE)
    assert "Change, 2018 → 2021" in page
    assert "is not shown" in page
    assert "Show anyway" in page
    assert f"?from=clcplus-2021&amp;to={SLUG}&amp;across=origins#change" in page
    assert "Change, 2021 → 2024" not in page
    # Named by its editions alone it is not shown either.
    assert "Change, 2018 → 2021" in text(client, f"{PAGE}?{CROSSING}")


def test_after_the_click_it_is_shown_with_what_speaks_against_it(client: Client) -> None:
    page = text(client, f"{PAGE}?{CROSSING}&across=origins")
    assert "Change, 2021 → 2024" in page
    assert NET in page
    assert "Not safe to read as change" in page
    assert "editions of different origin: not comparable" in page
    assert "Show anyway" not in page.split('id="change"')[1]
    # Links of the page keep what was asked for: other pairs, charts, tables.
    assert "to=clcplus-2021&amp;across=origins#change" in page
    assert f"{SLUG}&amp;across=origins" in page


def test_the_main_figures_are_those_of_the_map(client: Client) -> None:
    page = text(client, PAGE)
    assert "Sealed share, 2021" in page
    assert "Net change 2018 → 2021" in page
    assert "is mapped as sealed in 2021" in page
    assert "mapped as sealed in 2024" not in page
    assert "2024: 15.6" in page.replace("\u202f", " ").replace("\xa0", " ")


def test_compare_holds_the_pair_back(client: Client) -> None:
    path = "/compare/?t=commune:07001"
    page = text(client, f"{path}&{CROSSING}")
    assert "is not shown" in page
    assert "change 2018 → 2021" in page
    shown = text(client, f"{path}&{CROSSING}&across=origins")
    assert "change 2021 → 2024" in shown
    assert "Not safe to read as change" in shown
    assert 'name="across" value="origins"' in shown
    assert "Show anyway" not in shown.split("data-map-card")[0]


def test_the_ranking_holds_the_pair_back(client: Client) -> None:
    path = f"/ranking/commune/?edition={SLUG}"
    page = text(client, path)
    assert "is not shown" in page
    assert "sort=-net" not in page
    shown = text(client, f"{path}&from=clcplus-2021&across=origins&sort=-net")
    assert "Not safe to read as change" in shown
    assert "change 2021 → 2024" in shown
    # The links of the list keep it.
    assert "across=origins" in shown.split("<thead>")[1].split("</thead>")[0]


@pytest.mark.parametrize(
    "path",
    [
        f"/api/v1/territories/commune/07001/change/?{CROSSING}",
        f"/api/v1/change/?level=commune&{CROSSING}&format=csv",
        f"/territories/commune/07001/tables/change.csv?{CROSSING}",
        f"/territories/commune/07001/charts/gain.svg?{CROSSING}",
        f"/ranking/commune/table.csv?edition={SLUG}&from=clcplus-2021",
        f"/tiles/change/clcplus-2021/{SLUG}.json",
        f"/tiles/change/clcplus-2021/{SLUG}/12/2100/1400.png",
    ],
)
def test_data_of_the_pair_are_a_conflict_unless_asked_for(client: Client, path: str) -> None:
    refused = client.get(path)
    assert refused.status_code == 409, refused.content[:300]
    problem = json.loads(refused.content)
    assert problem["parameter"] == "across"
    assert problem["allowed"] == ["origins"]
    assert "clcplus-2021 is official" in problem["detail"]
    sign = "&" if "?" in path else "?"
    assert client.get(f"{path}{sign}across=origins").status_code == 200
    misspelt = client.get(f"{path}{sign}across=everything")
    assert misspelt.status_code == 400


def test_the_change_that_the_api_gives_by_itself_is_of_one_origin(client: Client) -> None:
    change = client.get("/api/v1/territories/commune/07001/change/").json()
    assert (change["earlier"], change["later"]) == ("clcplus-2018", "clcplus-2021")
    assert change["across_origins"] is False
    crossing = client.get(
        f"/api/v1/territories/commune/07001/change/?{CROSSING}&across=origins"
    ).json()
    assert crossing["across_origins"] is True
    assert crossing["raw"]["net"]["cells"] == 500


def pairs_of(client: Client, query: str) -> set[str]:
    answer = client.get(f"/territories/commune/07001/tables/change.csv{query}")
    rows = csv.DictReader(io.StringIO(answer.getvalue().decode()))
    return {row["edition"] for row in rows}


def test_the_table_of_all_pairs_leaves_crossing_ones_out(client: Client) -> None:
    assert pairs_of(client, "") == {"clcplus-2018/clcplus-2021"}
    assert f"clcplus-2021/{SLUG}" in pairs_of(client, "?across=origins")


def test_the_shape_has_no_crossing_change(client: Client) -> None:
    def properties(query: str) -> dict[str, Any]:
        answer = client.get(f"/territories/commune/07001/shape.geojson{query}")
        found: dict[str, Any] = json.loads(answer.getvalue())["properties"]
        return found

    crossing = "clcplus_2021_to_clcplus_2024_modelled_sealed_net_change"
    assert crossing not in properties("")
    assert "clcplus_2024_modelled_sealed_share" in properties("")
    assert properties("?across=origins")[crossing] == 50_000


def config(page: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(unescape(page.split('data-config="')[1].split('"')[0]))
    return found


@pytest.mark.parametrize("path", ["/", PAGE])
def test_the_map_compares_editions_of_one_origin(client: Client, path: str) -> None:
    page = text(client, path)
    pairs = config(page)["pairs"]
    assert [(p["from"], p["to"]) for p in pairs] == [("clcplus-2018", "clcplus-2021")]
    assert "?across=origins" in page
    shown = config(text(client, f"{path}?across=origins"))["pairs"]
    crossing = [p for p in shown if p["to"] == SLUG]
    assert len(crossing) == 2
    assert all(p["tiles"].endswith("&across=origins") for p in crossing)


def test_a_posted_area_is_compared_within_an_origin(rf: RequestFactory) -> None:
    def pairs(query: str) -> list[tuple[str, str]]:
        with reading.snapshot() as connection:
            found = asked(rf.post(f"/api/v1/statistics/?{query}"), connection)
        return [(earlier.slug, later.slug) for earlier, later in found.pairs]

    assert pairs("") == [("clcplus-2018", "clcplus-2021")]
    assert len(pairs("across=origins")) == 3
    with pytest.raises(AcrossOrigins):
        pairs(CROSSING)
    assert pairs(f"{CROSSING}&across=origins") == [("clcplus-2021", SLUG)]


def test_files_of_zones_have_no_crossing_pair() -> None:
    with reading.snapshot() as connection:
        rows = list(_change(connection, "commune", queries.editions(connection)))
    assert {row.edition for row in rows} == {"clcplus-2018/clcplus-2021"}


def test_the_report_is_of_one_origin_unless_asked(client: Client) -> None:
    path = "/territories/commune/07001/report/"
    assert "the change from 2018 to 2021" in text(client, f"{path}?{CROSSING}")
    assert "the change from 2021 to 2024" in text(client, f"{path}?{CROSSING}&across=origins")


def test_the_default_edition_is_not_the_modelled_one(client: Client) -> None:
    answer = client.get("/api/v1/change/?level=commune&format=json")
    assert json.loads(answer.getvalue())["editions"] == ["clcplus-2018", "clcplus-2021"]
    assert config(text(client, "/"))["edition"] == "clcplus-2021"
