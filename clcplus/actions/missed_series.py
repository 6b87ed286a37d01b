"""Count the series of editions that were loaded before series were counted."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from clcplus.actions import tile_plans
from clcplus.actions.zone_sets import computation
from clcplus.database import locks
from clcplus.jobs import queue, runs
from clcplus.jobs.states import OPEN
from clcplus.models import EditionTile, Run, Unit


@transaction.atomic
def plan(*, by: Any = None) -> Run | None:
    """Have counted what the stored tiles lack: the run to follow, be it one that is under way or
    was left undone. None where nothing is missing; custom zones are then looked through again."""
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
    tiles = [newest[key] for key in sorted(lacking)]
    cells = [tile.height * tile.width for tile in tiles]
    run = Run.objects.create(
        kind=Run.Kind.SERIES,
        requested_by=by,
        parameters={"layers": tile_plans.layers_of_territories()},
        units_total=len(tiles),
        cells_total=sum(cells),
    )
    Unit.objects.bulk_create(
        Unit(run=run, edition=tile.edition, tile=tile.name, cells=count)
        for tile, count in zip(tiles, cells, strict=True)
    )
    queue.send_waiting(run.kind, run.pk)
    return run
