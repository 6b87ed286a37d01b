"""Pairs of editions whose change is filtered, and those that lack it."""

from __future__ import annotations

from itertools import combinations

from analytics.patches import PRESETS, RAW
from clcplus.actions.editions import tile_plans
from clcplus.errors import UnknownEdition, WrongState
from clcplus.models import Edition, FilteredPair, Layer

EditionPair = tuple[Edition, Edition]
"""An earlier and a later edition."""


def all_pairs() -> list[EditionPair]:
    """Pairs of one product that are compared, of editions that readers see or may soon see."""
    editions = [e for e in tile_plans.counted_editions() if e.status != Edition.Status.WITHDRAWN]
    return [pair for pair in combinations(editions, 2) if _fit(*pair)]


def shown_layers() -> list[int]:
    """Ids of the layers of territories that readers see, which are counted in every edition."""
    shown = Layer.objects.filter(level__custom=False, active=True)
    return sorted(shown.values_list("pk", flat=True))


def lacking() -> list[EditionPair]:
    """Pairs that were not filtered yet, or not with the present filters or for all layers."""
    layers = set(shown_layers())
    complete = {
        (pair.earlier_id, pair.later_id)
        for pair in FilteredPair.objects.all()
        if layers <= set(pair.layers) and set(pair.totals) == {RAW, *PRESETS}
    }
    return [pair for pair in all_pairs() if (pair[0].pk, pair[1].pk) not in complete]


def named(*, earlier: str, later: str) -> EditionPair:
    """The pair of two slugs. Raises UnknownEdition; WrongState for editions whose change is not
    filtered."""
    known = {edition.slug: edition for edition in Edition.objects.all()}
    for slug in (earlier, later):
        if slug not in known:
            raise UnknownEdition(
                slug, found="no such edition", expected=f"one of: {', '.join(known) or 'none yet'}"
            )
    wanted = known[earlier], known[later]
    if wanted not in all_pairs():
        raise WrongState(
            f"{earlier} and {later}",
            found="editions whose change is not filtered",
            expected="two of one product, the earlier year first, loaded and not withdrawn",
        )
    return wanted


def _fit(earlier: Edition, later: Edition) -> bool:
    return earlier.product == later.product and bool(tile_plans.comparable(earlier, [later]))
