"""Two sets of zones in the small world (:mod:`tests.world`), whose figures a reader checks by hand.

    published  "Parcs de l'Aubrac"     private  "Bassins secrets"
      P1 Parc du Nord  communes 07001    1 Bassin <b>amont</b>   western half of 07001
      P2 Parc du Sud   commune 07101     2 Bassin aval           eastern half of it, 0.5 km²
      P3 Grand parc    both halves of 07001 and 07002: it overlaps P1

    sealed of observed cells     2018             2021           observed in both
    P1                        1 000 of 10 000  1 060 of 10 000   gain 100, loss 40
    P2                          900 of  9 000  1 100 of  5 000   gain 200 of 5 000
    P3                        3 000 of 20 000  3 060 of 20 000   gain 100, loss 40
    1                           400 of  5 000    500 of  5 000   gain 100
    2                           600 of  5 000    560 of  5 000   loss 40

The edition of 2023 is loaded only. Zones 1 and 2 have rows by the rule *coverage* in 2021.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from analytics.search.names import search_key
from clcplus.actions.territories import layer_zones
from clcplus.actions.zone_sets.zone_acceptance import RANK
from clcplus.models import (
    Edition,
    Layer,
    Level,
    Publication,
    Run,
    Zone,
    ZoneBatch,
    ZoneChange,
    ZoneCover,
    ZoneSeries,
    ZoneSet,
    ZoneStatistics,
)
from tests.world import (
    CHANGE,
    EDITION_2018,
    EDITION_2021,
    Counts,
    Pairs,
    Patterns,
    World,
    add,
    as_cells,
    as_matrix,
    as_pattern,
    strip,
)

SECRET = "Bassins secrets"
OPEN = "Parcs de l'Aubrac"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A zone from ``first`` to ``last`` of the row of squares, with its counts by year; a year
    without counts is not counted yet."""

    code: str
    name: str
    first: float
    last: float
    counts: dict[int, Counts]
    pairs: Pairs | None = None
    coverage: Counts | None = None
    """Of 2021, by the rule *coverage*."""


@dataclass(frozen=True, slots=True)
class Sets:
    """What tests ask for by name."""

    owner: Any
    staff: Any
    """Another administrator."""
    published: ZoneSet
    private: ZoneSet


PUBLISHED = (
    Drawn(
        "P1",
        "Parc du Nord",
        0,
        1,
        {2018: EDITION_2018["07001"], 2021: EDITION_2021["07001"]},
        CHANGE["07001"],
    ),
    Drawn(
        "P2",
        "Parc du Sud",
        2,
        3,
        {2018: EDITION_2018["07101"], 2021: EDITION_2021["07101"]},
        CHANGE["07101"],
    ),
    Drawn(
        "P3",
        "Grand parc",
        0,
        2,
        {
            2018: add(EDITION_2018["07001"], EDITION_2018["07002"]),
            2021: add(EDITION_2021["07001"], EDITION_2021["07002"]),
        },
        add(CHANGE["07001"], CHANGE["07002"]),
    ),
)
PRIVATE = (
    Drawn(
        "1",
        "Bassin <b>amont</b>",
        0,
        0.5,
        {2018: {1: 400, 6: 4600}, 2021: {1: 500, 6: 4500}},
        {(1, 1): 400, (6, 1): 100, (6, 6): 4500},
        {1: 512, 6: 4488},
    ),
    Drawn(
        "2",
        "Bassin aval",
        0.5,
        1,
        {2018: {1: 600, 6: 4400}, 2021: {1: 560, 6: 4440}},
        {(1, 1): 560, (1, 6): 40, (6, 6): 4400},
        {1: 548, 6: 4452},
    ),
)


def make_set(
    world: World,
    *,
    owner: Any,
    name: str,
    zones: tuple[Drawn, ...],
    published: bool,
    report: dict[str, Any] | None = None,
) -> ZoneSet:
    """An accepted set whose zones are stored, with the counts that they are given."""
    now = timezone.now()
    zone_set: ZoneSet = ZoneSet.objects.create(
        pk=uuid.uuid4(),
        owner=owner,
        name=name,
        stage=ZoneSet.Stage.ACCEPTED,
        kind=ZoneSet.Kind.FILE,
        file_name="parcs.gpkg",
        file_bytes=4096,
        sha256="0" * 64,
        accepted_at=now,
        published_at=now if published else None,
    )
    level = Level.objects.create(
        slug=zone_set.slug, name=name, name_plural=name, rank=RANK, custom=True
    )
    layer = Layer.objects.create(
        level=level,
        vintage=2024,
        active=published,
        source="parcs.gpkg",
        content_hash="0" * 64,
        report=report or {},
    )
    for drawn in zones:
        store_counts(world, _zone(layer, drawn), drawn)
    layer_zones.summarise(layer)
    layer_zones.refresh_names()
    ZoneSet.objects.filter(pk=zone_set.pk).update(layer=layer)
    if published:
        Publication.objects.create(event=Publication.Event.ZONE_SET, subject=name)
    zone_set.refresh_from_db()
    return zone_set


def _zone(layer: Layer, drawn: Drawn) -> Zone:
    made: Zone = Zone.objects.create(
        layer=layer,
        code=drawn.code,
        name=drawn.name,
        search_name=search_key(drawn.name),
        geometry=strip(drawn.first, drawn.last),
        cells=int((drawn.last - drawn.first) * 10_000),
    )
    return made


def store_counts(world: World, zone: Zone, drawn: Drawn) -> None:
    """Store a zone's counts, as its computation does."""
    for year, counts in drawn.counts.items():
        ZoneStatistics.objects.create(
            edition=world.editions[year], zone=zone, cells=as_cells(counts)
        )
    if drawn.pairs is not None:
        ZoneChange.objects.create(
            earlier=world.editions[2018],
            later=world.editions[2021],
            zone=zone,
            matrix=as_matrix(drawn.pairs),
        )
    ids = {year: edition.pk for year, edition in world.editions.items()}
    for years, number in _by_years(drawn).items():
        ZoneSeries.objects.create(zone=zone, pattern=as_pattern(years, ids), cells=number)
    if drawn.coverage is not None:
        cells = [float(number) + 0.25 for number in as_cells(drawn.coverage)]
        ZoneCover.objects.create(edition=world.editions[2021], zone=zone, cells=cells)


def _by_years(drawn: Drawn) -> Patterns:
    """Cells by the years in which they are sealed, and with a minus not sealed: those of pairs, and
    of each edition what is left."""
    both: Patterns = {}
    for (former, later), cells in (drawn.pairs or {}).items():
        pattern = (2018 if former == 1 else -2018, 2021 if later == 1 else -2021)
        both[pattern] = both.get(pattern, 0) + cells
    alone: Patterns = {}
    for year, counts in drawn.counts.items():
        for code, cells in counts.items():
            if code <= 11:
                key = (year if code == 1 else -year,)
                alone[key] = alone.get(key, 0) + cells
    for pattern, cells in both.items():
        for number in pattern:
            alone[(number,)] -= cells
    return {pattern: cells for pattern, cells in {**both, **alone}.items() if cells}


def make_run(zone_set: ZoneSet, *, state: str, done: int, failures: Any = ()) -> Run:
    """A computation of a set, as far as it is."""
    layer = zone_set.layer
    assert layer is not None
    run: Run = Run.objects.create(
        kind=Run.Kind.ZONES,
        state=state,
        layer=layer,
        units_total=layer.zones_total,
        units_done=done,
        cells_total=10_000,
        cells_done=10_000 * done // max(layer.zones_total, 1),
        started_at=timezone.now(),
    )
    ZoneBatch.objects.create(
        run=run,
        number=1,
        zones=list(Zone.objects.filter(layer=layer).values_list("pk", flat=True)),
        cells=10_000,
        failures=list(failures),
    )
    return run


def publish_edition(world: World, year: int) -> Edition:
    """Publish an edition that no zone of a set is counted in."""
    edition = world.editions[year]
    Edition.objects.filter(pk=edition.pk).update(
        status=Edition.Status.PUBLISHED, published_at=timezone.now()
    )
    Publication.objects.create(event=Publication.Event.PUBLISHED, subject=edition.slug)
    edition.refresh_from_db()
    return edition


def build_sets(world: World) -> Sets:
    """The two sets, their owner and another administrator."""
    accounts = get_user_model().objects
    owner = accounts.create_user("anne", password="a", is_staff=True)
    staff = accounts.create_user("basia", password="b", is_staff=True)
    return Sets(
        owner=owner,
        staff=staff,
        published=make_set(
            world,
            owner=owner,
            name=OPEN,
            zones=PUBLISHED,
            published=True,
            report={"overlaps": 1, "overlap_m2": 1_000_000.0},
        ),
        private=make_set(world, owner=owner, name=SECRET, zones=PRIVATE, published=False),
    )
