"""Offers: the editions that sources have today, and those of them that the platform lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from clcplus.actions.editions import fetch
from clcplus.actions.editions.fetch import DOWNLOAD_API, IMAGE_SERVER
from clcplus.jobs.states import OPEN
from clcplus.models import Edition, Run
from clcplus.sources import image_server
from clcplus.sources.client import Client


@dataclass(frozen=True, slots=True, order=True)
class Offer:
    """An edition of a reference year that a source has."""

    year: int
    source: str


def _of_image_server(client: Client) -> Iterable[int]:
    return image_server.years(client, root=settings.IMAGE_SERVER_URL)


def _of_download_api(client: Client) -> Iterable[int]:
    """Nothing where no key is configured: an operator without one does not use this source."""
    return fetch.download_api(client).years() if settings.CLMS_KEY_FILE is not None else ()


_YEARS: Mapping[str, Callable[[Client], Iterable[int]]] = {
    # A year that several sources have is taken from the first.
    IMAGE_SERVER: _of_image_server,
    DOWNLOAD_API: _of_download_api,
}
WATCHED = "watched"
"""The watched place takes what is copied there by itself; the refresh goes on from there."""
_FOLLOWED_WITHIN = timedelta(days=7)


def offers() -> list[Offer]:
    """What all sources have, by year. Raises SourceError where one of them cannot be asked: a
    source that is away does not have nothing."""
    client = Client(trusted=frozenset(settings.SOURCE_HOSTS))
    found: dict[int, Offer] = {}
    for source, years in _YEARS.items():
        for year in years(client):
            found.setdefault(year, Offer(year, source))
    return sorted(found.values())


def known_years() -> set[int]:
    """Years of which the platform has an edition, or is about to have one. A modelled edition is
    none: it stands in for the one that comes."""
    loaded = Edition.objects.filter(product=fetch.PRODUCT, loaded_at__isnull=False)
    loaded = loaded.exclude(origin=Edition.Origin.MODELLED)
    under_way = Run.objects.filter(state__in=OPEN)
    ingests = under_way.filter(kind=Run.Kind.INGEST, edition__product=fetch.PRODUCT).exclude(
        edition__origin=Edition.Origin.MODELLED
    )
    asked = under_way.filter(
        Q(kind=Run.Kind.FETCH) | Q(kind=Run.Kind.REGISTER), parameters__product=fetch.PRODUCT
    )
    return {
        *loaded.values_list("year", flat=True),
        *ingests.values_list("edition__year", flat=True),
        *asked.values_list("parameters__year", flat=True),
    }


def taken_runs() -> list[Run]:
    """Checks of sources that the watched place has begun, and that no refresh has followed yet. One
    that is older was there before refreshes were, and is left to a person."""
    begun = Run.objects.filter(
        kind=Run.Kind.REGISTER,
        parameters__has_key="watched",
        created_at__gte=timezone.now() - _FOLLOWED_WITHIN,
    ).exclude(state=Run.State.CANCELLED)
    refreshes = Run.objects.filter(kind=Run.Kind.REFRESH)
    return [
        run
        for run in begun.order_by("parameters__year", "created_at")
        if not refreshes.filter(
            parameters__contains={"editions": [{"fetch": str(run.pk)}]}
        ).exists()
    ]


def lacking() -> list[Offer]:
    """What sources have and the platform has not, the oldest first. Raises SourceError."""
    known = known_years()
    return [offer for offer in offers() if offer.year not in known]
