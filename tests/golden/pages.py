"""Addresses of pages, in each language."""

from __future__ import annotations

from collections.abc import Iterator

from tests.golden.addresses import MEASURES
from tests.golden.catalogue import Catalogue
from tests.golden.export_request import Asked, address
from tests.golden.normalisation import NO_ID

LANGUAGES = {"en": "", "fr": "/fr", "pl": "/pl"}


def everything(catalogue: Catalogue) -> Iterator[Asked]:
    """What readers see."""
    for language, prefix in LANGUAGES.items():
        for path in dict.fromkeys(_paths(catalogue)):
            yield Asked(f"pages/{language}", prefix + path)
    # Pages of all others come from the same templates; English is enough.
    for place in catalogue.all_places:
        if place not in catalogue.samples:
            yield Asked("pages/en", place.path)
    yield Asked("pages/en", "/.well-known/security.txt")
    yield Asked("pages/en", "/api/v1/docs/")


def _paths(catalogue: Catalogue) -> Iterator[str]:
    yield from ("/", "/territories/", "/ranking/", "/compare/", "/editions/", "/method/", "/area/")
    yield from ("/zones/", "/search/", "/nothing/", "/jobs/", "/zones/new/", "/area/?a=nothing")
    for query in ("saint", "Valmont", "0V001", "nothing at all"):
        yield address("/search/", q=query)
        yield address("/search/suggestions/", q=query)
    yield from _maps(catalogue)
    yield from _lists(catalogue)
    for place in catalogue.samples:
        yield from _territory(place.path, catalogue)
    yield from _comparisons(catalogue)
    for zone_set in catalogue.zone_sets:
        own = f"/zones/{zone_set}/"
        yield own
        for earlier, later in catalogue.pairs:
            yield address(own, from_=earlier, to=later)
        for order in ("name", "-net", "-missing", f"share-{catalogue.editions[-1]}"):
            yield address(own, sort=order)
    yield f"/zones/{NO_ID}/"
    yield f"/reports/{NO_ID}/"


def _maps(catalogue: Catalogue) -> Iterator[str]:
    place = catalogue.places[catalogue.levels[-1]][0].pair
    for layer in ("share", "change", "person"):
        for edition in catalogue.editions:
            yield address("/", layer=layer, edition=edition, place=place)
    for level in catalogue.all_levels:
        yield address("/", areas=level)


def _lists(catalogue: Catalogue) -> Iterator[str]:
    for level in catalogue.all_levels:
        yield f"/territories/{level}/"
        yield f"/ranking/{level}/"
    lowest = catalogue.levels[-1]
    for order in ("name", "-area", "-inhabitants", "-person", "-sealed", "share"):
        yield address(f"/territories/{lowest}/", sort=order)
    yield address(f"/territories/{lowest}/", page=2)
    yield "/territories/nothing/"
    ranking = f"/ranking/{lowest}/"
    for measure in MEASURES:
        yield address(ranking, sort=measure)
        yield address(ranking, sort=f"-{measure}", page=2)
    for edition in catalogue.editions:
        yield address(ranking, edition=edition)
    for earlier, later in catalogue.pairs:
        yield address(ranking, sort="-gain", from_=earlier, edition=later)
    yield address(ranking, in_=catalogue.places[catalogue.levels[1]][0].pair)
    yield address(ranking, people=1000)
    yield "/ranking/nothing/"


def _territory(own: str, catalogue: Catalogue) -> Iterator[str]:
    yield own
    yield address(own, vintage=catalogue.old_vintage)
    for earlier, later in catalogue.pairs:
        yield address(own, from_=earlier, to=later)
    yield address(own, sort="name")
    yield f"{own}report/"
    yield f"/embed{own}"
    yield address(f"/embed{own}", show="map")


def _comparisons(catalogue: Catalogue) -> Iterator[str]:
    places = catalogue.places[catalogue.levels[-1]]
    mixed = [places[0], places[-1], *catalogue.firsts]
    for chosen in (mixed[:1], mixed[:2], mixed):
        yield "/compare/?" + "&".join(f"t={place.pair}" for place in chosen)
    two = f"/compare/?t={places[0].pair}&t={places[1].pair}"
    for earlier, later in catalogue.pairs:
        yield f"{two}&from={earlier}&to={later}"
    yield f"{two}&edition={catalogue.editions[0]}"
    yield f"{two}&add=saint"
    yield "/compare/?t=nothing:1"


def of_staff(catalogue: Catalogue) -> Iterator[Asked]:
    """What those who are signed in see besides."""
    for prefix in LANGUAGES.values():
        for path in ("/", "/jobs/", "/zones/", "/zones/new/"):
            yield Asked("staff", prefix + path)
        for zone_set in catalogue.zone_sets:
            yield Asked("staff", f"{prefix}/zones/{zone_set}/")
    for zone_set in catalogue.zone_sets:
        yield Asked("staff", f"/api/v1/zones/{zone_set}/report/")
    yield Asked("staff", "/admin/")
