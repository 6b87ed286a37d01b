"""Labels: what an interpreter saw at a point, checked and stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from analytics.errors import LabelError
from analytics.nomenclature import OBSERVED_CODES
from analytics.sampling import point_tables
from clcplus.actions.samples.sample_rows import hold
from clcplus.actions.zone_sets.set_rows import visible
from clcplus.errors import WrongState
from clcplus.models import PointLabel, ReferenceSample, SamplePoint
from clcplus.models.reference_sample import NAME_LENGTH

NOTE_LENGTH = 300
MOST_AT_ONCE = 100_000
"""Labels of one file or request."""
_FIRST, _LAST = OBSERVED_CODES[0], OBSERVED_CODES[-1]


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
    subject: str = "labels",
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
            subject, found=f"{len(seen)} labels", expected=f"from 1 to {MOST_AT_ONCE} labels"
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
                found=f"point {one.point} twice by {row.interpreter}",
                expected="one label of an interpreter for each point",
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
        hint = "Withdraw it first: what readers see follows from its labels"
    raise WrongState(
        sample.name,
        found=f"a sample that is {sample.get_stage_display()}",
        expected="one that is being labelled",
        hint=hint,
    )


def _row(
    seen: Seen, points: dict[int, int], *, pair: bool, interpreter: str, subject: str
) -> PointLabel:
    def wrong(found: str, expected: str) -> LabelError:
        return LabelError(f"{subject}, point {seen.point}", found=found, expected=expected)

    point = points.get(seen.point)
    if point is None:
        raise LabelError(
            subject, found=f"point {seen.point}", expected="numbers of points that were drawn"
        )
    if pair != (seen.earlier is not None):
        raise wrong(
            "a class of one edition" if pair else "classes of two editions",
            "classes of both editions" if pair else "the class of the one edition",
        )
    for code in (seen.earlier, seen.later) if pair else (seen.later,):
        if code is not None and (code not in OBSERVED_CODES or isinstance(code, bool)):
            raise wrong(f"the class {str(code)[:40]}", f"a class from {_FIRST} to {_LAST}")
    if seen.later is None:
        raise wrong("no class", f"a class from {_FIRST} to {_LAST}")
    if seen.confidence not in point_tables.CONFIDENCES:
        raise wrong(
            f"the confidence {str(seen.confidence)[:40]!r}",
            f"one of {', '.join(point_tables.CONFIDENCES)}",
        )
    name = visible(seen.interpreter or interpreter).strip()
    if not 0 < len(name) <= NAME_LENGTH:
        raise wrong(
            f"an interpreter with a name of {len(name)} characters", f"from 1 to {NAME_LENGTH}"
        )
    note = visible(seen.note).strip()
    if len(note) > NOTE_LENGTH:
        raise wrong(f"a note of {len(note)} characters", f"at most {NOTE_LENGTH}")
    return PointLabel(
        point_id=point,
        interpreter=name,
        reference_earlier=seen.earlier,
        reference_later=seen.later,
        confidence=seen.confidence,
        note=note,
    )
