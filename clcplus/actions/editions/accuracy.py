"""Accuracy of an edition that an administrator enters: zones then borrow it for their intervals."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db import transaction

from analytics.phrases import phrase as _
from analytics.records import PlaceAccuracy
from clcplus.actions import audit
from clcplus.actions.editions import publication
from clcplus.errors import BadTable
from clcplus.models import Edition, Publication


@transaction.atomic
def enter_accuracy(*, slug: str, accuracy: PlaceAccuracy | None, by: Any = None) -> Edition:
    """Store the accuracy of the sealed class in an edition, in place of a former one; None removes
    it.

    Readers see other intervals from the next publication on, which this writes. Raises
    UnknownEdition, and BadTable for figures that are no accuracies.
    """
    if accuracy is not None:
        _check(accuracy)
    edition = publication.locked(slug)
    edition.accuracy = None if accuracy is None else asdict(accuracy)
    edition.save(update_fields=("accuracy",))
    audit.publish_data(Publication.Event.ACCURACY, subject=slug, by=by)
    return edition


def _check(accuracy: PlaceAccuracy) -> None:
    for name, value in (("producers", accuracy.producers), ("users", accuracy.users)):
        # A comparison that NaN fails.
        if not 0 < value <= 1:
            raise BadTable(name, found=str(value), expected=_("a fraction above 0, at most 1"))
    if not 0 <= accuracy.producers_half_width < accuracy.producers:
        raise BadTable(
            "producers_half_width",
            found=str(accuracy.producers_half_width),
            expected=_("a fraction below the producer's accuracy"),
        )
    for name, text in (("place", accuracy.place), ("source", accuracy.source)):
        if not text.strip() or not text.isprintable() or len(text) > 200:
            raise BadTable(name, found=repr(text[:40]), expected=_("a line of text"))
