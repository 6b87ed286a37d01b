"""Requests of reference samples: checked, stored, and queued to be drawn."""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from analytics.errors import SampleError
from analytics.grid import CELL_SIZE
from analytics.phrases import phrase as _
from analytics.sampling import allocation, strata
from clcplus.actions.editions import tile_plans
from clcplus.actions.samples.sample_rows import SOURCE_LENGTH, name_of
from clcplus.actions.zone_sets.set_rows import visible
from clcplus.errors import UnknownEdition, WrongState
from clcplus.jobs import runs
from clcplus.models import Edition, ReferenceSample, Run, Zone

MOST_POINTS = 100_000
"""Points of a sample on the platform."""
HIGHEST_SEED = 2**63 - 1
RULES = ("buffer", "change", "proportional", "equal")
"""Rules of allocation that need no expected shares."""
LARGEST_UNIT_KM = 100
Design = ReferenceSample.Design
_OPTIONS: dict[str, frozenset[str]] = {
    Design.STRATIFIED: frozenset({"allocation", "minimum"}),
    Design.SIMPLE: frozenset(),
    Design.SYSTEMATIC: frozenset(),
    Design.TWO_STAGE: frozenset({"units", "unit_km"}),
}


@transaction.atomic
def request_sample(
    *,
    owner: Any,
    name: str,
    later: Edition,
    points: int,
    earlier: Edition | None = None,
    territory: Zone | None = None,
    design: str = Design.STRATIFIED,
    options: Mapping[str, Any] | None = None,
    buffer_m: float = strata.BUFFER,
    seed: int | None = None,
    second_opinion: float = 0.0,
    source: str = "",
) -> ReferenceSample:
    """Store a sample that a worker then draws, and queue the draw.

    ``options`` are those of the design: *stratified* ``allocation`` (one of RULES) and ``minimum``
    (points of a stratum at least), *two-stage* ``units`` (primary units that are drawn) and
    ``unit_km`` (side of a unit). Without a seed one is drawn. Raises SampleError for numbers that
    no sample has, and WrongState for editions that are not counted or not in the order of their
    years.
    """
    _check_editions(earlier, later)
    _check_numbers(points=points, buffer_m=buffer_m, second_opinion=second_opinion)
    if seed is None:
        seed = secrets.randbelow(2**32)
    if not 0 <= seed <= HIGHEST_SEED:
        raise SampleError(
            _("seed"), found=str(seed), expected=_("a number from 0 to %(n)s", n=HIGHEST_SEED)
        )
    sample = ReferenceSample.objects.create(
        name=name_of(name),
        owner=owner,
        design=design,
        territory=territory,
        earlier=earlier,
        later=later,
        points_total=points,
        seed=seed,
        buffer_m=buffer_m,
        options=checked_options(design, options or {}, points=points),
        second_opinion=second_opinion,
        source=visible(source).strip()[:SOURCE_LENGTH],
    )
    runs.start(
        Run(
            kind=Run.Kind.SAMPLE,
            edition=later,
            requested_by=owner,
            message="waiting for a worker",
            parameters={"sample": str(sample.pk)},
        )
    )
    return sample


def edition_named(slug: str) -> Edition:
    """A counted edition by its slug. Raises UnknownEdition."""
    found = Edition.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(edition.slug for edition in countable()) or "none yet"
        raise UnknownEdition(
            slug[:60], found=_("no such edition"), expected=_("one of %(names)s", names=known)
        )
    return found


def countable() -> list[Edition]:
    """Editions that a sample can be drawn from."""
    return [
        edition
        for edition in tile_plans.counted_editions()
        if edition.status not in tile_plans.REPLACED
    ]


def checked_options(design: str, options: Mapping[str, Any], *, points: int) -> dict[str, Any]:
    """The options of a design, complete. Raises SampleError."""
    known = _OPTIONS.get(design)
    if known is None:
        raise SampleError(
            _("design"),
            found=str(design)[:40],
            expected=_("one of %(names)s", names=", ".join(_OPTIONS)),
        )
    for name in options:
        if name not in known:
            raise SampleError(
                _("design %(name)s", name=design),
                found=_("the option %(name)r", name=str(name)[:40]),
                expected=_("its own ones"),
            )
    if design == Design.STRATIFIED:
        return _of_stratified(options, points=points)
    if design == Design.TWO_STAGE:
        return _of_two_stage(options, points=points)
    return {}


def _of_stratified(options: Mapping[str, Any], *, points: int) -> dict[str, Any]:
    rule = options.get("allocation", allocation.DEFAULT_RULE)
    if rule not in RULES:
        raise SampleError(
            _("allocation"),
            found=str(rule)[:40],
            expected=_("one of %(names)s", names=", ".join(RULES)),
        )
    minimum = options.get("minimum")
    if minimum is None:
        minimum = min(allocation.MINIMUM_OF_RULE[rule], points)
    _check_whole(_("least points of a stratum"), minimum, low=2, high=points)
    return {"allocation": rule, "minimum": minimum}


def _of_two_stage(options: Mapping[str, Any], *, points: int) -> dict[str, Any]:
    units, side = options.get("units"), options.get("unit_km")
    _check_whole(_("primary units"), units, low=2, high=points)
    highest = LARGEST_UNIT_KM * 1000 // CELL_SIZE
    cells = float(side) * 1000 / CELL_SIZE if side is not None and _is_number(side) else math.nan
    if not (1 <= cells <= highest and abs(cells - round(cells)) < 1e-6):
        raise SampleError(
            _("side of a primary unit"),
            found=f"{side} km",
            expected=_(
                "a multiple of %(size)s m, at most %(most)s km",
                size=CELL_SIZE,
                most=LARGEST_UNIT_KM,
            ),
        )
    return {"units": units, "unit_km": side}


def _check_editions(earlier: Edition | None, later: Edition) -> None:
    known = {edition.pk for edition in countable()}
    for edition in (earlier, later):
        if edition is not None and edition.pk not in known:
            raise WrongState(
                edition.slug,
                found=_("an edition that is %(state)s", state=edition.get_status_display()),
                expected=_("a loaded or published one"),
            )
    if earlier is not None and earlier.year >= later.year:
        raise SampleError(
            _("editions"),
            found=_("%(one)s before %(other)s", one=earlier.slug, other=later.slug),
            expected=_("the edition of an earlier year first"),
        )


def _check_numbers(*, points: int, buffer_m: float, second_opinion: float) -> None:
    _check_whole(_("points"), points, low=2, high=MOST_POINTS)
    if not _is_number(buffer_m):
        raise SampleError(_("buffer"), found=str(buffer_m)[:40], expected=_("metres, 0 or more"))
    strata.scheme_of(2, buffer=buffer_m, cell_width=CELL_SIZE, cell_height=CELL_SIZE)
    if not (_is_number(second_opinion) and 0 <= second_opinion <= 1):
        raise SampleError(
            _("share of second opinions"),
            found=str(second_opinion)[:40],
            expected=_("a number from 0 to 1"),
        )


def _check_whole(subject: str, number: object, *, low: int, high: int) -> None:
    if not isinstance(number, int) or isinstance(number, bool) or not low <= number <= high:
        raise SampleError(
            subject,
            found=str(number)[:40],
            expected=_("a whole number from %(low)s to %(high)s", low=low, high=high),
        )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
