"""Refreshes that are asked for, by a person or by the calendar; one at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from analytics.phrases import phrase as _
from clcplus.actions.refresh import offers
from clcplus.actions.territories.named_zone import highest_level, territories_named
from clcplus.database import locks
from clcplus.errors import WrongState
from clcplus.jobs import runs
from clcplus.jobs.states import ENDED_EARLY, OPEN
from clcplus.models import Publication, Run

_CALENDAR = "calendar"
_RETRIED_AFTER = timedelta(days=1)
"""A source that is away has its people, who need a working day."""
_RETRIED_WITHIN = timedelta(days=7)
"""What fails for a week needs a person."""


def area() -> str:
    """The territories of a refresh. Raises UnknownLevel where they are not loaded."""
    chosen = ",".join(settings.REFRESH_AREA)
    if not chosen:
        return highest_level()
    territories_named(chosen)
    return chosen


@transaction.atomic
def request_refresh(*, by: Any = None) -> Run:
    """Queue a refresh: a new run, or the one that is under way. Raises UnknownLevel."""
    area()
    locks.lock_until_commit(locks.Kind.REFRESH)
    return _open_one() or _start(by=by)


def plan_due() -> Run | None:
    """Queue the refresh that is due; None where there is none, or another one is under way.

    The database decides: a refresh is due once none has begun since the last due day, and where the
    watched place has taken something. One of the calendar that has failed is resumed after a day. A
    look that was missed is caught up by the next one, and two looks at once start one refresh.
    """
    if _due() is None and _to_retry() is None:
        return None
    with transaction.atomic():
        locks.lock_until_commit(locks.Kind.REFRESH)
        if _open_one() is not None:
            return None
        due, failed = _due(), _to_retry()
        if due is not None:
            return _start(by=None, **due)
        if failed is not None:
            resume(failed)
        return failed


@transaction.atomic
def resume(run: Run) -> None:
    """Go on with a refresh that has failed or was cancelled, and with what failed of it. Raises
    WrongState."""
    locks.lock_until_commit(locks.Kind.REFRESH)
    held = runs.hold_ended_early(run.pk)
    if _open_one() is not None:
        raise WrongState(
            _("run %(id)s", id=run.pk),
            found=_("another refresh under way"),
            expected=_("no other refresh"),
        )
    for edition in held.parameters.get("editions", ()):
        step = edition.pop("failed_in", None)
        if step is not None:
            edition["step"] = step
            edition.pop("reason", None)
            for child in Run.objects.filter(pk=edition[step], state__in=ENDED_EARLY):
                runs.resume(child)
    held.save(update_fields=("parameters",))
    runs.take_up(held)


def last_due(now: datetime, *, month: int, day: int) -> datetime:
    """The last midnight (UTC) of this day of the year that is not in the future."""
    this_year = datetime(now.year, month, day, tzinfo=UTC)
    return this_year if this_year <= now else datetime(now.year - 1, month, day, tzinfo=UTC)


def _due() -> dict[str, str] | None:
    """The parameters of the refresh that is due, if any."""
    if _is_due(timezone.now()):
        return {"asked": _CALENDAR}
    # Services elsewhere are asked on the day alone: a site may have no way to them.
    return {"source": offers.WATCHED} if offers.taken_runs() else None


def _to_retry() -> Run | None:
    """The newest refresh, if the calendar has asked for it and it failed a day ago."""
    newest = Run.objects.filter(kind=Run.Kind.REFRESH).first()
    if newest is None or newest.state != Run.State.FAILED or newest.finished_at is None:
        return None
    now = timezone.now()
    rested = newest.finished_at < now - _RETRIED_AFTER
    young = newest.created_at > now - _RETRIED_WITHIN
    return newest if rested and young and newest.parameters.get("asked") == _CALENDAR else None


def _is_due(now: datetime) -> bool:
    # The data of a demonstration are invented: nothing elsewhere renews them.
    if settings.REFRESH_ON is None or settings.DEMONSTRATION:
        return False
    month, day = settings.REFRESH_ON
    since = last_due(now, month=month, day=day)
    refreshes = Run.objects.filter(kind=Run.Kind.REFRESH, created_at__gte=since)
    if refreshes.exclude(parameters__contains={"source": offers.WATCHED}).exists():
        return False
    # A platform that is younger than the day was filled by its operator, and may wait for the next.
    return Publication.objects.filter(event=Publication.Event.PUBLISHED, at__lt=since).exists()


def _open_one() -> Run | None:
    return Run.objects.filter(kind=Run.Kind.REFRESH, state__in=OPEN).first()


def _start(*, by: Any, **parameters: str) -> Run:
    return runs.start(
        Run(
            kind=Run.Kind.REFRESH,
            requested_by=by,
            message="waiting for a worker",
            parameters=parameters,
        )
    )
