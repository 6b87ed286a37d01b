"""Reports as PDF: requested, stored, failed, removed."""

from __future__ import annotations

import logging
import tempfile
import uuid
from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypedDict, Unpack

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Max, Q
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
"""Reports that may be open at once; further requests are refused."""
OPEN_OF_CLIENT = 3
"""The same for one client, an account or an address, so that others get their turn."""
ATTEMPTS = 3
"""Attempts at a report: what has killed so many workers would kill the next one."""
KEPT = timedelta(days=30)
"""How long a report is kept; a later request makes it anew."""
KEPT_FORMER = timedelta(days=1)
"""The same for a report of former data or a former release, to which no page links."""
KIND = "report"
"""The kind of job that makes a report."""
OPEN = (Report.State.QUEUED, Report.State.RUNNING)

# Why a report failed: marked for translation here, translated when its page is read.
OUTDATED = _("New data were published while the report waited. Ask for it again.")
TOO_LONG = _("It took longer than two minutes and was given up.")
UNREACHABLE = _("A part of the platform could not be reached.")
UNFORESEEN = _("An error on our side; it was logged.")
ENDED = _("The process that made it ended several times.")


class ReportInputs(TypedDict):
    """What a report is made of; its id is a hash of this."""

    level: str
    code: str
    vintage: int
    earlier: str
    later: str
    language: str
    data: str
    release: str
    site: str


def request_report(*, name: str, client: str, **made_of: Unpack[ReportInputs]) -> Report:
    """The report of a request: the known one, or a new one, which is queued.

    A failed report is queued again. ``client`` identifies who asks (:func:`clcplus.access.client`).
    It is stored while the report is open, to count its share, and is no part of the report's id.
    Raises QueueFull, ShareReached.
    """
    number = report_id(**made_of)
    usable = Report.objects.filter(pk=number).exclude(state=Report.State.FAILED)
    if (found := usable.first()) is not None:
        return found
    with transaction.atomic():
        # One at a time: the second of two clicks finds the report of the first; the bound holds.
        locks.lock_until_commit(locks.Kind.REPORT_QUEUE)
        if (found := usable.all().first()) is not None:
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


def move_report(number: uuid.UUID, **changed: Any) -> None:
    """Store how far a report is."""
    Report.objects.filter(pk=number).update(**changed, moved_at=timezone.now())


def finish_report(report: Report, *, content: bytes, pages: int) -> bool:
    """Store a report that is made. Returns False if it was removed meanwhile."""
    store = open_store(settings.RASTER_STORE)
    with tempfile.TemporaryDirectory(prefix="clcplus-report-") as folder:
        file = Path(folder) / "report.pdf"
        file.write_bytes(content)
        store.put(file, report.key)
    move_report(
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
        store.delete(report.key)
    return kept


def reason(error: Exception) -> str:
    """Why a report failed, for readers. Details of unforeseen errors are only in the log."""
    match error:
        case Outdated():
            return OUTDATED
        case SoftTimeLimitExceeded():
            return TOO_LONG
        case StoreError() | OSError() | DatabaseError() | ReadError():
            return UNREACHABLE
    return UNFORESEEN


def fail_report(number: Any, reason: str) -> None:
    """End a report with a reason for readers."""
    Report.objects.filter(pk=number, state__in=OPEN).update(
        state=Report.State.FAILED, error=reason[:400], client="", finished_at=timezone.now()
    )


def tells_of_withdrawn(report: Report) -> bool:
    """Whether an edition was withdrawn after the report's data: the report may show it."""
    return bool(_of_withdrawn([report]))


def _of_withdrawn(reports: Iterable[Report]) -> list[uuid.UUID]:
    withdrawals = Publication.objects.filter(event=Publication.Event.WITHDRAWN)
    last = withdrawals.aggregate(last=Max("pk", default=0))["last"]
    # The identity of a report's data begins with the number of the publication.
    return [report.pk for report in reports if int(report.data.partition("-")[0]) < last]


def remove_reports_of(*, level: str) -> None:
    """Remove all reports of a level in the open transaction, and their files after its commit."""
    found = Report.objects.filter(level=level)
    store = open_store(settings.RASTER_STORE)
    for report in found:
        transaction.on_commit(partial(store.delete, report.key))
    found.delete()


def remove_old_reports() -> int:
    """Remove reports that ended long ago, reports of former data or a former release that ended a
    day ago, and reports of what was withdrawn. Returns their number."""
    now = timezone.now()
    with snapshots.opened() as snapshot:
        former = ~Q(data=str(snapshot.data)) | ~Q(release=snapshot.release)
    old = Q(finished_at__lt=now - KEPT) | (former & Q(finished_at__lt=now - KEPT_FORMER))
    shown = Layer.objects.filter(active=True).values("level__slug")
    ended = Report.objects.exclude(state__in=OPEN)
    gone = Q(pk__in=_of_withdrawn(ended)) | ~Q(level__in=shown)
    store = open_store(settings.RASTER_STORE)
    removed = 0
    for report in ended.filter(old | gone):
        store.delete(report.key)  # first, so that no file is left without a row
        report.delete()
        removed += 1
    return removed
