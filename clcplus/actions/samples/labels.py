"""Labels: what an interpreter saw at a point, checked and stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from analytics.errors import LabelError
from analytics.nomenclature import OBSERVED_CODES
from analytics.phrases import phrase as _
from analytics.sampling import point_tables
from clcplus.actions.samples.sample_rows import hold
from clcplus.actions.zone_sets.set_rows import visible
from clcplus.errors import WrongState
from clcplus.models import PointLabel, ReferenceSample, SamplePoint
from clcplus.models.reference_sample import NAME_LENGTH

NOTE_LENGTH = 300
MOST_AT_ONCE = 100_000
"""Labels of one file or request."""
_CLASSES = _("a class from %(low)s to %(high)s", low=OBSERVED_CODES[0], high=OBSERVED_CODES[-1])


@dataclass(frozen=True, slots=True)
class Seen:
    """A label to store. ``point`` is the number of the point in its sample; ``earlier`` is None for
    a sample from one edition."""

    point: int
    earlier: int | None
    later: int | None
    confidence: str = PointLabel.Confidence.HIGH
    note: str = ""
    interpreter: str = ""
    """Who saw it; empty for the interpreter of the request or file."""


@transaction.atomic
def store_labels(
    *,
    sample: ReferenceSample,
    seen: Sequence[Seen],
    interpreter: str,
    account: Any = None,
    origin: str = PointLabel.Origin.PAGE,
    subject: str = _("labels"),
) -> int:
    """Store all labels, or none; returns their number.

    A label takes the place of an earlier one of the same interpreter for the same point. Raises
    LabelError, which names the first that is wrong, or WrongState for a sample that is not being
    labelled.
    """
    found = hold(sample)
    _check_stage(found)
    if not 0 < len(seen) <= MOST_AT_ONCE:
        raise LabelError(
            subject,
            found=_("%(n)s labels", n=len(seen)),
            expected=_("from 1 to %(n)s labels", n=MOST_AT_ONCE),
        )
    numbers = {one.point for one in seen}
    points = dict(
        SamplePoint.objects.filter(sample=found, number__in=numbers).values_list("number", "pk")
    )
    taken: set[tuple[int, str]] = set()
    rows = []
    for one in seen:
        pair = found.earlier_id is not None
        row = _row(one, points, pair=pair, interpreter=interpreter, subject=subject)
        row.account, row.origin, row.labelled_at = account, origin, timezone.now()
        key = (row.point_id, row.interpreter)
        if key in taken:
            raise LabelError(
                subject,
                found=_("point %(point)s twice by %(name)s", point=one.point, name=row.interpreter),
                expected=_("one label of an interpreter for each point"),
            )
        taken.add(key)
        rows.append(row)
    PointLabel.objects.bulk_create(
        rows,
        batch_size=2000,
        update_conflicts=True,
        unique_fields=("point", "interpreter"),
        update_fields=(
            "account",
            "reference_earlier",
            "reference_later",
            "confidence",
            "note",
            "origin",
            "labelled_at",
        ),
    )
    return len(rows)


def interpreter_of(account: Any) -> str:
    """The name under which an account labels."""
    return str(account.get_username())[:NAME_LENGTH]


def _check_stage(sample: ReferenceSample) -> None:
    if sample.stage == ReferenceSample.Stage.LABELLING:
        return
    hint = ""
    if sample.stage == ReferenceSample.Stage.PUBLISHED:
        hint = _("Withdraw it first: what readers see follows from its labels")
    raise WrongState(
        sample.name,
        found=_("a sample that is %(state)s", state=sample.get_stage_display()),
        expected=_("one that is being labelled"),
        hint=hint,
    )


def _row(
    seen: Seen, points: dict[int, int], *, pair: bool, interpreter: str, subject: str
) -> PointLabel:
    def wrong(found: str, expected: str) -> LabelError:
        place = _("%(subject)s, point %(point)s", subject=subject, point=seen.point)
        return LabelError(place, found=found, expected=expected)

    point = points.get(seen.point)
    if point is None:
        raise LabelError(
            subject,
            found=_("point %(point)s", point=seen.point),
            expected=_("numbers of points that were drawn"),
        )
    if pair != (seen.earlier is not None):
        raise wrong(
            _("a class of one edition") if pair else _("classes of two editions"),
            _("classes of both editions") if pair else _("the class of the one edition"),
        )
    for code in (seen.earlier, seen.later) if pair else (seen.later,):
        if code is not None and (code not in OBSERVED_CODES or isinstance(code, bool)):
            raise wrong(_("the class %(code)s", code=str(code)[:40]), _CLASSES)
    if seen.later is None:
        raise wrong(_("no class"), _CLASSES)
    if seen.confidence not in point_tables.CONFIDENCES:
        raise wrong(
            _("the confidence %(name)r", name=str(seen.confidence)[:40]),
            _("one of %(names)s", names=", ".join(point_tables.CONFIDENCES)),
        )
    name = visible(seen.interpreter or interpreter).strip()
    if not 0 < len(name) <= NAME_LENGTH:
        raise wrong(
            _("an interpreter with a name of %(n)s characters", n=len(name)),
            _("from 1 to %(n)s", n=NAME_LENGTH),
        )
    note = visible(seen.note).strip()
    if len(note) > NOTE_LENGTH:
        raise wrong(_("a note of %(n)s characters", n=len(note)), _("at most %(n)s", n=NOTE_LENGTH))
    return PointLabel(
        point_id=point,
        interpreter=name,
        reference_earlier=seen.earlier,
        reference_later=seen.later,
        confidence=seen.confidence,
        note=note,
    )
