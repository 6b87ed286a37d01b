"""Where nothing is lost: each shape that was read is a zone that can be used, or has an error."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from analytics.uploads.records import Report, Severity


@dataclass(frozen=True, slots=True)
class Ledger:
    """Shapes of a file; ``read`` is ``usable`` and the numbers of ``errors`` together."""

    read: int
    usable: int
    errors: tuple[tuple[str, int], ...]
    """Codes of errors, the most frequent first; a shape with several counts once, at its first."""


def ledger(report: Report) -> Ledger:
    """The account of a report."""
    errors = Counter(
        next(f.code for f in feature.findings if f.severity == Severity.ERROR)
        for feature in report.features
        if not feature.usable
    )
    return Ledger(
        read=len(report.features),
        usable=sum(feature.usable for feature in report.features),
        errors=tuple(sorted(errors.items(), key=lambda error: (-error[1], error[0]))),
    )
