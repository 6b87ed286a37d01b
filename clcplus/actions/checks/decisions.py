"""What a person decides on an edition that its checks hold back."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from analytics.phrases import phrase as _
from clcplus.actions import audit
from clcplus.actions.editions import publication
from clcplus.errors import WrongState
from clcplus.models import AuditEntry, Edition, EditionCheck

REASON_LENGTH = 400


@transaction.atomic
def publish_all_the_same(*, slug: str, reason: str, by: Any) -> EditionCheck:
    """Publish an edition, whatever its checks say; the reason is kept. Raises UnknownEdition or
    WrongState."""
    check = _undecided(slug, reason)
    publication.publish_edition(slug=slug, by=by)
    return _decide(check, EditionCheck.Decision.PUBLISHED, reason=reason, by=by)


@transaction.atomic
def reject(*, slug: str, reason: str, by: Any) -> EditionCheck:
    """Keep an edition from readers for good; the reason is kept. Raises UnknownEdition or
    WrongState."""
    return _decide(_undecided(slug, reason), EditionCheck.Decision.REJECTED, reason=reason, by=by)


def _undecided(slug: str, reason: str) -> EditionCheck:
    """The last check of an edition that is not published."""
    edition = publication.locked(slug)
    if edition.status == Edition.Status.PUBLISHED:
        raise WrongState(
            slug, found=_("a published edition"), expected=_("an edition that is not published")
        )
    check = EditionCheck.objects.filter(edition=edition).first()
    if check is None:
        raise WrongState(
            slug,
            found=_("an edition that was not checked"),
            expected=_("a checked edition"),
            hint=_("Wait for its check to end"),
        )
    if not 0 < len(reason.strip()) <= REASON_LENGTH:
        raise WrongState(
            slug,
            found=_("%(n)s letters of a reason", n=len(reason.strip())),
            expected=_("a reason of at most %(n)s letters", n=REASON_LENGTH),
        )
    return check


def _decide(
    check: EditionCheck, decision: EditionCheck.Decision, *, reason: str, by: Any
) -> EditionCheck:
    check.decision, check.reason = decision, " ".join(reason.split())
    check.decided_by, check.decided_at = by, timezone.now()
    check.save(update_fields=("decision", "reason", "decided_by", "decided_at"))
    slug = check.edition.slug
    audit.record(
        AuditEntry.Event(decision.value),
        subject=AuditEntry.Subject.EDITION,
        key=slug,
        name=slug,
        by=by,
        reason=check.reason,
    )
    return check
