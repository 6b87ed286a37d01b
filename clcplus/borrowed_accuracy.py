"""Intervals that zones borrow from the published accuracy of their country's group."""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings

from analytics.figures import Statistics, borrowed_estimate


def with_borrowed(record: Statistics) -> Statistics:
    """The statistics of a zone; where no sample tells its sealed area, with the estimate that
    follows from the accuracy published for the country of the loaded territories
    (``CLCPLUS_COUNTRY``), if there is one."""
    if record.estimate is not None:
        return record
    borrowed = borrowed_estimate(
        record.edition,
        sealed=record.sealed,
        observed=record.observed,
        country=settings.CLCPLUS_COUNTRY,
    )
    return record if borrowed is None else replace(record, estimate=borrowed)
