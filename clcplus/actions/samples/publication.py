"""Publication and withdrawal of a reference sample, each in one transaction."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from analytics.phrases import phrase as _
from clcplus.actions.samples import estimates
from clcplus.actions.samples.sample_rows import announce, hold
from clcplus.errors import WrongState
from clcplus.models import AuditEntry, ReferenceSample

Stage = ReferenceSample.Stage


@transaction.atomic
def publish(*, sample: ReferenceSample, by: Any = None) -> ReferenceSample:
    """Compute what follows from a labelled sample, and show it to readers while its editions are
    published.

    One that is published stays as it is. Raises WrongState, or SampleError for labels from which
    nothing can be estimated.
    """
    found = hold(sample)
    if found.stage == Stage.PUBLISHED:
        return found
    _expect(found, Stage.LABELLING, expected=_("one that is labelled"))
    estimates.compute(found)
    found.stage = Stage.PUBLISHED
    found.published_at = timezone.now()
    found.save(update_fields=("stage", "published_at"))
    announce(found, event=AuditEntry.Event.PUBLISHED, by=by)
    return found


@transaction.atomic
def withdraw(*, sample: ReferenceSample, by: Any = None) -> ReferenceSample:
    """Hide a sample from readers, so that it can be labelled again. Raises WrongState."""
    found = hold(sample)
    _expect(found, Stage.PUBLISHED, expected=_("a published one"))
    found.stage = Stage.LABELLING
    found.published_at = None
    found.save(update_fields=("stage", "published_at"))
    estimates.remove(found)
    announce(found, event=AuditEntry.Event.WITHDRAWN, by=by)
    return found


def _expect(sample: ReferenceSample, stage: str, *, expected: str) -> None:
    if sample.stage != stage:
        raise WrongState(
            sample.name,
            found=_("a sample that is %(state)s", state=sample.get_stage_display()),
            expected=expected,
        )
