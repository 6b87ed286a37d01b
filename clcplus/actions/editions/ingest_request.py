"""Ingest requested in the admin: a worker checks the sources first, which takes minutes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from analytics.errors import RasterError
from clcplus.actions.editions import registration, watch
from clcplus.jobs import runs
from clcplus.jobs.kinds import Attempt
from clcplus.jobs.runs import Progress
from clcplus.models import Run


def inbox_entries() -> list[str]:
    """Names of rasters and folders in the inbox, sorted."""
    inbox: Path = settings.CLCPLUS_INBOX
    if not inbox.is_dir():
        return []
    suffixes = {".tif", ".tiff", ".vrt"}
    return sorted(p.name for p in inbox.iterdir() if p.is_dir() or p.suffix.lower() in suffixes)


def request_ingest(
    *,
    names: Sequence[str],
    product: str,
    year: int,
    missing: Sequence[int] = (),
    publish: bool = False,
    by: Any = None,
) -> Run:
    """Queue the check of sources in the inbox. Raises RasterError for a name that is not there."""
    known = inbox_entries()
    for name in names:
        if name not in known:
            raise RasterError(name, found="no such file in the inbox", expected=", ".join(known))
    return runs.start(
        Run(
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
    )


def register(attempt: Attempt) -> bool:
    """Check the requested sources and register them. Raises RasterError and its kin."""
    run = Run.objects.get(pk=attempt.number)
    progress = Progress(run)
    wanted = run.parameters
    of_edition = {"product": wanted["product"], "year": wanted["year"]}
    paths = (
        watch.bring(run, progress=lambda done, total: progress.go_on(done, total))
        if "watched" in wanted
        else [settings.CLCPLUS_INBOX / name for name in wanted["names"]]
    )
    sources = registration.check_sources(
        paths=paths,
        missing=frozenset(wanted["missing"]),
        say=lambda name, done, total: progress.note(done, total, message=f"checking {name}"),
        **of_edition,
    )
    with transaction.atomic():
        return registration.end_with_ingest(run, sources=sources, **of_edition) is not None
