"""Boundaries requested by address: a worker downloads and imports them, which takes minutes."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
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
_MEGABYTE = 1_000_000


@dataclass(slots=True)
class _Download:
    """Tells how far a download is, each per cent once; a megabyte where the size is not known."""

    file: str
    progress: Progress
    told: str = ""

    def moved(self, done: int, size: int) -> None:
        """Note the bytes received. Raises EndedRun."""
        far = f"{done * 100 // size} %" if size else f"{done // _MEGABYTE} MB"
        if far != self.told:
            # A download that goes on is no failed attempt, however often it breaks off.
            more = {"attempts": 0} if self.told else {}
            self.told = far
            self.progress.go_on(0, 0, message=f"fetching {self.file}: {far}"[-400:], **more)


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
        "files": _places(files),
        "presets": [preset_named(name).name for name in presets],
        "vintage": vintage,
        "choice": _as_json(choice),
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


def finished_import(*, files: Sequence[str], choice: Choice) -> Run | None:
    """The last run that has imported a choice of the zones of files, of whatever vintage."""
    wanted = {"files": _places(files), "choice": _as_json(choice)}
    return Run.objects.filter(
        kind=Run.Kind.BOUNDARIES, parameters__contains=wanted, state=Run.State.SUCCEEDED
    ).first()


def _places(files: Sequence[str]) -> list[str]:
    return [file if is_address(file) else str(Path(file).absolute()) for file in files]


def _as_json(choice: Choice) -> dict[str, Any]:
    return {**asdict(choice), "levels": list(choice.levels)}


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
    paths: list[Path] = []
    for file in files:
        if not is_address(file):
            paths.append(Path(file))
            continue
        paths += fetch_boundaries(
            client,
            file,
            _folder_of(run),
            most_bytes=settings.FETCH_GIGABYTES * _GIGABYTE,
            progress=_Download(file, progress).moved,
        )
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
            say=lambda line: progress.go_on(0, 0, message=line[:400]),
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
        message="; ".join(f"{one.layer}: {one.layer.zones_total} zones" for one in done),
    )
    if ended:
        _forget(run)
    return ended


def _forget(run: Run) -> None:
    shutil.rmtree(_folder_of(run), ignore_errors=True)


def _folder_of(run: Run) -> Path:
    inbox: Path = settings.CLCPLUS_INBOX
    return inbox / "boundaries" / str(run.pk)
