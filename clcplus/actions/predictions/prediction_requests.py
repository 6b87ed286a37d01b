"""Request the prediction of an edition: a run on the queue ``inference``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from analytics.grid import Window, window_of_bounds
from clcplus.actions.predictions import imagery
from clcplus.errors import NoImagery
from clcplus.jobs import runs
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

    Without ``composite``, the one of the year is used, or the worker composes it. Raises NoImagery,
    and MissingBand if the composite lacks a band of the checkpoint.
    """
    window = window_of_bounds(*territory.geometry.extent) if territory else None
    where = territory.name if territory else ""
    found = _composite(checkpoint, year=year, path=composite, where=where, window=window)
    part = found.window.intersection(window or found.window) if found else None
    run = runs.start(
        Run(
            kind=Run.Kind.PREDICT,
            publish=publish,
            requested_by=by,
            message="waiting for a worker",
            cells_total=part.cells if part else 0,
            parameters={"year": year, "checkpoint": checkpoint.identity},
        )
    )
    Prediction.objects.create(
        run=run,
        checkpoint=checkpoint,
        year=year,
        level=territory.layer.level.slug if territory else "",
        code=territory.code if territory else "",
        territory_name=where,
        window=asdict(window) if window else {},
        composite=str(found.path) if found else "",
    )
    return run


def _composite(
    checkpoint: Checkpoint, *, year: int, path: Path | None, where: str, window: Window | None
) -> Composite | None:
    """The composite, fit for the checkpoint; None if the worker has to compose it."""
    if path is None:
        found = imagery.find_composite(year=year, window=window)
        if found is None and not settings.CLCPLUS_STAC:
            raise imagery.no_imagery(year, where=where)
    else:
        found = open_composite(path.absolute())
        if window is not None and found.window.intersection(window) is None:
            raise NoImagery(
                path.name,
                found="no cell of the territory",
                expected=f"imagery over {where}",
                hint="Name a composite that covers it",
            )
    if found is not None:
        found.positions(checkpoint.bands)
    return found
