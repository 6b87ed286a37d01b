"""A superseded edition: its figures by its slug, and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from clcplus.actions.editions import publication
from clcplus.database import read_side
from clcplus.errors import WrongState
from clcplus.models import AuditEntry, Edition, Publication, ZoneChange, ZoneStatistics
from clcplus.views.published import pages
from tests.world import World, as_cells, as_matrix, build

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("quiet_broker"),
]

OLD, NEW = "clcplus-2021", "clcplus-2021-v2"
V1 = "/api/v1"
PLACE = f"{V1}/territories/commune/07001"
BY_SLUG = (
    f"{PLACE}/statistics/?edition={OLD}",
    f"{PLACE}/change/?from=clcplus-2018&to={OLD}",
    f"{V1}/statistics/?level=commune&edition={OLD}&format=json",
    f"{V1}/change/?level=commune&from=clcplus-2018&to={OLD}&format=json",
)
ELSEWHERE = (
    f"{PLACE}/statistics/",
    f"{PLACE}/change/",
    f"{V1}/editions/",
    f"{V1}/statistics/?level=commune&format=json",
    f"{V1}/change/?level=commune&format=json",
    f"{V1}/statistics/?level=commune&edition=2021&format=json",
    f"{V1}/change/?level=commune&from=2018&to=2021&format=json",
    "/",
    "/editions/",
    "/territories/commune/07001/",
    "/territories/commune/",
    "/ranking/commune/",
)
GONE = (
    f"/tiles/editions/{OLD}.json",
    f"/tiles/change/clcplus-2018/{OLD}.json",
)


@pytest.fixture
def replaced() -> Iterator[World]:
    """The world, in which the edition of 2021 has a second version, with 1 200 cells sealed in
    07001 instead of 1 060."""
    world = build()
    cache.clear()
    pages.clear()
    old = world.editions[2021]
    new = Edition.objects.get(pk=old.pk)
    new.pk, new.slug, new.version, new.content_hash = None, NEW, 2, "2" * 64
    new.status, new.loaded_at = Edition.Status.LOADED, timezone.now()
    new.save()
    for zone in world.zones.values():
        ZoneStatistics.objects.create(
            edition=new, zone=zone, cells=as_cells({1: 1200, 6: zone.cells - 1200})
        )
        ZoneChange.objects.create(
            earlier=world.editions[2018],
            later=new,
            zone=zone,
            matrix=as_matrix({(1, 1): 1000, (6, 1): 200, (6, 6): zone.cells - 1200}),
        )
    publication.publish_edition(slug=NEW)
    yield world
    pages.clear()
    read_side.dispose()


def get(client: Client, address: str, **headers: str) -> Any:
    """An answer that is read to its end, which closes what it reads from."""
    response = client.get(address, headers=headers)
    text_of(response)
    response.close()
    return response


def text_of(response: Any) -> str:
    return bytes(response.getvalue()).decode("utf-8", "replace")


def test_the_older_version_is_superseded_and_not_withdrawn(replaced: World) -> None:
    old = Edition.objects.get(slug=OLD)
    assert (old.status, old.superseded_by) == (Edition.Status.SUPERSEDED, NEW)
    assert old.withdrawn_at is None
    events = Publication.objects.order_by("-pk").values_list("event", "subject")
    assert list(events[:2]) == [("published", NEW), ("superseded", OLD)]
    assert AuditEntry.objects.filter(event="superseded", key=OLD).exists()


def test_its_figures_stay_at_its_slug_and_say_what_replaces_it(
    client: Client, replaced: World
) -> None:
    body = client.get(BY_SLUG[0]).json()
    [statistics] = body["statistics"]
    assert statistics["sealed"]["cells"] == 1060
    [edition] = body["editions"]
    assert (edition["slug"], edition["superseded_by"]) == (OLD, NEW)
    assert body["series"] is None
    change = client.get(BY_SLUG[1]).json()
    assert change["raw"]["gain"]["cells"] == 100
    assert [item["superseded_by"] for item in change["editions"]] == [None, NEW]
    for address in BY_SLUG[2:]:
        table = client.get(address)
        assert table.status_code == 200, address
        assert OLD in json.loads(text_of(table))["editions"], address
    sealed = [
        row["value"]
        for row in json.loads(text_of(client.get(BY_SLUG[2])))["rows"]
        if (row["code"], row["indicator"]) == ("07001", "sealed_area")
    ]
    assert sealed == [106_000]


def test_a_year_and_every_default_are_the_new_version(client: Client, replaced: World) -> None:
    body = client.get(f"{PLACE}/statistics/").json()
    assert [item["slug"] for item in body["editions"]] == ["clcplus-2018", NEW]
    assert [item["superseded_by"] for item in body["editions"]] == [None, None]
    [of_year] = client.get(f"{PLACE}/statistics/?edition=2021").json()["statistics"]
    assert of_year["sealed"]["cells"] == 1200
    assert client.get(f"{PLACE}/change/").json()["later"] == NEW
    # Beside the old one, the year is still the new one's.
    both = client.get(f"{PLACE}/statistics/?edition={OLD},2021").json()
    assert [item["sealed"]["cells"] for item in both["statistics"]] == [1060, 1200]
    half = client.get(f"{PLACE}/change/?from=clcplus-2018").json()
    assert half["later"] == NEW


@pytest.mark.parametrize("address", ELSEWHERE)
def test_it_is_in_no_list_default_ranking_or_map(
    client: Client, replaced: World, address: str
) -> None:
    # Another reader names it, and leaves nothing behind.
    assert client.get(BY_SLUG[0]).status_code == 200
    response = client.get(address)
    assert response.status_code == 200, address
    found = text_of(response)
    assert NEW in found
    assert OLD not in found.replace(NEW, "")


def test_a_map_of_it_there_is_none(client: Client, replaced: World) -> None:
    for address in GONE:
        assert client.get(address).status_code == 404, address


@pytest.mark.parametrize("slug", ["clcplus-2023", "clcplus-2021-v9", "%", f"{NEW},x"])
def test_naming_shows_only_what_is_superseded(client: Client, replaced: World, slug: str) -> None:
    """An edition that is only loaded, and none at all."""
    answer = client.get(f"{PLACE}/statistics/", {"edition": slug})
    assert answer.status_code == 404
    assert "9999" not in text_of(answer)
    assert OLD not in answer.json()["published"]


def test_once_withdrawn_it_is_gone_at_once(client: Client, replaced: World) -> None:
    had = {address: get(client, address) for address in BY_SLUG}
    for address, response in had.items():
        control = response["Cache-Control"]
        assert "no-cache" in control, address
        assert "immutable" not in control, address
        assert "max-age" not in control, address
        again = get(client, address, **{"If-None-Match": response["ETag"]})
        assert again.status_code == 304, address
    publication.withdraw_edition(slug=OLD)
    for address, response in had.items():
        for headers in ({}, {"If-None-Match": response["ETag"]}):
            assert get(client, address, **headers).status_code == 404, address
    with pytest.raises(WrongState, match=r"withdrawn; expected a published edition"):
        publication.withdraw_edition(slug=OLD)


def test_it_can_be_published_again(client: Client, replaced: World) -> None:
    Edition.objects.filter(slug=OLD).update(loaded_at=timezone.now())
    publication.publish_edition(slug=OLD)
    assert Edition.objects.get(slug=OLD).superseded_by == ""
    assert Edition.objects.get(slug=NEW).superseded_by == OLD
    body = client.get(f"{PLACE}/statistics/?edition={NEW}").json()
    assert body["editions"][0]["superseded_by"] == OLD
