"""Intervals that zones borrow from the published accuracy of their country's group."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from django.conf import settings

from analytics.figures import Statistics, StatusFigures, borrowed_estimate
from analytics.records import Edition

Figures = TypeVar("Figures", bound=StatusFigures)


def lent(record: Figures, edition: Edition) -> Figures:
    """Figures of a zone in an edition; where no sample tells its sealed area, with the estimate
    that follows from the accuracy published for the country of the loaded territories
    (``CLCPLUS_COUNTRY``), if there is one. Estimates of samples have to be read before."""
    if record.estimate is not None:
        return record
    borrowed = borrowed_estimate(
        edition,
        sealed=record.sealed,
        observed=record.observed,
        country=settings.CLCPLUS_COUNTRY,
    )
    return record if borrowed is None else replace(record, estimate=borrowed)


def with_borrowed(record: Statistics) -> Statistics:
    """The same of a record that knows its edition."""
    return lent(record, record.edition)
