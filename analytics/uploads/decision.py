"""Which features of an upload become zones: all or none, or those without an error."""

from __future__ import annotations

from analytics.uploads.records import Report


def accept_all_or_nothing(report: Report) -> tuple[int, ...]:
    """Indices of all features where none has an error; otherwise of none."""
    usable = skip_bad_ones(report)
    return usable if len(usable) == len(report.features) else ()


def skip_bad_ones(report: Report) -> tuple[int, ...]:
    """Indices of the features without an error, in the order of the file."""
    return tuple(feature.index for feature in report.features if feature.usable)
