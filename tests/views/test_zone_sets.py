"""Pages of accepted sets: who sees what, and that the figures are those that are stored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import reverse

from analytics.rasters.store import open_store
from clcplus import access
from clcplus.actions.zone_sets import set_publication
from clcplus.models import Layer, Level, PlaceName, Run, Zone, ZoneSet, ZoneStatistics
from clcplus.views.published import pages
from tests.statements import counted
from tests.world import World, build
from tests.zone_sets.world import OPEN, SECRET, Sets, build_sets, make_run, publish_edition

pytestmark = pytest.mark.django_db(transaction=True)

THIN = "\u202f"


@pytest.fixture
def small_world() -> World:
    return build()


@pytest.fixture
def sets(small_world: World) -> Sets:
    return build_sets(small_world)


def text_of(response: Any) -> str:
    if response.streaming:
        return b"".join(response.streaming_content).decode("utf-8", "replace")
    return str(response.content.decode("utf-8", "replace"))


def act(client: Client, zone_set: ZoneSet, action: str, **sent: str) -> HttpResponse:
    address = reverse("zone_set_act", args=(zone_set.pk, action))
    return client.post(address, sent)  # type: ignore[return-value]


def private_addresses(zone_set: ZoneSet) -> list[str]:
    """Every door to a set and to a zone of it."""
    level, page = zone_set.slug, zone_set.get_absolute_url()
    return [
        page,
        f"{page}progress/",
        f"/zones/{zone_set.pk}/tables/statistics.csv",
        f"/zones/{zone_set.pk}/tables/change.json",
        f"/zones/{zone_set.pk}/shapes.geojson",
        f"/zones/{zone_set.pk}/shapes.gpkg",
        f"/territories/{level}/1/",
        f"/territories/{level}/1/tables/statistics.csv",
        f"/territories/{level}/1/shape.geojson",
        f"/territories/{level}/1/charts/share.svg",
        f"/ranking/{level}/",
        f"/ranking/{level}/table.csv",
        f"/api/v1/territories/{level}/1/",
        f"/api/v1/territories/{level}/1/statistics/",
        f"/tiles/territories/{level}/10/530/358.mvt",
        f"/tiles/territories/{level}.json",
    ]


def test_nobody_else_sees_a_private_set(client: Client, sets: Sets) -> None:
    for address in [*private_addresses(sets.private), f"/territories/{sets.private.slug}/"]:
        response = client.get(address)
        assert response.status_code == 404, address
        assert SECRET not in text_of(response), address
        assert "amont" not in text_of(response), address


def test_nothing_private_is_listed_or_found(client: Client, sets: Sets) -> None:
    for address in (
        "/",
        "/zones/",
        "/territories/",
        "/ranking/",
        "/search/?q=bassin",
        "/search/suggestions/?q=bassin",
        f"/compare/?t={sets.private.slug}:1",
        "/api/v1/levels/",
        "/api/v1/search/?q=bassin",
        "/api/v1/territories/?search=bassin",
    ):
        text = text_of(client.get(address))
        for hidden in (SECRET, "amont", "Bassin aval"):
            assert hidden not in text, address


@pytest.mark.parametrize("who", ["owner", "staff"])
def test_owner_and_staff_see_all_of_it_privately(client: Client, sets: Sets, who: str) -> None:
    client.force_login(getattr(sets, who))
    for address in private_addresses(sets.private):
        response = client.get(address)
        assert response.status_code == 200, address
        kept = response["Cache-Control"]
        assert "public" not in kept, address
        assert "private" in kept or "no-store" in kept, address
        assert "Access-Control-Allow-Origin" not in response, address


def test_another_account_sees_nothing_of_it(
    client: Client, sets: Sets, django_user_model: Any
) -> None:
    client.force_login(django_user_model.objects.create_user("carl", password="c"))
    for address in private_addresses(sets.private):
        assert client.get(address).status_code == 404, address
    assert act(client, sets.private, "publish", sure="1").status_code == 404
    sets.private.refresh_from_db()
    assert sets.private.published_at is None


def test_share_link_lets_in_until_it_is_revoked(client: Client, sets: Sets) -> None:
    token = set_publication.share(zone_set=sets.private, by=sets.owner)
    response = client.get(reverse("zone_set_shared", args=(token,)))
    assert response.status_code == 302
    assert response["Location"] == sets.private.get_absolute_url()
    cookie = response.cookies[access.SHARE_COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 30 * 24 * 3600
    for address in private_addresses(sets.private):
        response = client.get(address)
        assert response.status_code == 200, address
        assert "private" in response["Cache-Control"] or "no-store" in response["Cache-Control"]
    page = text_of(client.get(sets.private.get_absolute_url()))
    # Who reads by a link is told so, and is neither offered nor allowed anything else.
    assert "This set is not published" in page
    assert "<form method=" not in page
    assert sets.owner.get_username() not in page
    assert act(client, sets.private, "delete", sure="1").status_code == 404
    set_publication.revoke(zone_set=sets.private, by=sets.owner)
    for address in private_addresses(sets.private):
        assert client.get(address).status_code == 404, address
    gone = client.get(reverse("zone_set_shared", args=(token,)))
    assert gone.status_code == 404
    assert "These zones are not open to you" in text_of(gone)


def test_no_empty_token_opens_a_set(client: Client, sets: Sets) -> None:
    client.cookies[access.SHARE_COOKIE] = "." + "x" * 43
    assert client.get(sets.private.get_absolute_url()).status_code == 404


def test_links_are_kept_up_to_a_number(client: Client, sets: Sets) -> None:
    token = set_publication.share(zone_set=sets.private, by=sets.owner)
    client.cookies[access.SHARE_COOKIE] = ".".join(f"{n:043d}" for n in range(20))
    response = client.get(reverse("zone_set_shared", args=(token,)))
    held = response.cookies[access.SHARE_COOKIE].value.split(".")
    assert len(held) == access.MOST_SHARED
    assert held[0] == token


def test_an_owners_page_is_kept_for_nobody_else(client: Client, sets: Sets) -> None:
    address = f"/territories/{sets.private.slug}/1/"
    owner = Client()
    owner.force_login(sets.owner)
    with override_settings(PAGES_KEPT_MB=8):
        pages.clear()
        tag = owner.get(address)["ETag"]
        assert client.get(address, headers={"If-None-Match": tag}).status_code == 404
        assert client.get(address).status_code == 404
        pages.clear()


def test_publishing_opens_and_withdrawing_closes(client: Client, sets: Sets) -> None:
    owner = Client()
    owner.force_login(sets.owner)
    unsure = act(owner, sets.private, "publish")
    assert unsure.status_code == 409
    assert "Confirm first" in text_of(unsure)
    assert act(owner, sets.private, "publish", sure="1").status_code == 302
    assert SECRET in text_of(client.get("/zones/"))
    assert SECRET in text_of(client.get("/search/?q=bassins"))
    assert "Bassin aval" in text_of(client.get("/search/?q=aval"))
    page = client.get(sets.private.get_absolute_url())
    assert page.status_code == 200
    assert "csrfmiddlewaretoken" not in text_of(page)
    listed = client.get("/territories/" + sets.private.slug + "/")
    assert listed["Location"] == sets.private.get_absolute_url()
    assert act(owner, sets.private, "withdraw").status_code == 302
    assert client.get(sets.private.get_absolute_url()).status_code == 404
    assert SECRET not in text_of(client.get("/zones/"))
    assert "Bassin aval" not in text_of(client.get("/search/?q=aval"))


def test_forms_need_their_token(sets: Sets) -> None:
    careless = Client(enforce_csrf_checks=True)
    careless.force_login(sets.owner)
    for action in ("publish", "share", "delete", "rename", "cancel", "resume"):
        assert act(careless, sets.private, action, sure="1", name="x").status_code == 403
    assert ZoneSet.objects.filter(pk=sets.private.pk, name=SECRET).exists()
    assert careless.get(reverse("zone_set_act", args=(sets.private.pk, "share"))).status_code == 405


def test_delete_leaves_no_row_and_no_file(client: Client, sets: Sets, store: Path) -> None:
    kept = open_store(str(store))
    upload = store.parent / "upload"
    upload.write_bytes(b"zones")
    kept.put(upload, sets.private.upload_key)
    zones = list(Zone.objects.filter(layer=sets.private.layer_id).values_list("pk", flat=True))
    make_run(sets.private, state=Run.State.SUCCEEDED, done=2)
    client.force_login(sets.owner)
    assert act(client, sets.private, "delete").status_code == 409
    response = act(client, sets.private, "delete", sure="1")
    assert response.status_code == 302
    assert "are removed" in text_of(client.get(response["Location"]))
    assert not ZoneSet.objects.filter(pk=sets.private.pk).exists()
    assert not Layer.objects.filter(pk=sets.private.layer_id).exists()
    assert not Level.objects.filter(slug=sets.private.slug).exists()
    assert not ZoneStatistics.objects.filter(zone_id__in=zones).exists()
    assert not PlaceName.objects.filter(level__slug=sets.private.slug).exists()
    assert not Run.objects.filter(kind=Run.Kind.ZONES).exists()
    assert not [path for path in store.rglob("*") if path.is_file()]
    assert client.get(sets.private.get_absolute_url()).status_code == 404


def test_rename_and_share_by_the_forms(client: Client, sets: Sets) -> None:
    client.force_login(sets.owner)
    assert act(client, sets.private, "rename", name="  ").status_code == 409
    assert act(client, sets.private, "rename", name="<i>Neu</i>").status_code == 302
    act(client, sets.private, "share")
    page = text_of(client.get(sets.private.get_absolute_url()))
    assert "<i>Neu" not in page
    assert "&lt;i&gt;Neu&lt;/i&gt;" in page
    sets.private.refresh_from_db()
    assert f"http://testserver/zones/shared/{sets.private.share_token}/" in page
    act(client, sets.private, "revoke")
    sets.private.refresh_from_db()
    assert sets.private.share_token == ""


def test_figures_are_those_that_are_stored(client: Client, sets: Sets) -> None:
    page = text_of(client.get(sets.published.get_absolute_url()))
    # Of the three zones: sealed 1 060 + 1 100 + 3 060 cells of 35 000 observed.
    assert f"14.9{THIN}%" in page
    assert f"52.2{THIN}ha of 350{THIN}ha observed" in page
    # Gain 100 + 200 + 100, loss 40 + 0 + 40.
    assert f"+3.20{THIN}ha" in page
    assert f"gain 4.00{THIN}ha, loss 0.80{THIN}ha" in page
    assert f"1 pair of zones overlaps, by 100{THIN}ha" in page
    # Raw counts of 2018: 1 000 + 900 + 3 000 of 39 000.
    assert f"<td>4{THIN}900</td><td>39{THIN}000</td><td>1{THIN}000</td>" in page
    for name in ("Parc du Nord", "Parc du Sud", "Grand parc"):
        assert f">{name}</a>" in page


def test_rows_of_zones_and_their_orders(client: Client, sets: Sets) -> None:
    def names(sort: str) -> list[str]:
        page = text_of(client.get(f"{sets.published.get_absolute_url()}?sort={sort}"))
        table = page[page.index('class="set-table"') :].split("</table>")[0]
        return [part.split("<")[0] for part in table.split('/">')[1:]]

    assert names("name") == ["Grand parc", "Parc du Nord", "Parc du Sud"]
    assert names("-share-clcplus-2021") == ["Parc du Sud", "Grand parc", "Parc du Nord"]
    assert names("-share-clcplus-2018") == ["Grand parc", "Parc du Nord", "Parc du Sud"]
    assert names("-net") == ["Parc du Sud", "Grand parc", "Parc du Nord"]
    assert names("-area")[0] == "Grand parc"
    assert names("-missing")[0] == "Parc du Sud"
    assert names("nonsense") == names("-share-clcplus-2021")


def test_small_zones_have_the_rule_of_covered_area_beside(client: Client, sets: Sets) -> None:
    client.force_login(sets.owner)
    page = text_of(client.get(sets.private.get_absolute_url()))
    assert f"10.0{THIN}% <small" in page
    assert f"(10.2{THIN}%)" in page
    assert "Bassin &lt;b&gt;amont&lt;/b&gt;" in page
    assert "<b>amont" not in page
    zone = text_of(client.get(f"/territories/{sets.private.slug}/1/"))
    assert f"10.2{THIN}%" in zone
    assert "uploaded zone of" in zone
    assert "is not published" in zone
    assert "Sealed area per inhabitant, 2" not in zone
    assert sets.private.get_absolute_url() in zone


def test_files_have_every_zone(client: Client, sets: Sets) -> None:
    base = f"/zones/{sets.published.pk}"
    rows = json.loads(text_of(client.get(f"{base}/tables/statistics.json")))["rows"]
    sealed = {
        (row["code"], row["edition"]): row["value"]
        for row in rows
        if row["indicator"] == "sealed_area"
    }
    assert sealed["P2", "clcplus-2021"] == 110_000
    assert len(sealed) == 6
    change = json.loads(text_of(client.get(f"{base}/tables/change.json")))["rows"]
    net = {r["code"]: r["value"] for r in change if r["indicator"] == "sealed_net_change"}
    assert net == {"P1": 6_000, "P2": 20_000, "P3": 6_000}
    assert {r["code"] for r in change if r["indicator"] == "map_noise"} == {"P1", "P2", "P3"}
    shapes = json.loads(text_of(client.get(f"{base}/shapes.geojson")))
    assert [f["properties"]["code"] for f in shapes["features"]] == ["P1", "P2", "P3"]
    assert shapes["features"][1]["properties"]["clcplus_2021_sealed_area"] == 110_000
    assert shapes["features"][0]["geometry"]["type"] == "MultiPolygon"
    for name in ("tables/statistics.xlsx", "tables/classes.parquet", "shapes.gpkg"):
        response = client.get(f"{base}/{name}")
        assert response.status_code == 200, name
        assert len(b"".join(response.streaming_content)) > 1000, name  # type: ignore[attr-defined]
    assert client.get(f"{base}/tables/nothing.csv").status_code == 404


def test_coverage_table_of_a_private_set(client: Client, sets: Sets) -> None:
    client.force_login(sets.owner)
    rows = json.loads(text_of(client.get(f"/zones/{sets.private.pk}/tables/coverage.json")))["rows"]
    sealed = [r for r in rows if r["indicator"] == "sealed_area_by_coverage"]
    assert [(r["code"], r["value"]) for r in sealed] == [("1", 51_225.0), ("2", 54_825.0)]


def test_shares_of_a_set_are_like_for_like_and_marked(client: Client, sets: Sets) -> None:
    page = text_of(client.get(sets.published.get_absolute_url())).replace(THIN, " ")
    # 4 900 and 5 220 of 35 000 cells; of its 40 000 the edition of 2018 has observed 39 000.
    assert (
        "Like for like, on the 350 ha (88 %) observed in both editions, the share is 14.00 % in"
        " 2018 and 14.91 % in 2021."
    ) in page
    assert "12 % not observed in 2021" in page
    table = page[page.index('class="set-table"') :]
    row = table[table.index("Parc du Sud") :].split("</tr>")[0]
    assert "50 % not observed in 2021" in row
    row = table[table.index("Parc du Nord") :].split("</tr>")[0]
    assert "not observed in" not in row
    assert "12 % not observed in 2021" in text_of(client.get("/zones/")).replace(THIN, " ")


def test_a_pending_edition_does_not_hide_the_series(
    client: Client, sets: Sets, small_world: World
) -> None:
    publish_edition(small_world, 2023)
    make_run(sets.published, state=Run.State.RUNNING, done=0)
    zone = text_of(client.get(f"/territories/{sets.published.slug}/P1/"))
    assert "observed in both editions" in zone
    assert "are not comparable" not in zone


def test_an_edition_that_is_to_be_counted_is_said_to_be(
    client: Client, sets: Sets, small_world: World
) -> None:
    publish_edition(small_world, 2023)
    make_run(sets.published, state=Run.State.RUNNING, done=0)
    page = text_of(client.get(sets.published.get_absolute_url()))
    assert "CLC+ Backbone 2023 is being counted for these zones: 0 of 3 so far" in page
    assert "Sealed share of all zones, 2021" in page
    zone = text_of(client.get(f"/territories/{sets.published.slug}/P1/"))
    assert "Sealed share, 2021" in zone
    beside = text_of(client.get(f"/compare/?t={sets.published.slug}:P1&t=commune:07001"))
    assert "to be counted" in beside
    ranking = client.get(f"/ranking/{sets.published.slug}/?edition=clcplus-2023")
    assert ranking.status_code == 200
    assert "Parc du Nord" not in text_of(ranking)
    assert "0 of 3 counted" in text_of(client.get("/zones/"))


def test_progress_failures_cancelling_and_going_on(
    client: Client, sets: Sets, quiet_broker: list[Any]
) -> None:
    run = make_run(sets.private, state=Run.State.RUNNING, done=1)
    client.force_login(sets.owner)
    page = text_of(client.get(sets.private.get_absolute_url()))
    assert "1 of 2 zones" in page
    assert "data-moving" in page
    address = reverse("zone_set_progress", args=(sets.private.pk,))
    fragment = text_of(client.get(address))
    assert "data-moving" in fragment
    assert "data-arrived" not in fragment
    assert "<html" not in fragment
    blocked = act(client, sets.private, "publish", sure="1")
    assert blocked.status_code == 409
    assert "still being counted" in text_of(blocked)
    act(client, sets.private, "cancel")
    run.refresh_from_db()
    assert run.state == Run.State.CANCELLED
    assert "data-arrived" in text_of(client.get(address))
    assert "The computation was cancelled" in text_of(client.get(sets.private.get_absolute_url()))
    assert act(client, sets.private, "cancel").status_code == 409
    assert act(client, sets.private, "resume").status_code == 302


def test_zones_that_failed_are_told_with_the_reason(client: Client, sets: Sets) -> None:
    zone = Zone.objects.get(layer=sets.private.layer_id, code="2")
    failure = {"zone": zone.pk, "code": "2", "name": zone.name, "reason": "block <3> is broken"}
    make_run(sets.private, state=Run.State.SUCCEEDED, done=2, failures=[failure])
    client.force_login(sets.owner)
    page = text_of(client.get(sets.private.get_absolute_url()))
    assert "1 zone could not be counted" in page
    assert "block &lt;3&gt; is broken" in page
    assert "Try again" in page


def test_statements_do_not_grow_with_the_zones(
    client: Client, sets: Sets, django_assert_max_num_queries: Any
) -> None:
    with counted() as sent, django_assert_max_num_queries(10):
        assert client.get(sets.published.get_absolute_url()).status_code == 200
    assert len(sent) <= 22, len(sent)
    with counted() as sent, django_assert_max_num_queries(6):
        assert client.get("/zones/").status_code == 200
    assert len(sent) <= 8


def test_staff_find_all_sets_in_the_list(client: Client, sets: Sets) -> None:
    client.force_login(sets.staff)
    page = client.get("/zones/")
    assert "no-store" in page["Cache-Control"]
    text = text_of(page)
    assert SECRET in text
    assert OPEN.replace("'", "&#x27;") in text
    assert "New zones" in text
    assert "New zones" not in text_of(Client().get("/zones/"))


def map_of(page: Any) -> dict[str, Any]:
    """What the home page tells its map."""
    told: dict[str, Any] = json.loads(page.context["map_config"])
    return told


def test_the_home_page_offers_published_sets_alone(client: Client, sets: Sets) -> None:
    client.force_login(sets.owner)
    page = client.get("/")
    assert [item.name for item in page.context["offered_sets"]] == [OPEN]
    assert SECRET not in text_of(page)
    assert map_of(page)["levels"][0]["slug"] == "region"


def test_the_home_page_maps_the_set_that_is_asked_for(client: Client, sets: Sets) -> None:
    page = client.get("/", {"areas": sets.published.slug})
    assert [level["slug"] for level in map_of(page)["levels"]] == [sets.published.slug]
    assert map_of(page)["people"] is False
    assert f'<option value="{sets.published.slug}" selected>' in text_of(page)
    assert f'href="/territories/{sets.published.slug}/"' in text_of(page)


@pytest.mark.parametrize("asked", ["private", "commune", "zones-0000000000000000"])
def test_the_home_page_maps_territories_for_whatever_else(
    client: Client, sets: Sets, asked: str
) -> None:
    client.force_login(sets.owner)
    slug = sets.private.slug if asked == "private" else asked
    page = client.get("/", {"areas": slug})
    assert page.status_code == 200
    assert map_of(page)["levels"][0]["slug"] == "region"
    assert SECRET not in text_of(page)


def test_without_a_published_set_there_is_nothing_to_choose(client: Client, sets: Sets) -> None:
    set_publication.withdraw(zone_set=sets.published, by=sets.owner)
    assert 'name="areas"' not in text_of(client.get("/"))
