"""Races: the same set and the same job, asked for different things at the same moment. Each answer
is one that a request alone could have got, and never an error of the server."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections, transaction
from django.test import Client

from clcplus.actions import api_tokens
from clcplus.actions.zone_sets import computation, set_publication, zone_acceptance
from clcplus.errors import UnknownZoneSet
from clcplus.jobs import runner
from clcplus.models import Layer, Run, ZoneSet
from clcplus.models.api_token import Scope
from tests.world import build
from tests.zone_sets.world import Sets, build_sets

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("store", "quiet_broker"),
]
AT_ONCE = 6
ROUNDS = 4


@pytest.fixture
def sets() -> Sets:
    return build_sets(build())


def together(*actions: Callable[[], Any]) -> list[Any]:
    """What actions give that begin at the same moment, each with a connection of its own; an error
    is raised here."""
    start = threading.Barrier(len(actions))
    given: list[Any] = [None] * len(actions)

    def act(number: int) -> None:
        try:
            start.wait(20)
            given[number] = actions[number]()
        except Exception as error:
            given[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=act, args=(number,)) for number in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "they wait for each other"
    for one in given:
        if isinstance(one, Exception):
            raise one
    return given


def asking(user: User, method: str, path: str, **sent: Any) -> Callable[[], int]:
    """A request of the API by an account; gives its status."""
    _token, token = api_tokens.create(account=user, name="tests", by="tests", scopes=Scope.values)

    def ask() -> int:
        client = Client(headers={"Authorization": f"Bearer {token}"}, raise_request_exception=False)
        more = {"data": sent, "content_type": "application/json"} if sent else {}
        return int(getattr(client, method)(path, **more).status_code)

    return ask


def posting(user: User, path: str, **form: Any) -> Callable[[], int]:
    """A form of the pages by an account; gives its status."""

    def ask() -> int:
        client = Client(raise_request_exception=False)
        client.force_login(user)
        return int(client.post(path, form).status_code)

    return ask


def test_a_set_is_deleted_by_several_at_once(sets: Sets) -> None:
    path = f"/api/v1/zones/{sets.private.pk}/"
    answers = together(*[asking(sets.owner, "delete", path)] * AT_ONCE)
    assert set(answers) <= {204, 404}
    assert answers.count(204) == 1
    assert not ZoneSet.objects.filter(pk=sets.private.pk).exists()


def test_a_set_is_deleted_by_several_at_once_by_its_page(sets: Sets) -> None:
    path = f"{sets.private.get_absolute_url()}delete/"
    answers = together(*[posting(sets.owner, path, sure="1")] * AT_ONCE)
    assert set(answers) <= {302, 404}
    assert answers.count(302) == 1


@pytest.mark.parametrize("end", ["delete", "patch"])
def test_a_set_is_changed_in_every_way_at_once(sets: Sets, end: str) -> None:
    """Publish, withdraw, share, rename, resume and cancel, and in the end delete."""
    path, job = f"/api/v1/zones/{sets.private.pk}/", f"/api/v1/jobs/{sets.private.pk}/"
    page = sets.private.get_absolute_url()
    for _ in range(ROUNDS):
        answers = together(
            asking(sets.owner, "patch", path, published=True),
            asking(sets.owner, "patch", path, name="Other", published=False, shared=True),
            asking(sets.staff, "patch", path, skip_bad=True, shared=False),
            asking(sets.staff, "patch", path, crs="EPSG:3035", skip_bad=False),
            asking(sets.owner, "post", job),
            asking(sets.owner, "delete", job),
            posting(sets.staff, f"{page}publish/", sure="1"),
            posting(sets.staff, f"{page}rename/", name="Third"),
            posting(sets.owner, f"{page}withdraw/"),
            posting(sets.owner, f"{page}resume/"),
        )
        assert max(answers) < 500, answers
        assert set(answers) <= {200, 202, 302, 404, 409}, answers
    if end == "delete":
        answers = together(
            asking(sets.owner, "delete", path),
            asking(sets.owner, "delete", path),
            asking(sets.staff, "patch", path, published=True, name="Other"),
            asking(sets.owner, "post", job),
            asking(sets.owner, "delete", job),
            posting(sets.staff, f"{page}publish/", sure="1"),
            posting(sets.owner, f"{page}share/"),
            posting(sets.owner, f"{page}discard/"),
        )
        assert max(answers) < 500, answers
        assert not ZoneSet.objects.filter(pk=sets.private.pk).exists()


def test_two_sets_are_published_at_once(sets: Sets) -> None:
    """Both write the names that a search looks through."""
    for _ in range(ROUNDS):
        answers = together(
            *(
                asking(sets.staff, "patch", f"/api/v1/zones/{one.pk}/", name=name, published=shown)
                for one in (sets.private, sets.published)
                for name, shown in (("One", True), ("Two", False))
            )
        )
        assert set(answers) == {200}, answers


def test_a_set_is_deleted_while_it_is_planned_and_ended(sets: Sets) -> None:
    """A worker that plans or ends the computation of a set keeps the set until it is through; a
    run of a layer that is gone would be an error when the deletion is committed."""
    layer = sets.private.layer
    assert layer is not None
    run = Run.objects.create(kind=Run.Kind.ZONES, layer=layer)

    def plan() -> None:
        computation.plan(layer=layer, by=None)

    def finalise() -> None:
        runner.finish("zones", run.pk)

    path = f"/api/v1/zones/{sets.private.pk}/"
    answers = together(plan, finalise, asking(sets.owner, "delete", path), plan, finalise)
    assert answers[2] == 204
    assert not Layer.objects.filter(pk=layer.pk).exists()
    assert not Run.objects.filter(layer=layer.pk).exists()


def test_a_plan_waits_for_a_deletion(sets: Sets) -> None:
    """The order that used to end with a broken reference at the commit of the deletion."""
    layer = sets.private.layer
    assert layer is not None
    planned: list[Any] = []

    def plan() -> None:
        planned.append(computation.plan(layer=layer, by=None))
        connections.close_all()

    thread = threading.Thread(target=plan)
    with transaction.atomic():
        set_publication.delete(zone_set=sets.private, by=sets.owner)
        thread.start()
        thread.join(0.5)
        assert thread.is_alive()
    thread.join(20)
    assert planned == [None]


def test_actions_on_a_deleted_set_are_refused_with_the_reason(sets: Sets) -> None:
    """Each action looks at the set again once it holds it."""
    stale = sets.private
    ZoneSet.objects.filter(pk=stale.pk).delete()
    for act in (
        lambda: set_publication.publish(zone_set=stale, by=None),
        lambda: set_publication.withdraw(zone_set=stale, by=None),
        lambda: set_publication.share(zone_set=stale, by=None),
        lambda: set_publication.revoke(zone_set=stale, by=None),
        lambda: set_publication.rename(zone_set=stale, by=None, name="x"),
        lambda: set_publication.delete(zone_set=stale, by=None),
        lambda: zone_acceptance.accept(zone_set=stale, by=None, skip_bad=False, name="x"),
    ):
        with pytest.raises(UnknownZoneSet):
            act()
