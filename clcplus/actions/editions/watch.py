"""The watched place: editions that were copied there are checked and registered."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from analytics.grid import StoreTile
from analytics.nomenclature import SEA_BUFFER
from analytics.products import valid_codes
from clcplus.actions.editions import tile_plans
from clcplus.database import locks
from clcplus.errors import WrongState
from clcplus.jobs import runs
from clcplus.jobs.states import OPEN
from clcplus.models import Edition, EditionTile, Run
from clcplus.models import WatchedFile as Row
from clcplus.sources import edition_names, watched
from clcplus.sources.watched import Look, Waiting, WatchedEdition
from clcplus.sources.watched_places import WatchedFile, place_at

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """An edition that is taken, the files of it that are needed, and the check of them; no check
    in a preview."""

    edition: WatchedEdition
    files: list[WatchedFile]
    run: Run | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a look has found, and what was taken of it."""

    look: Look
    taken: list[Taken]


def place() -> str:
    """The address of the watched place. Raises WrongState where none is configured."""
    if not settings.CLCPLUS_WATCH:
        raise WrongState(
            "CLCPLUS_WATCH", found="nothing", expected="a folder, or s3://bucket/prefix"
        )
    address: str = settings.CLCPLUS_WATCH
    return address


def preview() -> Outcome:
    """What :func:`look` would do now; nothing is changed. Raises SourceError."""
    found = _found()
    return Outcome(found, [Taken(e, _needed(e), None) for e in _due(found).editions])


def look() -> Outcome:
    """Look at the place, note what is there, and queue the check of what is complete and still.

    Each state of a file is taken once, and each reason why not is logged once. Without a place
    nothing is looked at. Raises SourceError.
    """
    if not settings.CLCPLUS_WATCH:
        return Outcome(Look((), (), (), ()), [])
    found = _found()
    with transaction.atomic():
        # Two looks at once would both take the same files.
        locks.lock_until_commit(locks.Kind.REGISTER)
        _note(found)
        found = _due(found)
        taken = [_take(edition) for edition in found.editions]
        _report(found)
    return Outcome(found, taken)


def bring(run: Run, *, progress: Callable[[int, int], None]) -> list[Path]:
    """Local paths of the rasters that a run was asked to check.

    Raises SourceChanged for a file in another state than when it was taken, and SourceError for
    one that is no TIFF.
    """
    wanted = run.parameters["watched"]
    files = [WatchedFile(**file) for file in wanted["files"]]
    digest = hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()[:16]
    inbox: Path = settings.CLCPLUS_INBOX
    folder = inbox / "watched" / f"{run.parameters['product']}-{run.parameters['year']}-{digest}"
    paths = place_at(wanted["place"]).bring(files, folder, progress=progress)
    for path in paths:
        watched.check_kind(path)
    rasters = {file.name for file in files if isinstance(_named(file), edition_names.NamedRaster)}
    return [path for path, file in zip(paths, files, strict=True) if file.name in rasters]


def _named(file: WatchedFile) -> edition_names.NamedRaster | str:
    return edition_names.read_name(file.file_name)


def _found() -> Look:
    """What the place has now, compared with what lies there long enough."""
    still = timezone.now() - timedelta(seconds=settings.WATCH_STILL_SECONDS)
    before = {
        WatchedFile(row.name, row.size, row.stamp)
        for row in Row.objects.filter(place=place(), since__lte=still)
    }
    return watched.found(place(), before=before, tiles=_loaded_tiles())


def _loaded_tiles() -> set[str]:
    """The 100 km tiles that the newest loaded edition has: a set that lacks one is not complete."""
    newest = (
        Edition.objects.filter(product=edition_names.PRODUCT, loaded_at__isnull=False)
        .exclude(origin=Edition.Origin.MODELLED)
        .order_by("-year", "-version")
        .first()
    )
    if newest is None:
        return set()
    return set(EditionTile.objects.filter(edition=newest).values_list("name", flat=True))


def _due(found: Look) -> Look:
    """The look without what was taken already, and without editions that must wait for others."""
    taken = {
        WatchedFile(row.name, row.size, row.stamp)
        for row in Row.objects.filter(place=place(), taken=True)
    }
    new = [e for e in found.editions if not taken.issuperset(e.rasters.values())]
    editions, waiting = [], list(found.waiting)
    for edition in new:
        reason = _reason_to_wait(edition, new)
        if reason:
            waiting.append(Waiting(edition, reason))
        else:
            editions.append(edition)
    return Look(found.files, tuple(editions), tuple(waiting), found.misfits)


def _reason_to_wait(edition: WatchedEdition, new: Sequence[WatchedEdition]) -> str:
    """Why a complete edition is not taken now; empty where it is."""
    if not _needed(edition):
        return "no loaded territory lies in it; zones are imported first"
    later = _later(edition, new)
    return f"its coast is that of {later}, which comes first" if later else ""


def _later(edition: WatchedEdition, new: Sequence[WatchedEdition]) -> str:
    """The later edition that an edition without a sea buffer has to wait for, if any."""
    year = edition.name.year
    if SEA_BUFFER in valid_codes(edition.name.product, year):
        return ""
    found = [other.name.year for other in new if other.name.year > year]
    checks = Run.objects.filter(kind=Run.Kind.REGISTER, state__in=OPEN, parameters__year__gt=year)
    found += checks.values_list("parameters__year", flat=True)
    ingests = Run.objects.filter(kind=Run.Kind.INGEST, state__in=OPEN, edition__year__gt=year)
    found += ingests.values_list("edition__year", flat=True)
    return str(min(found)) if found else ""


def _needed(edition: WatchedEdition) -> list[WatchedFile]:
    """The files of an edition in which a loaded territory lies, or may lie."""
    layers = tile_plans.counted_layers(tile_plans.layers_of_territories())
    if not edition.name.tiled:
        return edition.files if layers else []
    tiles = [StoreTile.from_name(name) for name in sorted(edition.rasters)]
    touched = tile_plans.touched_tiles(tiles, layers=layers)
    stems = {edition.rasters[tile].name.rpartition(".")[0] for tile in touched}
    return [file for file in edition.files if any(file.name.startswith(stem) for stem in stems)]


def _note(found: Look) -> None:
    """Write down the states of the files; a file in a new state may be taken and reported anew."""
    now = timezone.now()
    rows = {row.name: row for row in Row.objects.filter(place=place())}
    present = {file.name for file in found.files} | {misfit.name for misfit in found.misfits}
    gone = [row.pk for name, row in rows.items() if name not in present]
    Row.objects.filter(pk__in=gone).delete()
    for file in found.files:
        row = rows.get(file.name)
        if row is not None and (row.size, row.stamp) == (file.size, file.stamp):
            continue
        Row.objects.update_or_create(
            place=place(),
            name=file.name,
            defaults={
                "size": file.size,
                "stamp": file.stamp,
                "since": now,
                "reported": "",
                "run": None,
                "taken": False,
            },
        )


def _take(edition: WatchedEdition) -> Taken:
    files = _needed(edition)
    run = runs.start(
        Run(
            kind=Run.Kind.REGISTER,
            message="waiting for a worker",
            parameters={
                "watched": {"place": place(), "files": [asdict(file) for file in files]},
                "product": edition.name.product,
                "year": edition.name.year,
                "missing": [],
            },
        )
    )
    # Also those that are not needed: they are not new any more.
    Row.objects.filter(place=place(), name__in=[file.name for file in edition.files]).update(
        taken=True, run=run
    )
    logger.info("%s: %s files are taken, run %s", edition.name, len(files), run.pk)
    return Taken(edition, files, run)


def _report(found: Look) -> None:
    """Log what does not fit and what waits, each once."""
    reasons = {misfit.name: misfit.reason for misfit in found.misfits}
    for waiting in found.waiting:
        reasons[waiting.edition.files[0].name] = f"{waiting.edition.name} waits: {waiting.reason}"
    rows = {row.name: row for row in Row.objects.filter(place=place(), name__in=list(reasons))}
    for name, reason in reasons.items():
        row = rows.get(name)
        if row is None:
            # A link: it has no state of its own.
            row = Row(place=place(), name=name, size=0, stamp="", since=timezone.now())
        if row.reported != reason[:400]:
            row.reported = reason[:400]
            row.save()
            logger.warning("%s, %s: %s", place(), name, reason)
