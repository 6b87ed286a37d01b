"""What the demonstration holds, as its API lists it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tests.golden.export_request import Asked
from tests.golden.site import Site, Unreachable


@dataclass(frozen=True, slots=True)
class Place:
    """A territory."""

    level: str
    code: str
    name: str

    @property
    def path(self) -> str:
        return f"/territories/{self.level}/{self.code}/"

    @property
    def pair(self) -> str:
        """As addresses of comparisons and rankings name it."""
        return f"{self.level}:{self.code}"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Levels of territories and of zones, their territories, editions, and their pairs."""

    levels: tuple[str, ...]
    zone_levels: tuple[str, ...]
    zone_sets: tuple[str, ...]
    places: dict[str, tuple[Place, ...]]
    editions: tuple[str, ...]
    bounds: tuple[float, float, float, float]
    """West, south, east, north in degrees."""
    old_vintage: int
    days: frozenset[date]
    """On which editions and zones were published."""

    @property
    def all_levels(self) -> tuple[str, ...]:
        return self.levels + self.zone_levels

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Earlier edition first."""
        return list(itertools.combinations(self.editions, 2))

    @property
    def all_places(self) -> list[Place]:
        return [place for level in self.all_levels for place in self.places[level]]

    @property
    def samples(self) -> list[Place]:
        """Of each level the first, one of the middle and the last."""
        found = []
        for level in self.all_levels:
            places = self.places[level]
            chosen = {0, len(places) // 2, len(places) - 1}
            found += [places[number] for number in sorted(chosen)]
        return found

    @property
    def firsts(self) -> list[Place]:
        """The first of each level."""
        return [self.places[level][0] for level in self.all_levels]


def read_catalogue(site: Site) -> Catalogue:
    """Raises Unreachable where the site is no demonstration that is ready."""
    levels = _get(site, "/api/v1/levels/")["results"]
    editions = _get(site, "/api/v1/editions/")["results"]
    zone_sets = _get(site, "/api/v1/zones/")["results"]
    slugs = tuple(level["slug"] for level in levels)
    zone_levels = tuple(one["level"] for one in zone_sets)
    if not (slugs and len(editions) > 1 and zone_levels):
        raise Unreachable("found no levels, editions or zones; expected what `make demo` loads")
    return Catalogue(
        levels=slugs,
        zone_levels=zone_levels,
        zone_sets=tuple(one["id"] for one in zone_sets),
        places={level: _places(site, level) for level in (*slugs, *zone_levels)},
        editions=tuple(e["slug"] for e in sorted(editions, key=lambda e: e["year"])),
        bounds=tuple(levels[0]["bounds"]),
        old_vintage=min(levels[-1]["vintages"]),
        days=frozenset(
            datetime.fromisoformat(one["published_at"]).date() for one in (*editions, *zone_sets)
        ),
    )


def _places(site: Site, level: str) -> tuple[Place, ...]:
    rows = _get(site, f"/api/v1/territories/?level={level}&page_size=500")["results"]
    return tuple(Place(level, row["code"], row["name"]) for row in rows)


def _get(site: Site, address: str) -> Any:
    answer = site.ask(Asked("api", address))
    if answer.status_code != 200:
        raise Unreachable(f"{address}: {answer.status_code}")
    return answer.json()
