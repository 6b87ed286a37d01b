"""Publication and withdrawal of editions, each in one transaction."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from analytics.phrases import phrase as _
from clcplus.actions import audit
from clcplus.actions.notices.announcement import announce
from clcplus.actions.zone_sets import computation
from clcplus.errors import UnknownEdition, WrongState
from clcplus.models import Edition, Notice, Publication


@transaction.atomic
def publish_edition(*, slug: str, by: Any = None) -> Edition:
    """Show a loaded edition to readers, in place of another version of the same year, which is
    superseded: readers see it by its slug alone.

    A published edition stays as it is. Raises UnknownEdition or WrongState.
    """
    edition = locked(slug)
    if edition.status == Edition.Status.PUBLISHED:
        return edition
    if edition.loaded_at is None:
        raise WrongState(
            slug,
            found=_(
                "an edition that is %(state)s, not yet counted", state=edition.get_status_display()
            ),
            expected=_("a loaded edition"),
            hint=_("Wait for its run to end, or run ingest_edition again"),
        )
    replaced = Edition.objects.select_for_update().filter(
        product=edition.product,
        year=edition.year,
        origin=edition.origin,
        status=Edition.Status.PUBLISHED,
    )
    for older in replaced:
        older.status = Edition.Status.SUPERSEDED
        older.save(update_fields=("status",))
        audit.publish_data(Publication.Event.SUPERSEDED, subject=older.slug, by=by)
    edition.status = Edition.Status.PUBLISHED
    edition.published_at = timezone.now()
    edition.withdrawn_at = None
    edition.superseded_by = ""
    edition.save(update_fields=("status", "published_at", "withdrawn_at", "superseded_by"))
    # All of the year, also those that the replaced version had replaced.
    Edition.objects.filter(
        product=edition.product,
        year=edition.year,
        origin=edition.origin,
        status=Edition.Status.SUPERSEDED,
    ).update(superseded_by=slug)
    audit.publish_data(Publication.Event.PUBLISHED, subject=slug, by=by)
    announce(Notice.Event.PUBLISHED, edition=edition, message=f"{edition} is published.")
    # Custom zones are counted afterwards; until then readers see them without the edition.
    transaction.on_commit(computation.after_publication, robust=True)
    return edition


@transaction.atomic
def withdraw_edition(*, slug: str, by: Any = None) -> Edition:
    """Hide a published or superseded edition from readers; its counts are kept.

    Raises UnknownEdition, WrongState."""
    edition = locked(slug)
    if edition.status not in (Edition.Status.PUBLISHED, Edition.Status.SUPERSEDED):
        raise WrongState(
            slug,
            found=_("an edition that is %(state)s", state=edition.get_status_display()),
            expected=_("a published edition"),
        )
    edition.status = Edition.Status.WITHDRAWN
    edition.withdrawn_at = timezone.now()
    edition.superseded_by = ""
    edition.save(update_fields=("status", "withdrawn_at", "superseded_by"))
    audit.publish_data(Publication.Event.WITHDRAWN, subject=edition.slug, by=by)
    return edition


def locked(slug: str) -> Edition:
    """The edition of a slug, locked until the open transaction ends. Raises UnknownEdition."""
    found = Edition.objects.select_for_update().filter(slug=slug).first()
    if found is None:
        raise unknown(slug)
    return found


def unknown(slug: str) -> UnknownEdition:
    """The error of a slug that no edition has."""
    known = ", ".join(Edition.objects.values_list("slug", flat=True)) or "none yet"
    return UnknownEdition(slug, found="no such edition", expected=f"one of: {known}")
