"""Ingest that an administrator asks for in the admin: checked on a worker, since that takes
minutes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from analytics.errors import AnalyticsError, RasterError
from clcplus.actions import registration, runs
from clcplus.errors import PlatformError
from clcplus.models import Run

SECONDS_BETWEEN_NOTES = 1.0


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
    transaction.on_commit(lambda: runs.send("clcplus.tasks.register_requested", str(run.pk)))
    return run


def register(*, run_id: Any) -> None:
    """Check what was asked for and register it; the run names the ingest that follows, or the
    fault."""
    run = Run.objects.get(pk=run_id)
    if run.state not in runs.OPEN:
        return
    runs.note_start(run.pk)
    noted = 0.0

    def say(name: str, done: int, total: int) -> None:
        nonlocal noted
        if time.monotonic() - noted > SECONDS_BETWEEN_NOTES:
            noted = time.monotonic()
            Run.objects.filter(pk=run.pk).update(
                message=f"checking {name}",
                cells_done=done,
                cells_total=total,
                updated_at=timezone.now(),
            )

    wanted = run.parameters
    try:
        sources = registration.check_sources(
            paths=[settings.CLCPLUS_INBOX / name for name in wanted["names"]],
            product=wanted["product"],
            year=wanted["year"],
            missing=frozenset(wanted["missing"]),
            say=say,
        )
        ingest = registration.register_edition(
            sources=sources,
            product=wanted["product"],
            year=wanted["year"],
            publish=run.publish,
            by=run.requested_by,
        )
    except (AnalyticsError, PlatformError) as error:
        runs.fail_run(run_id=run.pk, reason=str(error))
        return
    run.parameters["ingest"] = str(ingest.pk)
    run.edition = ingest.edition
    run.state = Run.State.SUCCEEDED
    run.message = ""
    run.finished_at = timezone.now()
    run.save()
