"""A small world that a reader checks by hand: four communes of 1 km², 10 000 cells each, in a row.

    region 07 Valmont (40 000 cells)
      07N Nord-Valmont                07S Sud-Valmont
        07001 Saint-Élie-d'Aubrac       07101 Montrieux
        07002 Bourg-l'Évêque            07102 La Fage

The layer of communes of 2020 still has 07003 Vieux-Bourg, the eastern half of today's 07002. The
layer of 2026 is not active: nobody may see it. Editions of 2018 and 2021 are published, that of
2023 is only loaded: none of its cells (all 9 999 of them sealed) may be seen.

    sealed of observed cells        2018             2021          observed in both
    07001                      1 000 of 10 000  1 060 of 10 000    gain 100, loss 40
    07002                      2 000 of 10 000  2 000 of 10 000    no change
    07101 (sea: 10, then 253)    900 of  9 000  1 100 of  5 000    gain 200 of 5 000
    07102                        500 of 10 000  not covered        –

Use: ``from tests.world import world`` in a test module or its conftest, mark the tests
``django_db``, and take ``world``. It is committed once a module, so that the read side's own
connections see it, and removed with the module; tests that change it need ``transaction=True`` and
:func:`build`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.core.cache import cache
from django.core.management import call_command

from analytics.nomenclature import CODES, OBSERVED_CODES
from analytics.products import CLCPLUS
from analytics.search.names import search_key
from clcplus.actions.territories import layer_zones
from clcplus.database import read_side
from clcplus.models import (
    Edition,
    Layer,
    Level,
    Population,
    Publication,
    Zone,
    ZoneChange,
    ZoneSeries,
    ZoneStatistics,
)

WEST, SOUTH = 4_000_000, 2_900_000
"""Metres in EPSG:3035: the lower left corner of commune 07001."""
SIDE = 1_000

Counts = dict[int, int]
Pairs = dict[tuple[int, int], int]
Patterns = dict[tuple[int, ...], int]

EDITION_2018: dict[str, Counts] = {
    "07001": {1: 1000, 6: 9000},
    "07002": {1: 2000, 7: 8000},
    "07101": {1: 900, 3: 4100, 10: 4000, 254: 1000},
    "07102": {1: 500, 6: 9500},
}
EDITION_2021: dict[str, Counts] = {
    "07001": {1: 1060, 6: 8940},
    "07002": {1: 2000, 7: 8000},
    "07101": {1: 1100, 3: 3900, 253: 4000, 254: 1000},
}
CHANGE: dict[str, Pairs] = {
    "07001": {(1, 1): 960, (1, 6): 40, (6, 1): 100, (6, 6): 8900},
    "07002": {(1, 1): 2000, (7, 7): 8000},
    "07101": {(1, 1): 900, (3, 1): 200, (3, 3): 3900},
}
# Cells by the years in which they are sealed, and with a minus not sealed.
SERIES: dict[str, Patterns] = {
    "07001": {(2018, 2021): 960, (2018, -2021): 40, (-2018, 2021): 100, (-2018, -2021): 8900},
    "07002": {(2018, 2021): 2000, (-2018, -2021): 8000},
    "07101": {(2018, 2021): 900, (-2018, 2021): 200, (-2018, -2021): 3900, (-2018,): 4000},
    "07102": {(2018,): 500, (-2018,): 9500},
}
# The two halves of 07002 as communes of 2020.
OLD_HALVES: dict[str, Counts] = {"07002": {1: 1500, 7: 3500}, "07003": {1: 500, 7: 4500}}
UNSEEN = 9_999


@dataclass(frozen=True, slots=True)
class World:
    """The rows that tests ask for by name."""

    editions: dict[int, Edition]
    zones: dict[str, Zone]
    """Zones of the newest active layers by code."""
    old: dict[str, Zone]
    """Communes of 2020 by code."""


def add(*parts: dict[Any, int]) -> dict[Any, int]:
    """Sum of counts, key by key."""
    total: dict[Any, int] = {}
    for part in parts:
        for key, cells in part.items():
            total[key] = total.get(key, 0) + cells
    return total


def as_cells(counts: Counts) -> list[int]:
    """Counts in the order in which they are stored."""
    return [counts.get(code, 0) for code in CODES]


def as_matrix(pairs: Pairs) -> list[int]:
    """Class pairs as they are stored, row by row of former classes."""
    return [pairs.get((a, b), 0) for a in OBSERVED_CODES for b in OBSERVED_CODES]


def as_pattern(years: tuple[int, ...], ids: dict[int, int]) -> list[int]:
    """A pattern of years as it is stored; the edition of 2023, which nobody may see, is in all."""
    return [ids[abs(year)] * (1 if year > 0 else -1) for year in (*years, 2023)]


def strip(first: float, last: float) -> MultiPolygon:
    """The squares from ``first`` to ``last`` of the row, in units of a commune."""
    west, east = WEST + first * SIDE, WEST + last * SIDE
    return MultiPolygon(Polygon.from_bbox((west, SOUTH, east, SOUTH + SIDE)), srid=3035)


def _edition(year: int, status: str) -> Edition:
    published = CLCPLUS.editions[year]
    edition: Edition = Edition.objects.create(
        slug=f"clcplus-{year}",
        product="clcplus",
        product_name=CLCPLUS.name,
        year=year,
        origin=Edition.Origin.OFFICIAL,
        status=status,
        window_start=published.window_start,
        window_end=published.window_end,
        doi=published.doi,
        content_hash=f"{year:064d}",
        published_at=datetime(2025, 1, 1, tzinfo=UTC) if status == "published" else None,
    )
    return edition


def _zone(
    layer: Layer,
    code: str,
    name: str,
    first: float,
    last: float,
    parent: Zone | None = None,
    successor: Zone | None = None,
) -> Zone:
    zone: Zone = Zone.objects.create(
        layer=layer,
        code=code,
        name=name,
        search_name=search_key(name),
        parent=parent,
        parent_code=parent.code if parent else "",
        successor=successor,
        geometry=strip(first, last),
        cells=int((last - first) * 10_000),
    )
    return zone


def build() -> World:
    """Make the rows, in the database that Django is connected to."""
    region = Level.objects.create(slug="region", name="Region", name_plural="Regions", rank=0)
    department = Level.objects.create(
        slug="departement", name="Département", name_plural="Départements", rank=1, parent=region
    )
    commune = Level.objects.create(
        slug="commune", name="Commune", name_plural="Communes", rank=2, parent=department
    )

    def layer(level: Level, vintage: int, *, active: bool = True) -> Layer:
        made: Layer = Layer.objects.create(
            level=level, vintage=vintage, active=active, source="tests", content_hash="0" * 64
        )
        return made

    regions, departments = layer(region, 2024), layer(department, 2024)
    communes, hidden = layer(commune, 2024), layer(commune, 2026, active=False)
    before = layer(commune, 2020)

    top = _zone(regions, "07", "Valmont", 0, 4)
    north = _zone(departments, "07N", "Nord-Valmont", 0, 2, top)
    south = _zone(departments, "07S", "Sud-Valmont", 2, 4, top)
    newest = [
        _zone(communes, "07001", "Saint-Élie-d'Aubrac", 0, 1, north),
        _zone(communes, "07002", "Bourg-l'Évêque", 1, 2, north),
        _zone(communes, "07101", "Montrieux", 2, 3, south),
        _zone(communes, "07102", "La Fage", 3, 4, south),
    ]
    older = [
        _zone(before, "07001", "Saint-Élie-d'Aubrac", 0, 1, north),
        _zone(before, "07002", "Bourg-l'Évêque", 1, 1.5, north),
        _zone(before, "07003", "Vieux-Bourg", 1.5, 2, north, successor=newest[1]),
        _zone(before, "07101", "Montrieux", 2, 3, south),
        _zone(before, "07102", "La Fage", 3, 4, south),
    ]
    unseen = [
        _zone(hidden, "07001", "Saint-Élie-Fantôme", 0, 1, north),
        _zone(hidden, "07999", "Fantôme", 3, 4, south),
    ]

    e2018, e2021 = _edition(2018, "published"), _edition(2021, "published")
    e2023 = _edition(2023, "loaded")
    for edition, known in ((e2018, EDITION_2018), (e2021, EDITION_2021)):
        in_north = add(known["07001"], known["07002"])
        in_south = add(known["07101"], known.get("07102", {255: 10_000}))
        counts = [(zone, known[zone.code]) for zone in newest if zone.code in known]
        counts += [
            (zone, OLD_HALVES.get(zone.code) or known[zone.code])
            for zone in older
            if zone.code in known or zone.code in OLD_HALVES
        ]
        counts += [(north, in_north), (south, in_south), (top, add(in_north, in_south))]
        ZoneStatistics.objects.bulk_create(
            ZoneStatistics(edition=edition, zone=zone, cells=as_cells(c)) for zone, c in counts
        )
    stable = {c: {(1, 1): n[1], (7, 7): n[7]} for c, n in OLD_HALVES.items()}
    north_pairs, south_pairs = add(CHANGE["07001"], CHANGE["07002"]), CHANGE["07101"]
    pairs = [(zone, CHANGE[zone.code]) for zone in newest if zone.code in CHANGE]
    pairs += [
        (zone, stable.get(zone.code) or CHANGE[zone.code])
        for zone in older
        if zone.code in CHANGE or zone.code in stable
    ]
    pairs += [(north, north_pairs), (south, south_pairs), (top, add(north_pairs, south_pairs))]
    ZoneChange.objects.bulk_create(
        ZoneChange(earlier=e2018, later=e2021, zone=zone, matrix=as_matrix(p)) for zone, p in pairs
    )
    halves = {code: {(2018, 2021): n[1], (-2018, -2021): n[7]} for code, n in OLD_HALVES.items()}
    north_series = add(SERIES["07001"], SERIES["07002"])
    south_series = add(SERIES["07101"], SERIES["07102"])
    series = [(zone, SERIES[zone.code]) for zone in newest]
    series += [(zone, halves.get(zone.code) or SERIES[zone.code]) for zone in older]
    series += [(north, north_series), (south, south_series), (top, add(north_series, south_series))]
    ZoneSeries.objects.bulk_create(
        ZoneSeries(zone=zone, pattern=as_pattern(years, ids), cells=cells)
        for ids in ({2018: e2018.pk, 2021: e2021.pk, 2023: e2023.pk},)
        for zone, by_years in series
        for years, cells in by_years.items()
    )
    everyone = [top, north, south, *newest, *older, *unseen]
    ZoneStatistics.objects.bulk_create(
        ZoneStatistics(edition=e2023, zone=zone, cells=as_cells({1: UNSEEN})) for zone in everyone
    )
    ZoneChange.objects.bulk_create(
        ZoneChange(earlier=e, later=e2023, zone=zone, matrix=as_matrix({(6, 1): UNSEEN}))
        for e in (e2018, e2021)
        for zone in everyone
    )
    Population.objects.bulk_create(
        Population(zone=zone, year=year, inhabitants=people)
        for zone, year, people in (
            (newest[0], 2018, 1000),
            (newest[0], 2021, 1060),
            (newest[1], 2021, 5000),
            (newest[2], 2021, 300),
            (north, 2021, 6060),
            (top, 2021, 6400),
        )
    )
    for event, subject in (("zones", "commune 2024"), ("published", "clcplus-2018")):
        Publication.objects.create(event=event, subject=subject)
    Publication.objects.create(event="published", subject="clcplus-2021")
    for made in (regions, departments, communes, hidden, before):
        layer_zones.summarise(made)
    layer_zones.refresh_names()
    return World(
        editions={2018: e2018, 2021: e2021, 2023: e2023},
        zones={zone.code: zone for zone in (top, north, south, *newest)},
        old={zone.code: zone for zone in older},
    )


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The world, committed for the tests of a module."""
    with django_db_blocker.unblock():
        made = build()
        cache.clear()
    yield made
    with django_db_blocker.unblock():
        read_side.dispose()
        call_command("flush", interactive=False, verbosity=0)
