"""Publish and withdraw."""

from __future__ import annotations

import pytest

from clcplus.actions.editions import publication
from clcplus.errors import UnknownEdition, WrongState
from clcplus.models import Edition, Publication
from tests.region import Region
from tests.runs import drain, load_zones, register

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store", "quiet_broker")]


def test_an_edition_is_published_once_and_withdrawn(region: Region) -> None:
    load_zones(region)
    slug = drain(register(region, 2021, publish=False)).edition.slug
    assert Edition.objects.get().status == Edition.Status.LOADED
    assert not Publication.objects.filter(event="published").exists()
    publication.publish_edition(slug=slug)
    publication.publish_edition(slug=slug)
    assert Publication.objects.filter(event="published").count() == 1
    publication.withdraw_edition(slug=slug)
    edition = Edition.objects.get()
    assert edition.status == Edition.Status.WITHDRAWN
    assert edition.withdrawn_at is not None
    publication.publish_edition(slug=slug)
    assert Edition.objects.get().withdrawn_at is None


def test_what_is_not_counted_cannot_be_published(region: Region) -> None:
    load_zones(region)
    slug = register(region, 2021, publish=False).edition.slug
    with pytest.raises(WrongState, match=r"not yet counted"):
        publication.publish_edition(slug=slug)
    with pytest.raises(WrongState, match=r"expected a published edition"):
        publication.withdraw_edition(slug=slug)


def test_an_unknown_edition_is_named_with_those_that_are_known(region: Region) -> None:
    load_zones(region)
    register(region, 2021)
    with pytest.raises(UnknownEdition, match=r"clcplus-1999: .*one of: clcplus-2021"):
        publication.publish_edition(slug="clcplus-1999")
