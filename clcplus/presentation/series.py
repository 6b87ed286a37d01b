"""A territory's sealed share over editions, like for like: of cells that all of them observe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from analytics import indicators, queries
from analytics.change import flicker as flickering
from analytics.figures import Change
from analytics.main_editions import main_edition, main_pair
from analytics.records import MODELLED, Edition, Series, Territory


@dataclass(frozen=True, slots=True)
class SeriesFigures:
    """A series of at least two editions that have observed some cells in common."""

    shares: tuple[tuple[Edition, float], ...]
    """Editions in the order of years, each with its sealed part of the cells."""
    cells: int
    """Cells observed in all of its editions."""
    flicker: flickering.Flicker | None = None
    """None for fewer than three editions."""

    @property
    def observed_ha(self) -> float:
        """Area of those cells."""
        return indicators.hectares(self.cells)

    def share_in(self, edition: Edition) -> float | None:
        """The share in an edition; None where it is not part of the series."""
        return next((share for one, share in self.shares if one.id == edition.id), None)


def main_series(
    found: Sequence[Series] | None, editions: Sequence[Edition]
) -> SeriesFigures | None:
    """The series of the product and origin of the main edition. None where it is modelled, where it
    has fewer than two editions or no common cell, and where it is not counted yet (``found`` is
    None): then the editions' shares cannot be compared."""
    main = main_edition(editions)
    if main is None or main.origin == MODELLED:
        return None
    for one in found or ():
        kind = one.editions[0].product, one.editions[0].origin
        if kind == (main.product, main.origin) and len(one.editions) > 1 and one.common:
            shares = [sealed / one.common for sealed in one.sealed]
            return SeriesFigures(
                tuple(zip(one.editions, shares, strict=True)),
                one.common,
                flickering.of_series(one.courses, editions=len(one.editions)),
            )
    return None


def series_of(
    connection: Connection, *, zone_ids: Sequence[int], editions: Sequence[Edition]
) -> dict[int, SeriesFigures | None]:
    """Series of zones by id, from the published ``editions`` that the page shows: one in which a
    custom zone is still to be counted has no figures there. One statement."""
    ids = [edition.id for edition in editions]
    found = queries.series(connection, zone_ids=zone_ids, edition_ids=ids)
    return {zone_id: main_series(found.get(zone_id), editions) for zone_id in zone_ids}


def series_around(
    connection: Connection, territory: Territory, editions: Sequence[Edition]
) -> tuple[SeriesFigures | None, SeriesFigures | None]:
    """The series of a territory, and of the one that holds it. One statement."""
    parent = territory.parent
    ids = [territory.id, *([parent.id] if parent else ())]
    found = series_of(connection, zone_ids=ids, editions=editions)
    return found[territory.id], found[parent.id] if parent else None


def main_change(
    connection: Connection, *, zone_id: int, editions: Sequence[Edition]
) -> Change | None:
    """The change over the main pair: a chart of all editions is read with it, since it knows the
    noise of the maps. One statement."""
    pair = main_pair(editions)
    if pair is None:
        return None
    return queries.change(connection, zone_id=zone_id, earlier=pair[0].id, later=pair[1].id)
