"""What queries return: frozen values. Counts are integers of cells of 100 m²; shares are derived
from them in :mod:`analytics.indicators`, never kept here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any, Generic, Literal, NamedTuple, TypeVar

Status = Literal["ok", "indicative", "suppressed", "not_observed"]
"""Null, suppressed, not observed and zero are four different things in every output."""

MODELLED = "modelled"
"""Origin of an edition that a network has predicted."""

Interval = tuple[float, float]
"""Lower and upper end of a 95 % interval."""

Item = TypeVar("Item")

Bounds = tuple[float, float, float, float]
"""West, south, east, north, in degrees of longitude and latitude (WGS 84)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceAccuracy:
    """Accuracy of the sealed class that a validation found for an edition in a place: fractions,
    and the half-width of the 95 % interval of the producer's accuracy."""

    place: str
    """What was validated, such as a country."""
    producers: float
    producers_half_width: float
    users: float
    source: str


@dataclass(frozen=True, slots=True)
class Edition:
    """A published edition, or a superseded one that a request names."""

    id: int
    slug: str
    product: str
    product_name: str
    year: int
    version: int
    origin: str
    window_start: date | None
    window_end: date | None
    doi: str
    content_hash: str
    overview_key: str
    published_at: datetime | None
    accuracy: PlaceAccuracy | None = None
    """What an administrator has entered; None for nothing."""
    superseded_by: str = ""
    """Slug of the version that is published in its place; empty of a published edition."""

    @property
    def name(self) -> str:
        """Product and reference year, such as ``CLC+ Backbone 2021``."""
        return f"{self.product_name} {self.year}"


@dataclass(frozen=True, slots=True)
class Origination:
    """How a modelled edition came about: its network, and what its prediction was found to be."""

    edition_id: int
    checkpoint: str
    """Identity of the checkpoint."""
    name: str
    architecture: str
    training_areas: Sequence[str]
    training_years: Sequence[int]
    metrics: Mapping[str, Any]
    """As the checkpoint has them."""
    territory: str
    """Name of the territory that was predicted; empty for all of the imagery."""
    evaluation: Mapping[str, Any]
    """Against the nearest edition that is not modelled."""
    areas: Mapping[str, Any]
    """Sealed area by Σ p and by Σ argmax."""


@dataclass(frozen=True, slots=True)
class Level:
    """A level of territories and the newest of its layers that readers see."""

    slug: str
    name: str
    name_plural: str
    rank: int
    parent: str | None
    vintage: int
    vintages: tuple[int, ...]
    zones: int
    bounds: Bounds
    custom: bool = False
    """Whether it is that of a set of custom zones."""


@dataclass(frozen=True, slots=True)
class TerritoryLink:
    """What it takes to name a territory and to lead to it."""

    id: int
    level: str
    level_name: str
    code: str
    name: str
    vintage: int
    current: bool


@dataclass(frozen=True, slots=True)
class Territory(TerritoryLink):
    """One territory: area in square metres (EPSG:3035), cells of 100 m², inhabitants by year."""

    area_m2: float
    cells: int
    bounds: Bounds
    source: str
    """Where its boundary comes from."""
    ancestors: tuple[TerritoryLink, ...]
    """From the highest level down to the parent."""
    successor: TerritoryLink | None
    """Of a territory that the newest layer no longer has: where it has gone."""
    inhabitants: Mapping[int, int] = field(default_factory=dict)

    @property
    def parent(self) -> TerritoryLink | None:
        """The territory one level up."""
        return self.ancestors[-1] if self.ancestors else None

    @property
    def link(self) -> TerritoryLink:
        """This territory as a link."""
        return TerritoryLink(*(getattr(self, column.name) for column in fields(TerritoryLink)))


@dataclass(frozen=True, slots=True)
class Succession:
    """A step of a territory's history: a former territory and a later one that follows it."""

    kind: str | None
    """What an official table says: *merged*, *split*, *divided* (among others), *renamed*,
    *recoded* or *ended*. None where the later one merely holds most of the former one's area."""
    day: date | None
    """The day from which it holds; None with the kind."""
    former_code: str
    former_name: str
    code: str | None
    """Of the later one; None where the former one has ended."""
    name: str | None
    former: TerritoryLink | None
    """The former one in the last vintage before the day; None where no layer has it."""
    later: TerritoryLink | None
    """The later one in the newest vintage that has it; None where no layer has it."""


@dataclass(frozen=True, slots=True)
class Successions:
    """What has become of a territory, and what it was made of, step by step in order of time."""

    successors: tuple[Succession, ...]
    predecessors: tuple[Succession, ...]


@dataclass(frozen=True, slots=True)
class PlacedTerritory:
    """A territory in a list: its cells, and the name of the territory that it lies in."""

    link: TerritoryLink
    parent_name: str | None
    cells: int


@dataclass(frozen=True, slots=True)
class TerritorySummary(PlacedTerritory):
    """The same with its latest number of inhabitants."""

    inhabitants: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """A territory that a search found."""

    territory: TerritorySummary
    former_name: str | None
    """The name that was found, where it is one of older boundaries."""
    successor: TerritoryLink | None
    """Of a territory that the newest layer no longer has: where it has gone."""
    gone_since: int | None
    """Of such a territory: the first vintage without it."""


@dataclass(frozen=True, slots=True)
class SearchResults:
    """What a search found, best first."""

    found: tuple[Found, ...]
    """By code, by name, by the beginning of the name or of its words."""
    near: tuple[Found, ...]
    """Names that are nearly what was typed; none where a name or code was met whole."""
    more: bool
    """Whether there are more of ``found`` than were asked for."""
    too_short: bool
    """Whether what was typed is so short that only whole names and codes were looked for."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some of ``total`` items; pages count from 1."""

    items: tuple[Item, ...]
    total: int
    number: int
    size: int

    @property
    def last(self) -> int:
        """Number of the last page; 1 where there is nothing."""
        return max(1, -(-self.total // self.size))


Course = tuple[bool, ...]
"""Whether a cell is sealed, edition by edition."""


@dataclass(frozen=True, slots=True)
class Series:
    """Cells of a zone in editions of one product and origin, like for like.

    ``common`` and ``sealed`` count the cells that every edition of the series has observed, and no
    other: only these figures may be compared with each other. Editions that have observed nothing
    of the zone are not part of its series.
    """

    editions: tuple[Edition, ...]
    """In the order of their years."""
    observed: tuple[int, ...]
    """Cells that each edition has observed, those that another has not included."""
    courses: Mapping[Course, int]
    """Cells observed in every edition, by whether they are sealed in each; without zeros."""

    @property
    def common(self) -> int:
        """Cells observed in every edition."""
        return sum(self.courses.values())

    @property
    def sealed(self) -> tuple[int, ...]:
        """Those of the common cells that are sealed, in each edition."""
        return tuple(
            sum(cells for course, cells in self.courses.items() if course[position])
            for position in range(len(self.editions))
        )


class Parent(NamedTuple):
    """The territory that a territory lies in, one level up."""

    level: str
    code: str


@dataclass(frozen=True, slots=True)
class NamedZone:
    """A zone as rows of tables name it."""

    code: str
    name: str
    level: str
    vintage: int
    parent: Parent | None


@dataclass(frozen=True, slots=True)
class StoredTile:
    """A 100 km tile of an edition: its key in the store and the cells that it holds."""

    name: str
    key: str
    row: int
    column: int
    height: int
    width: int
