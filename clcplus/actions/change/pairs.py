"""Pairs of editions whose change is filtered, and those that lack it."""

from __future__ import annotations

from itertools import combinations

from analytics.patches import PRESETS, RAW, preset_groups
from analytics.phrases import phrase as _
from clcplus.actions.editions import tile_plans
from clcplus.errors import UnknownEdition, WrongState
from clcplus.models import Edition, FilteredPair, Layer

EditionPair = tuple[Edition, Edition]
"""An earlier and a later edition."""


def all_pairs() -> list[EditionPair]:
    """Pairs of one product that are compared, of editions that readers see or may soon see."""
    editions = [e for e in tile_plans.counted_editions() if e.status not in tile_plans.REPLACED]
    return [pair for pair in combinations(editions, 2) if _fit(*pair)]


def shown_layers() -> list[int]:
    """Ids of the layers of territories that readers see, which are counted in every edition."""
    shown = Layer.objects.filter(level__custom=False, active=True)
    return sorted(shown.values_list("pk", flat=True))


def confidence_of(pair: EditionPair) -> list[str]:
    """Hashes of the confidence layers of a pair as they are now; none unless both editions have
    one."""
    known = dict(
        Edition.objects.filter(pk__in=[edition.pk for edition in pair]).values_list(
            "pk", "confidence_hash"
        )
    )
    found = [known.get(edition.pk, "") for edition in pair]
    return found if all(found) else []


def are_confident(pair: EditionPair) -> bool:
    """Whether presets with a least confidence apply to a pair."""
    return bool(confidence_of(pair))


def presets_of(*, confident: bool) -> list[str]:
    """Names of the presets that apply to a pair, in their order."""
    return [name for group in preset_groups(confident=confident) for name in group]


def refused(pair: EditionPair) -> str:
    """Which presets do not apply to a pair, and why; empty where all do."""
    applied = presets_of(confident=are_confident(pair))
    names = [name for name in PRESETS if name not in applied]
    if not names:
        return ""
    without = [edition.slug for edition in pair if not edition.confidence_hash]
    return f"not filtered by {', '.join(names)}: no confidence layer of {' and '.join(without)}"


def lacking() -> list[EditionPair]:
    """Pairs that were not filtered yet, or not with the present filters and confidence layers, or
    not for all layers of territories."""
    layers = set(shown_layers())
    filtered = {(pair.earlier_id, pair.later_id): pair for pair in FilteredPair.objects.all()}

    def is_complete(pair: EditionPair) -> bool:
        found = filtered.get((pair[0].pk, pair[1].pk))
        if found is None or not layers <= set(found.layers):
            return False
        confidence = confidence_of(pair)
        presets = presets_of(confident=bool(confidence))
        return found.confidence == confidence and set(found.totals) == {RAW, *presets}

    return [pair for pair in all_pairs() if not is_complete(pair)]


def named(*, earlier: str, later: str) -> EditionPair:
    """The pair of two slugs. Raises UnknownEdition; WrongState for editions whose change is not
    filtered."""
    known = {edition.slug: edition for edition in Edition.objects.all()}
    for slug in (earlier, later):
        if slug not in known:
            raise UnknownEdition(
                slug,
                found=_("no such edition"),
                expected=_("one of %(names)s", names=", ".join(known))
                if known
                else _("one that was ingested; there is none yet"),
            )
    wanted = known[earlier], known[later]
    if wanted not in all_pairs():
        raise WrongState(
            _("%(one)s and %(other)s", one=earlier, other=later),
            found=_("editions whose change is not filtered"),
            expected=_("two of one product, the earlier year first, loaded and not withdrawn"),
        )
    return wanted


def _fit(earlier: Edition, later: Edition) -> bool:
    return earlier.product == later.product and bool(tile_plans.comparable(earlier, [later]))
