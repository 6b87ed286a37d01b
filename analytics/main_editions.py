"""The editions that come first where nobody names any: one rule for every output."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.records import MODELLED, Edition


def main_edition(editions: Sequence[Edition]) -> Edition | None:
    """The edition whose figures come first: the newest that is not modelled."""
    measured = [edition for edition in editions if edition.origin != MODELLED]
    return max(measured or editions, key=lambda edition: edition.year, default=None)


def main_pair(editions: Sequence[Edition]) -> tuple[Edition, Edition] | None:
    """The first and the last edition of the product and origin of the main one."""
    last = main_edition(editions)
    if last is None:
        return None
    alike = [e for e in editions if (e.product, e.origin) == (last.product, last.origin)]
    first = min(alike, key=lambda edition: edition.year)
    return None if first.year == last.year else (first, last)
