"""Rows of reference samples: found, locked against changes, named, changed and deleted."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from analytics.phrases import phrase as _
from clcplus.actions import audit
from clcplus.actions.zone_sets.set_rows import visible
from clcplus.errors import UnknownSample, WrongState
from clcplus.jobs import runs
from clcplus.jobs.states import OPEN
from clcplus.models import AuditEntry, Publication, ReferenceSample, Run
from clcplus.models.reference_sample import NAME_LENGTH

SOURCE_LENGTH = 300


def sample_named(text: str) -> ReferenceSample:
    """The sample of an id or of a name. Raises UnknownSample, also for a name that several have."""
    found = list(_of_id(text) or ReferenceSample.objects.filter(name=text)[:2])
    if len(found) == 1:
        return found[0]
    raise UnknownSample(
        _("sample %(name)s", name=text[:NAME_LENGTH]),
        found=_("several of this name") if found else _("no such sample"),
        expected=_("the id of a sample, or a name that one sample has"),
    )


def _of_id(text: str) -> list[ReferenceSample]:
    try:
        return list(ReferenceSample.objects.filter(pk=uuid.UUID(text)))
    except (ValueError, ValidationError):
        return []


def hold(sample: ReferenceSample) -> ReferenceSample:
    """The sample as it is now, locked until the open transaction ends. Raises UnknownSample."""
    found = ReferenceSample.objects.select_for_update(of=("self",)).filter(pk=sample.pk).first()
    if found is None:
        raise UnknownSample(
            str(sample.pk), found=_("no such sample"), expected=_("one that was not deleted")
        )
    return found


def newest_run(sample: ReferenceSample) -> Run | None:
    """The newest run that draws a sample."""
    found = Run.objects.filter(kind=Run.Kind.SAMPLE, parameters__sample=str(sample.pk))
    return found.order_by("-created_at").first()


def name_of(text: str) -> str:
    """A text as the name of a sample. Raises WrongState for an empty one."""
    name = visible(text).strip()[:NAME_LENGTH]
    if not name:
        raise WrongState(_("sample"), found=_("an empty name"), expected=_("a name"))
    return name


def announce(sample: ReferenceSample, *, event: AuditEntry.Event, by: Any) -> None:
    """Give the published data a new identity: readers see something else of a sample."""
    Publication.objects.create(event=Publication.Event.SAMPLE, subject=sample.name, by=by)
    note(sample, event=event, by=by)


def note(sample: ReferenceSample, *, event: AuditEntry.Event, by: Any) -> None:
    """Add an entry to the audit log."""
    audit.record(event, subject=AuditEntry.Subject.SAMPLE, key=sample.pk, name=sample.name, by=by)


@transaction.atomic
def edit(*, sample: ReferenceSample, name: str, source: str, by: Any) -> None:
    """Change the name of a sample, and who labelled it with which imagery.

    Readers see both of a published one. Raises UnknownSample, or WrongState for an empty name.
    """
    found = hold(sample)
    found.name = name_of(name)
    found.source = visible(source).strip()[:SOURCE_LENGTH]
    found.save(update_fields=("name", "source"))
    if found.stage == ReferenceSample.Stage.PUBLISHED:
        announce(found, event=AuditEntry.Event.CHANGED, by=by)


@transaction.atomic
def delete(*, sample: ReferenceSample, by: Any) -> None:
    """Remove a sample with its points, labels and estimates; a run that draws it ends."""
    found = hold(sample)
    for run in Run.objects.filter(
        kind=Run.Kind.SAMPLE, parameters__sample=str(found.pk), state__in=OPEN
    ):
        runs.cancel(run.pk)
    if found.stage == ReferenceSample.Stage.PUBLISHED:
        announce(found, event=AuditEntry.Event.DELETED, by=by)
    else:
        note(found, event=AuditEntry.Event.DELETED, by=by)
    found.delete()
