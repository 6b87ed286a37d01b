"""Which features of an upload become zones, and why the others do not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from analytics.uploads.records import Report, Severity


@dataclass(frozen=True, slots=True)
class Ledger:
    """Shapes of a file: each is usable, or has an error."""

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
        usable=len(skip_bad_ones(report)),
        errors=tuple(sorted(errors.items(), key=lambda error: (-error[1], error[0]))),
    )


def accept_all_or_nothing(report: Report) -> tuple[int, ...]:
    """Indices of all features where none has an error; otherwise of none."""
    usable = skip_bad_ones(report)
    return usable if len(usable) == len(report.features) else ()


def skip_bad_ones(report: Report) -> tuple[int, ...]:
    """Indices of the features without an error, in the order of the file."""
    return tuple(feature.index for feature in report.features if feature.usable)
