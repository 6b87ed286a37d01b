"""Ask for the prediction of an edition: a run on the queue ``inference``."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from analytics.grid import CELL_SIZE, Y_ORIGIN, Window
from clcplus.actions.predictions import imagery
from clcplus.errors import NoImagery
from clcplus.jobs import queue
from clcplus.models import Checkpoint, Prediction, Run, Zone
from inference.composites import Composite, open_composite


@transaction.atomic
def request_prediction(
    *,
    checkpoint: Checkpoint,
    year: int,
    composite: Path | None = None,
    territory: Zone | None = None,
    publish: bool = False,
    by: Any = None,
) -> Run:
    """Queue the prediction of a year, over a territory's rectangle or all of the composite.

    Where no composite is named, that of the year is taken, or composed by the worker. Raises
    NoImagery, and MissingBand where the composite lacks a band of the checkpoint.
    """
    asked = window_of(territory) if territory is not None else None
    found = _composite(checkpoint, year=year, path=composite, territory=territory, asked=asked)
    cells = 0
    if found is not None:
        part = found.window if asked is None else found.window.intersection(asked)
        cells = part.cells if part is not None else 0
    run = Run.objects.create(
        kind=Run.Kind.PREDICT,
        publish=publish,
        requested_by=by,
        message="waiting for a worker",
        cells_total=cells,
        parameters={"year": year, "checkpoint": checkpoint.identity},
    )
    Prediction.objects.create(
        run=run,
        checkpoint=checkpoint,
        year=year,
        level=territory.layer.level.slug if territory else "",
        code=territory.code if territory else "",
        territory_name=territory.name if territory else "",
        window=as_json(asked) if asked else {},
        composite=str(found.path) if found else "",
    )
    queue.send_waiting(run.kind, run.pk)
    return run


def _composite(
    checkpoint: Checkpoint,
    *,
    year: int,
    path: Path | None,
    territory: Zone | None,
    asked: Window | None,
) -> Composite | None:
    """The composite, fit for the checkpoint; None where the worker is to compose it."""
    where = territory.name if territory else ""
    if path is None:
        found = imagery.find_composite(year=year, window=asked)
    else:
        found = open_composite(path.absolute())
        if asked is not None and found.window.intersection(asked) is None:
            raise NoImagery(
                path.name,
                found="no cell of the territory",
                expected=f"imagery over {where}",
                hint="Name a composite that covers it",
            )
    if found is None:
        if not settings.CLCPLUS_STAC:
            raise imagery.no_imagery(year, where=where)
        return None
    found.positions(checkpoint.bands)
    return found


def window_of(territory: Zone) -> Window:
    """The cells of a territory's bounding rectangle."""
    west, south, east, north = territory.geometry.extent
    column, row = math.floor(west / CELL_SIZE), math.floor((Y_ORIGIN - north) / CELL_SIZE)
    return Window(
        row,
        column,
        math.ceil((Y_ORIGIN - south) / CELL_SIZE) - row,
        math.ceil(east / CELL_SIZE) - column,
    )


def as_json(window: Window) -> dict[str, int]:
    """A window as it is stored."""
    return {
        "row": window.row,
        "column": window.column,
        "height": window.height,
        "width": window.width,
    }
