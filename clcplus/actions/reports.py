"""Reports: ask for one, make it, take up what was left undone, remove what is old."""

from __future__ import annotations

import logging
import tempfile
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from sqlalchemy.exc import OperationalError as ReadError

from analytics.errors import StoreError
from analytics.rasters import open_store
from clcplus import locks, snapshots
from clcplus.errors import Outdated, QueueFull, ShareReached
from clcplus.freshness import report_id
from clcplus.jobs import queue
from clcplus.models import Layer, Publication, Report

logger = logging.getLogger(__name__)

WAITING = 20
"""Reports that may wait or be made at once; who asks for one more is asked to come again."""
OPEN_OF_CLIENT = 3
"""The same of one client, account or address: the others' turn comes too."""
ATTEMPTS = 3
"""Times that a report is begun before it is given up: what kills a worker would kill the next."""
KEPT = timedelta(days=30)
"""How long a report can be had; the same one is made anew when it is asked for again."""
KEPT_FORMER = timedelta(days=1)
"""The same for one of former data or of a former release, which nobody is led to any more."""
KIND = "report"
"""The kind of job that makes a report."""
OPEN = (Report.State.QUEUED, Report.State.RUNNING)

# Why a report failed: marked here, said in the reader's language when its page is read.
OUTDATED = _("New data were published while the report waited. Ask for it again.")
TOO_LONG = _("It took longer than two minutes and was given up.")
UNREACHABLE = _("A part of the platform could not be reached.")
UNFORESEEN = _("An error on our side; it was logged.")
ENDED = _("The process that made it ended several times.")


def request_report(
    *,
    level: str,
    code: str,
    name: str,
    vintage: int,
    earlier: str,
    later: str,
    language: str,
    data: str,
    release: str,
    site: str,
    client: str,
) -> Report:
    """The report of what is asked for: the one that there is, also while it is being made, or a new
    one, which is queued. One that failed is queued again. Raises QueueFull, or ShareReached.

    ``client`` is a word for whoever asks (:func:`clcplus.access.client`); it is kept while the
    report is open, to count its share, and is no part of what the report is.
    """
    made_of: dict[str, Any] = {
        "level": level,
        "code": code,
        "vintage": vintage,
        "earlier": earlier,
        "later": later,
        "language": language,
        "data": data,
        "release": release,
        "site": site,
    }
    number = report_id(**made_of)
    failed = Q(state=Report.State.FAILED)
    found = Report.objects.filter(pk=number).exclude(failed).first()
    if found is not None:
        return found
    with transaction.atomic():
        # One at a time: the second of two clicks finds the report of the first; the bound holds.
        locks.lock_until_commit(locks.Kind.REPORT_QUEUE)
        found = Report.objects.filter(pk=number).exclude(failed).first()
        if found is not None:
            return found
        waiting = Report.objects.filter(state__in=OPEN).count()
        if waiting >= WAITING:
            raise QueueFull(
                "reports", found=f"{waiting} that wait", expected=f"fewer than {WAITING}"
            )
        own = Report.objects.filter(state__in=OPEN, client=client).count()
        if own >= OPEN_OF_CLIENT:
            raise ShareReached(
                "reports",
                found=f"{own} of this client that wait",
                expected=f"fewer than {OPEN_OF_CLIENT}",
            )
        now = timezone.now()
        report, __ = Report.objects.update_or_create(
            pk=number,
            defaults={
                **made_of,
                "name": name,
                "client": client,
                "state": Report.State.QUEUED,
                "stage": Report.Stage.FIGURES,
                "percent": 0,
                "attempts": 0,
                "error": "",
                "queued_at": now,
                "moved_at": now,
                "finished_at": None,
            },
        )
        queue.send_waiting(KIND, number)
    return report


def move_report(report: Report, *, stage: str, percent: int) -> None:
    """Record how far the making of a report is."""
    _move(report.pk, stage=stage, percent=percent)


def finish_report(report: Report, *, content: bytes, pages: int) -> bool:
    """Store a report that is made; whether anybody still wanted it."""
    _store(report, content)
    _move(
        report.pk,
        state=Report.State.DONE,
        percent=100,
        pages=pages,
        size=len(content),
        error="",
        client="",
        finished_at=timezone.now(),
    )
    kept = Report.objects.filter(pk=report.pk).exists()
    if not kept:
        # What it tells of was withdrawn meanwhile, and the report removed.
        open_store(settings.RASTER_STORE).delete(report.key)
    return kept


def reason(error: Exception) -> str:
    """Why a report failed, as a reader is told. What was not foreseen is in the log alone."""
    match error:
        case Outdated():
            return OUTDATED
        case SoftTimeLimitExceeded():
            return TOO_LONG
        case StoreError() | OSError() | DatabaseError() | ReadError():
            return UNREACHABLE
    return UNFORESEEN


def _move(number: uuid.UUID, **changed: Any) -> None:
    Report.objects.filter(pk=number).update(**changed, moved_at=timezone.now())


def _store(report: Report, content: bytes) -> None:
    """Write the file whole or not at all, under a name that stands for its content."""
    with tempfile.TemporaryDirectory(prefix="clcplus-report-") as folder:
        file = Path(folder) / "report.pdf"
        file.write_bytes(content)
        open_store(settings.RASTER_STORE).put(file, report.key)


def fail_report(number: Any, reason: str) -> None:
    """End a report with a reason that a person understands."""
    Report.objects.filter(pk=number, state__in=OPEN).update(
        state=Report.State.FAILED, error=reason[:400], client="", finished_at=timezone.now()
    )


def tells_of_withdrawn(report: Report) -> bool:
    """Whether an edition was withdrawn since the data that a report is made of: it may tell of it.

    Who wants the report after that asks for it anew, and gets what is published now.
    """
    return _publication_of(report) < _last_withdrawal()


def _last_withdrawal() -> int:
    """Its number; 0 where nothing was withdrawn."""
    events = Publication.objects.filter(event=Publication.Event.WITHDRAWN).order_by("-pk")
    return events.values_list("pk", flat=True).first() or 0


def _publication_of(report: Report) -> int:
    """The number that the identity of a report's data begins with."""
    return int(report.data.partition("-")[0])


def remove_reports_of(*, level: str) -> None:
    """Remove all reports of a level's territories, part of the open transaction; the files go with
    its end."""
    found = Report.objects.filter(level=level)
    keys = [report.key for report in found]
    found.delete()

    def after_commit() -> None:
        store = open_store(settings.RASTER_STORE)
        for key in keys:
            store.delete(key)

    transaction.on_commit(after_commit)


def remove_old_reports() -> int:
    """Remove reports that ended long ago, those of former data or of a former release that ended a
    day ago, and those of what was withdrawn; their number. The file goes first: no row leads to
    nothing for long."""
    now = timezone.now()
    with snapshots.opened() as snapshot:
        former = ~Q(data=str(snapshot.data)) | ~Q(release=snapshot.release)
    old = Q(finished_at__lt=now - KEPT) | (former & Q(finished_at__lt=now - KEPT_FORMER))
    shown = Layer.objects.filter(active=True).values("level__slug")
    last = _last_withdrawal()
    ended = Report.objects.exclude(state__in=OPEN)
    withdrawn = [report.pk for report in ended if _publication_of(report) < last]
    gone = Q(pk__in=withdrawn) | ~Q(level__in=shown)
    store = open_store(settings.RASTER_STORE)
    removed = 0
    for report in ended.filter(old | gone):
        store.delete(report.key)
        report.delete()
        removed += 1
    return removed
