"""How published modelled editions came about."""

from __future__ import annotations

import functools
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from analytics.queries import tables
from analytics.queries.visible import visible_editions
from analytics.records import Origination


@functools.cache
def _originations() -> Select[Any]:
    edition, checkpoint = visible_editions(), tables.checkpoint
    # The same content may have been predicted more than once: the newest says how.
    newest = (
        select(tables.prediction.c.edition_id, func.max(tables.prediction.c.id).label("id"))
        .group_by(tables.prediction.c.edition_id)
        .subquery("newest")
    )
    prediction = tables.prediction
    return (
        select(
            edition.c.id,
            checkpoint.c.identity,
            checkpoint.c.name,
            checkpoint.c.architecture,
            checkpoint.c.training_areas,
            checkpoint.c.training_years,
            checkpoint.c.metrics,
            prediction.c.territory_name,
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


def originations(connection: Connection) -> dict[int, Origination]:
    """Of each published edition that has a checkpoint, by its id. One statement."""
    return {
        row.id: Origination(
            edition_id=row.id,
            checkpoint=row.identity,
            name=row.name,
            architecture=row.architecture,
            training_areas=tuple(row.training_areas),
            training_years=tuple(row.training_years),
            metrics=row.metrics,
            territory=row.territory_name or "",
            evaluation=row.evaluation or {},
            areas=row.areas or {},
        )
        for row in connection.execute(_originations())
    }
