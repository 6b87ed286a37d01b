"""Runs that a person cancels or resumes; the audit log names the person."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from clcplus.actions import audit
from clcplus.jobs import runs
from clcplus.models import AuditEntry, Run


@transaction.atomic
def cancel(run: Run, *, by: Any) -> None:
    """Stop a run before its next unit. Raises WrongState."""
    runs.cancel(run.pk)
    _note(AuditEntry.Event.CANCELLED, run, by=by)


@transaction.atomic
def resume(run: Run, *, by: Any) -> None:
    """Go on with what failed or was left of a run. Raises WrongState."""
    runs.resume(run)
    _note(AuditEntry.Event.RESUMED, run, by=by)


def _note(event: AuditEntry.Event, run: Run, *, by: Any) -> None:
    subject = AuditEntry.Subject.RUN
    audit.record(event, subject=subject, key=run.pk, name=str(run), by=by, kind=run.kind)
