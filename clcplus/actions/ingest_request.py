"""Ingest that an administrator asks for in the admin: checked on a worker, since that takes
minutes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from analytics.errors import RasterError
from clcplus.actions import registration
from clcplus.jobs import queue, runs
from clcplus.jobs.kinds import Attempt
from clcplus.jobs.progress import Progress
from clcplus.models import Run


def inbox_entries() -> list[str]:
    """Rasters and folders that lie in the inbox, by name."""
    inbox: Path = settings.CLCPLUS_INBOX
    if not inbox.is_dir():
        return []
    suffixes = {".tif", ".tiff", ".vrt"}
    return sorted(p.name for p in inbox.iterdir() if p.is_dir() or p.suffix.lower() in suffixes)


@transaction.atomic
def request_ingest(
    *,
    names: Sequence[str],
    product: str,
    year: int,
    missing: Sequence[int] = (),
    publish: bool = False,
    by: Any = None,
) -> Run:
    """Queue the check of sources that lie in the inbox; the run to follow. Raises RasterError."""
    known = inbox_entries()
    for name in names:
        if name not in known:
            raise RasterError(name, found="no such file in the inbox", expected=", ".join(known))
    run = Run.objects.create(
        kind=Run.Kind.REGISTER,
        requested_by=by,
        publish=publish,
        message="waiting for a worker",
        parameters={
            "names": list(names),
            "product": product,
            "year": year,
            "missing": list(missing),
        },
    )
    queue.send_waiting(run.kind, run.pk)
    return run


def register(attempt: Attempt) -> bool:
    """Check what was asked for and register it; the run names the ingest that follows.

    Raises RasterError and other errors of the sources.
    """
    run = Run.objects.get(pk=attempt.number)
    progress = Progress(run)

    def say(name: str, done: int, total: int) -> None:
        progress.note(done, total, message=f"checking {name}")

    wanted = run.parameters
    sources = registration.check_sources(
        paths=[settings.CLCPLUS_INBOX / name for name in wanted["names"]],
        product=wanted["product"],
        year=wanted["year"],
        missing=frozenset(wanted["missing"]),
        say=say,
    )
    with transaction.atomic():
        if not runs.hold_open(run.pk):
            return False
        ingest = registration.register_edition(
            sources=sources,
            product=wanted["product"],
            year=wanted["year"],
            publish=run.publish,
            by=run.requested_by,
        )
        return runs.succeed(
            run.pk, parameters={**wanted, "ingest": str(ingest.pk)}, edition=ingest.edition
        )
