"""Boundaries requested by address: a worker downloads and imports them, which takes minutes."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings

from analytics.errors import ExplainedError
from analytics.grid import Window
from clcplus.actions.territories.boundaries import EVERYTHING, Choice, import_boundaries
from clcplus.actions.territories.presets import PRESETS, Preset
from clcplus.errors import UnfitBoundaries
from clcplus.jobs import runs
from clcplus.jobs.kinds import Attempt
from clcplus.jobs.runs import Progress
from clcplus.jobs.states import ENDED_EARLY, OPEN
from clcplus.models import Run
from clcplus.sources.boundary_files import fetch_boundaries, is_address
from clcplus.sources.client import Client

_GIGABYTE = 1_000_000_000
_PARTS = 1000
"""Steps of progress of one file."""


def request_boundaries(
    *,
    files: Sequence[str],
    presets: Sequence[str],
    vintage: int | None = None,
    choice: Choice = EVERYTHING,
    by: Any = None,
) -> Run:
    """Queue the import of files, named by address or by a path that workers see.

    The same request that is under way or was not finished is taken up. Raises UnfitBoundaries for
    a preset or a file that is not there.
    """
    parameters: dict[str, Any] = {
        "files": [file if is_address(file) else str(Path(file).absolute()) for file in files],
        "presets": [preset_named(name).name for name in presets],
        "vintage": vintage,
        "choice": {**asdict(choice), "levels": list(choice.levels)},
    }
    for file in parameters["files"]:
        if not is_address(file) and not Path(file).exists():
            raise UnfitBoundaries(file, found="nothing", expected="a vector file, or an address")
    earlier = Run.objects.filter(
        kind=Run.Kind.BOUNDARIES, parameters__contains=parameters, state__in=(*OPEN, *ENDED_EARLY)
    ).first()
    if earlier is None:
        return runs.start(
            Run(
                kind=Run.Kind.BOUNDARIES,
                requested_by=by,
                message="waiting for a worker",
                parameters=parameters,
            )
        )
    if earlier.state in ENDED_EARLY:
        runs.resume(earlier)
        earlier.refresh_from_db()
    return earlier


def preset_named(name: str) -> Preset:
    """The preset of a name. Raises UnfitBoundaries."""
    if name not in PRESETS:
        raise UnfitBoundaries(
            f"preset {name!r}", found="no such preset", expected=f"one of: {', '.join(PRESETS)}"
        )
    return PRESETS[name]


def work(attempt: Attempt) -> bool:
    """Download what a run asks for and import it. Raises SourceError, ZoneError and their kin."""
    run = Run.objects.get(pk=attempt.number)
    progress = Progress(run)
    client = Client(trusted=frozenset(settings.SOURCE_HOSTS))
    files: list[str] = run.parameters["files"]
    total = (len(files) + 1) * _PARTS
    paths: list[Path] = []
    for number, file in enumerate(files):
        begun = number * _PARTS
        progress.go_on(begun, total, message=f"fetching {file}"[:400])
        paths += (
            fetch_boundaries(
                client,
                file,
                _folder_of(run),
                most_bytes=settings.FETCH_GIGABYTES * _GIGABYTE,
                progress=partial(_move, progress, file=file, begun=begun, total=total),
            )
            if is_address(file)
            else [Path(file)]
        )
    begun = len(files) * _PARTS
    choice = dict(run.parameters["choice"])
    window = choice.pop("window")
    try:
        done = import_boundaries(
            paths=paths,
            presets=[PRESETS[name] for name in run.parameters["presets"]],
            vintage=run.parameters["vintage"],
            choice=Choice(
                **{**choice, "levels": tuple(choice["levels"])},
                window=None if window is None else Window(**window),
            ),
            say=lambda line: progress.go_on(begun, total, message=line[:400]),
        )
    except ExplainedError:
        # The same files would fail again: the addresses may have others by then.
        _forget(run)
        raise
    ended = runs.succeed(
        run.pk,
        parameters={
            **run.parameters,
            "layers": [imported.layer.pk for imported in done],
            "counts": [str(imported.run.pk) for imported in done if imported.run is not None],
        },
        cells_done=total,
        cells_total=total,
        message="; ".join(f"{one.layer}: {one.layer.zones_total} zones" for one in done),
    )
    if ended:
        _forget(run)
    return ended


def _move(progress: Progress, done: int, size: int, *, file: str, begun: int, total: int) -> None:
    part = _PARTS * done // max(done, size, 1)
    progress.go_on(begun + part, total, message=f"fetching {file}"[:400])


def _forget(run: Run) -> None:
    shutil.rmtree(_folder_of(run), ignore_errors=True)


def _folder_of(run: Run) -> Path:
    inbox: Path = settings.CLCPLUS_INBOX
    return inbox / "boundaries" / str(run.pk)
