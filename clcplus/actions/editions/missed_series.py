"""Series of editions that were loaded before the platform counted series."""

from __future__ import annotations

from django.db import transaction

from clcplus.actions.editions import tile_plans
from clcplus.actions.zone_sets import computation
from clcplus.database import locks
from clcplus.jobs import runs
from clcplus.jobs.states import OPEN
from clcplus.models import EditionTile, Run, Unit


@transaction.atomic
def plan() -> Run | None:
    """Have the missing series of stored tiles counted: a new run, or one that was left undone.

    None if nothing is missing; missing figures of custom zones are then planned.
    """
    locks.lock_until_commit(locks.Kind.REGISTER)
    last = Run.objects.filter(kind=Run.Kind.SERIES).first()
    if last is not None and last.state in OPEN:
        return last
    if last is not None and last.state != Run.State.SUCCEEDED:
        runs.take_up(last)
        return last
    newest: dict[tuple[str, str, str], EditionTile] = {}
    lacking = set()
    for tile in EditionTile.objects.select_related("edition").order_by("edition_id"):
        key = (tile.edition.product, tile.edition.origin, tile.name)
        newest[key] = tile
        if not tile.in_series:
            lacking.add(key)
    if not lacking:
        transaction.on_commit(computation.after_publication, robust=True)
        return None
    run = Run(kind=Run.Kind.SERIES, parameters={"layers": tile_plans.layers_of_territories()})
    tiles = [newest[key] for key in sorted(lacking)]
    units = [
        Unit(run=run, edition=tile.edition, tile=tile.name, cells=tile.height * tile.width)
        for tile in tiles
    ]
    return runs.start(run, units)
