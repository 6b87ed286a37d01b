"""Withdrawn things: nobody is served what was unpublished, from no cache and by no old address."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client, override_settings
from django.utils import timezone

from analytics import queries
from analytics.rasters.store import open_store
from clcplus.actions import reports
from clcplus.actions.editions import publication
from clcplus.actions.zone_sets import set_publication
from clcplus.database import read_side
from clcplus.jobs import runner
from clcplus.models import Publication, Report, Zone, ZoneSet
from clcplus.views.published import pages
from tests.statements import counted
from tests.views.test_zone_sets import private_addresses
from tests.world import World, build
from tests.zone_sets.world import OPEN, Sets, build_sets

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("quiet_broker"),
]

EDITION = "clcplus-2021"


@pytest.fixture
def small_world(store: Path) -> Iterator[World]:
    """The world, with pages and tiles that are kept."""
    made = build()
    cache.clear()
    pages.clear()
    store.mkdir()
    with override_settings(PAGES_KEPT_MB=8):
        yield made
    pages.clear()


@pytest.fixture
def sets(small_world: World) -> Sets:
    return build_sets(small_world)


def text_of(response: Any) -> str:
    return bytes(response.getvalue()).decode("utf-8", "replace")


def made_report(store: Path, *, level: str, code: str, vintage: int = 2024) -> Report:
    """A finished report of what is published now, with its file."""
    with read_side.snapshot() as opened:
        data = str(queries.data_version(opened))
    report = reports.request_report(
        level=level,
        code=code,
        name="x",
        vintage=vintage,
        earlier="clcplus-2018",
        later=EDITION,
        language="en-gb",
        data=data,
        release="1",
        site="http://testserver",
        client="tests",
    )
    Report.objects.filter(pk=report.pk).update(
        state=Report.State.DONE, finished_at=timezone.now(), pages=1, size=4
    )
    draft = store.parent / f"{report.pk}.pdf"
    draft.write_bytes(b"%PDF")
    open_store(str(store)).put(draft, report.key)
    return report


def addresses_of(report: Report) -> tuple[str, str, str]:
    return (
        f"/reports/{report.pk}.pdf",
        f"/reports/{report.pk}/",
        f"/reports/{report.pk}/progress/",
    )


def fetched(client: Client, addresses: list[str]) -> dict[str, Any]:
    """What a reader has of each address; each says that it is to be asked for again."""
    found = {}
    for address in addresses:
        response = client.get(address)
        assert response.status_code == 200, address
        control = response["Cache-Control"]
        assert "no-cache" in control or "no-store" in control, (address, control)
        assert "immutable" not in control, address
        found[address] = response
    return found


def every_address(zone_set: ZoneSet) -> list[str]:
    """Of a set and of one of its zones."""
    code = code_of(zone_set)
    return [address.replace("/1/", f"/{code}/") for address in private_addresses(zone_set)]


def code_of(zone_set: ZoneSet) -> str:
    zone = Zone.objects.filter(layer=zone_set.layer_id).first()
    assert zone is not None
    return zone.code


def vintage_of(zone_set: ZoneSet) -> int:
    assert zone_set.layer is not None
    return zone_set.layer.vintage


@pytest.mark.parametrize("end", ["withdraw", "delete"])
def test_a_zone_set_is_gone_at_every_address(
    client: Client, sets: Sets, store: Path, end: str
) -> None:
    """Pages, tables, shapes, charts, tiles and reports that a reader, and the caches, have."""
    found = sets.published
    report = made_report(store, level=found.slug, code=code_of(found), vintage=vintage_of(found))
    addresses = [
        *every_address(found),
        f"/tiles/territories/{found.slug}.json?v=1",
        f"/embed/territories/{found.slug}/{code_of(found)}/",
        *addresses_of(report),
    ]
    had = fetched(client, addresses)
    fetched(client, addresses)
    if end == "withdraw":
        set_publication.withdraw(zone_set=found, by=sets.staff)
    else:
        set_publication.delete(zone_set=found, by=sets.staff)
    for address, response in had.items():
        for headers in ({}, {"If-None-Match": response.get("ETag", '"x"')}):
            again = client.get(address, headers=headers)
            assert again.status_code == 404, (address, again.status_code)
            assert OPEN not in text_of(again), address
    assert not Report.objects.filter(level=found.slug).exists()
    assert not [path for path in (store / "reports").rglob("*") if path.is_file()]


def test_nothing_lists_or_finds_a_withdrawn_set(client: Client, sets: Sets) -> None:
    lists = ["/zones/", "/", f"/search/?q={OPEN[:5]}", f"/api/v1/search/?q={OPEN[:5]}"]
    lists += ["/api/v1/zones/", "/api/v1/levels/", "/territories/", "/search/suggestions/?q=parc"]
    before = [client.get(address) for address in lists]
    assert any(OPEN in text_of(response) for response in before)
    set_publication.withdraw(zone_set=sets.published, by=sets.staff)
    for address, had in zip(lists, before, strict=True):
        again = client.get(address, headers={"If-None-Match": had.get("ETag", '"x"')})
        # A set is named by the words of its owner, which a search page repeats.
        assert sets.published.slug not in text_of(again), address
        assert sets.published.get_absolute_url() not in text_of(again), address
        assert again.status_code == 200, address


def test_the_owner_of_a_withdrawn_set_sees_it_and_nobody_keeps_it(
    client: Client, sets: Sets
) -> None:
    set_publication.withdraw(zone_set=sets.published, by=sets.staff)
    client.force_login(sets.owner)
    for address in every_address(sets.published):
        response = client.get(address)
        assert response.status_code == 200, address
        control = response["Cache-Control"]
        assert "private" in control, address
        assert "public" not in control, address
        response.close()
    assert client.logout() is None
    for address in every_address(sets.published):
        assert client.get(address).status_code == 404, address


def test_a_revoked_share_link_opens_nothing(client: Client, sets: Sets) -> None:
    token = set_publication.share(zone_set=sets.private, by=sets.owner)
    assert client.get(f"/zones/shared/{token}/").status_code == 302
    had = fetched(client, every_address(sets.private))
    set_publication.revoke(zone_set=sets.private, by=sets.owner)
    assert client.get(f"/zones/shared/{token}/").status_code == 404
    for address, response in had.items():
        again = client.get(address, headers={"If-None-Match": response.get("ETag", '"x"')})
        assert again.status_code == 404, address


def test_an_edition_is_gone_with_the_reports_that_tell_of_it(
    client: Client, small_world: World, store: Path
) -> None:
    report = made_report(store, level="commune", code="07001")
    tiles = [
        f"/tiles/editions/{EDITION}.json",
        f"/tiles/editions/{EDITION}/12/1/1.png",
        f"/tiles/editions/{EDITION}/12/1/1@2x.png?v=3",
        f"/tiles/change/clcplus-2018/{EDITION}.json",
        f"/tiles/change/clcplus-2018/{EDITION}/12/1/1.png?v=3",
    ]
    shown = [
        "/territories/commune/07001/",
        "/territories/commune/07001/charts/share.svg",
        "/territories/commune/07001/tables/statistics.csv",
        "/api/v1/territories/commune/07001/statistics/",
        "/editions/",
        "/api/v1/editions/",
        "/tiles/territories/commune.json",
    ]
    had = fetched(client, [*tiles, *addresses_of(report)])
    read = fetched(client, shown)
    publication.withdraw_edition(slug=EDITION)
    for address, response in had.items():
        for headers in ({}, {"If-None-Match": response.get("ETag", '"x"')}):
            assert client.get(address, headers=headers).status_code == 404, address
    for address, response in read.items():
        again = client.get(address, headers={"If-None-Match": response["ETag"]})
        assert again.status_code == 200, address
        assert EDITION not in text_of(again), address


def test_a_report_does_not_come_back_with_its_edition(
    client: Client, small_world: World, store: Path
) -> None:
    """An edition may come back with other figures: its report is made anew."""
    old = made_report(store, level="commune", code="07001")
    publication.withdraw_edition(slug=EDITION)
    small_world.editions[2021].refresh_from_db()
    small_world.editions[2021].loaded_at = timezone.now()
    small_world.editions[2021].save()
    publication.publish_edition(slug=EDITION)
    for address in addresses_of(old):
        assert client.get(address).status_code == 404
    new = made_report(store, level="commune", code="07001")
    for address in addresses_of(new):
        assert client.get(address).status_code == 200


def test_a_new_publication_leaves_a_report_where_it_is(
    client: Client, small_world: World, store: Path
) -> None:
    report = made_report(store, level="commune", code="07001")
    Publication.objects.create(event=Publication.Event.POPULATION, subject="x")
    for address in addresses_of(report):
        assert client.get(address).status_code == 200


def test_files_of_what_was_withdrawn_go_within_the_hour(small_world: World, store: Path) -> None:
    report = made_report(store, level="commune", code="07001")
    assert reports.remove_old_reports() == 0
    publication.withdraw_edition(slug=EDITION)
    assert reports.remove_old_reports() == 1
    assert not (store / report.key).exists()


def test_a_report_that_is_made_while_its_set_is_deleted_leaves_no_file(
    sets: Sets, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = sets.published
    report = made_report(store, level=found.slug, code=code_of(found), vintage=vintage_of(found))
    open_store(str(store)).delete(report.key)
    Report.objects.update(state=Report.State.QUEUED)

    class Rendered:
        content, pages = b"%PDF", 1

    def make(*_: Any, **__: Any) -> Rendered:
        set_publication.delete(zone_set=found, by=sets.staff)
        return Rendered()

    monkeypatch.setattr("clcplus.report.production.make", make)
    assert not runner.work("report", report.pk)
    assert not (store / report.key).exists()


def test_publications_are_numbered_in_the_order_in_which_they_are_seen(small_world: World) -> None:
    """The attack by chance: two publish at once, the lower number is committed last, the identity
    of the data stays, and caches go on with what it withdrew."""
    first = threading.Event()
    numbers: list[int] = []

    def other() -> None:
        first.wait(10)
        numbers.append(Publication.objects.create(event="zones", subject="b").pk)
        connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    with transaction.atomic():
        mine = Publication.objects.create(event="withdrawn", subject="a").pk
        first.set()
        thread.join(timeout=0.5)
        assert thread.is_alive(), "the second has to wait for the first"
    thread.join(timeout=10)
    assert numbers[0] > mine


def test_a_tile_that_a_reader_has_costs_few_statements(client: Client, small_world: World) -> None:
    """Asking each time is cheap: no tile is made, none is read from the cache."""
    address = "/tiles/territories/commune/5/16/11.mvt"
    tag = client.get(address)["ETag"]
    with counted() as sent:
        assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
    assert len(sent) == 1, sent
