"""Published editions, how modelled ones came about, and the version of what is published."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from analytics.grid import Window
from analytics.queries import tables
from analytics.queries.single_statements import made_once
from analytics.queries.visible import edition_of, shown_stamp, visible_editions
from analytics.records import Edition, Origination, StoredTile


@dataclass(frozen=True, slots=True)
class DataVersion:
    """Which state of the published data a transaction reads; as text it is part of the keys of
    caches."""

    number: int
    """Of the last publication; 0 before the first."""
    at: datetime | None
    """When that was: a database that is made anew counts its publications from 1 again."""
    shown: str = ""
    """The state of the unpublished layer that is shown."""

    @property
    def public(self) -> DataVersion:
        """The same without what is shown to one reader alone."""
        return replace(self, shown="")

    def __str__(self) -> str:
        if self.at is None:
            return "0"
        shown = f"-{self.shown}" if self.shown else ""
        return f"{self.number}-{int(self.at.timestamp() * 1_000_000):x}{shown}"


@made_once
def _last_publication() -> Select[Any]:
    publication = tables.publication
    return (
        select(publication.c.id, publication.c.at, shown_stamp().label("shown"))
        .order_by(publication.c.id.desc())
        .limit(1)
    )


def data_version(connection: Connection) -> DataVersion:
    """The version of the data that a transaction reads."""
    row = connection.execute(_last_publication()).one_or_none()
    return DataVersion(0, None) if row is None else DataVersion(row.id, row.at, row.shown or "")


@made_once
def _editions() -> Select[Any]:
    source = visible_editions()
    return select(source).order_by(source.c.year, source.c.slug)


def editions(connection: Connection) -> list[Edition]:
    """Published editions in the order of their years."""
    return [edition_of(row) for row in connection.execute(_editions())]


def edition(connection: Connection, *, slug: str) -> Edition | None:
    """The published edition of a slug, or None."""
    return next((found for found in editions(connection) if found.slug == slug), None)


def edition_tiles(
    connection: Connection, *, edition_id: int, window: Window | None = None
) -> list[StoredTile]:
    """The 100 km tiles of a published edition; with ``window`` those that share a cell with it."""
    source, tile = visible_editions(), tables.edition_tile
    statement = (
        select(tile.c.name, tile.c.key, tile.c.row, tile.c.column, tile.c.height, tile.c.width)
        .join(source, source.c.id == tile.c.edition_id)
        .where(source.c.id == edition_id)
        .order_by(tile.c.name)
    )
    if window is not None:
        statement = statement.where(
            tile.c.row < window.row_stop,
            tile.c.row + tile.c.height > window.row,
            tile.c.column < window.column_stop,
            tile.c.column + tile.c.width > window.column,
        )
    return [StoredTile(*row) for row in connection.execute(statement)]


_OF_CHECKPOINT = ("name", "architecture", "training_areas", "training_years", "metrics")


def originations(connection: Connection) -> dict[int, Origination]:
    """Of each published edition that has a checkpoint, by its id. One statement."""
    edition, checkpoint = visible_editions(), tables.checkpoint
    # The same content may have been predicted more than once: the newest says how.
    newest = (
        select(tables.prediction.c.edition_id, func.max(tables.prediction.c.id).label("id"))
        .group_by(tables.prediction.c.edition_id)
        .subquery("newest")
    )
    prediction = tables.prediction
    rows = connection.execute(
        select(
            edition.c.id,
            checkpoint.c.identity,
            *(checkpoint.c[name] for name in _OF_CHECKPOINT),
            func.coalesce(prediction.c.territory_name, ""),
            prediction.c.evaluation,
            prediction.c.areas,
        )
        .select_from(edition)
        .join(tables.edition, tables.edition.c.id == edition.c.id)
        .join(checkpoint, checkpoint.c.id == tables.edition.c.checkpoint_id)
        .outerjoin(newest, newest.c.edition_id == edition.c.id)
        .outerjoin(
            prediction,
            and_(prediction.c.id == newest.c.id, prediction.c.edition_id == edition.c.id),
        )
    )
    found = {}
    for row in rows:
        values = [*row[:-2], row.evaluation or {}, row.areas or {}]
        found[row.id] = Origination(*values)
    return found
