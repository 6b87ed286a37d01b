"""Reference samples of the small random region, drawn and labelled in this process."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from django.contrib.auth.models import User

from clcplus.actions.samples import sample_files, sample_request
from clcplus.actions.samples.labels import Seen, store_labels
from clcplus.actions.samples.sample_rows import newest_run
from clcplus.jobs import runner
from clcplus.models import Edition, ReferenceSample, SamplePoint, Zone
from tests.region import NORTH, WEST

BUFFER = 10.0
TWO = ("clcplus-2018", "clcplus-2021")


def account(name: str = "anne", **rights: Any) -> User:
    user, _ = User.objects.get_or_create(username=name, defaults={"is_staff": True, **rights})
    return user


def requested(*, pair: bool = True, territory: str = "", **fields: Any) -> ReferenceSample:
    """A sample that waits to be drawn; ``territory`` is level:code."""
    level, _, code = territory.partition(":")
    values = {
        "owner": account(),
        "name": "Valmont",
        "points": 120,
        "buffer_m": BUFFER,
        "seed": 7,
        "earlier": Edition.objects.get(slug=TWO[0]) if pair else None,
        "later": Edition.objects.get(slug=TWO[1]),
        "territory": Zone.objects.get(layer__level__slug=level, code=code) if code else None,
        "options": {"minimum": 10} if fields.get("design", "stratified") == "stratified" else {},
    }
    return sample_request.request_sample(**{**values, **fields})


def draw(sample: ReferenceSample) -> ReferenceSample:
    """Do the work that a request queued."""
    run = newest_run(sample)
    assert run is not None
    runner.handle_work("sample", run.pk)
    sample.refresh_from_db()
    return sample


def drawn(**fields: Any) -> ReferenceSample:
    sample = draw(requested(**fields))
    run = newest_run(sample)
    assert run is not None
    assert sample.stage == "labelling", run.message
    return sample


def place_of(point: SamplePoint) -> tuple[int, int]:
    """Row and column of a point in the arrays of the region."""
    return int((NORTH - point.location.y) // 10), int((point.location.x - WEST) // 10)


def label_all(
    sample: ReferenceSample, *, interpreter: str = "anne", first: int | None = None
) -> None:
    """Label points as the map shows them."""
    points = list(sample.points.order_by("number"))[:first]
    seen = [Seen(point.number, point.map_earlier, point.map_later) for point in points]
    store_labels(sample=sample, seen=seen, interpreter=interpreter)


def exported(sample: ReferenceSample, path: Path, *, blind: bool = False) -> Path:
    with path.open("wb") as file:
        format = path.suffix.removeprefix(".")
        sample_files.write_points(sample, file, format=format, blind=blind)
    return path


def filled(path: Path, change: Callable[[list[dict[str, str]]], object]) -> Path:
    """A copy of a CSV of points, with references as ``change`` writes them into its rows."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = list(rows[0])
    change(rows)
    copy = path.with_name(f"{path.stem}-labelled.csv")
    with copy.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)
    return copy


def as_mapped(rows: list[dict[str, str]]) -> None:
    for row in rows:
        row["reference_earlier"], row["reference_later"] = row["map_earlier"], row["map_later"]


def naive_counts(
    earlier: np.ndarray[Any, Any], later: np.ndarray[Any, Any], *, reach: int = 1
) -> np.ndarray[Any, Any]:
    """The place of each cell's stratum among those of a pair, −1 for none."""
    from tests.analytics.test_sample_strata import NAMES, naive_strata

    names = naive_strata(earlier, later, reach=reach)
    places = np.full(names.shape, -1)
    for place, name in enumerate(NAMES):
        places[names == name] = place
    return places
