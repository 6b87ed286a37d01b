"""What stands beside the counts of zones: filtered change, and estimates of published samples.

Each is a source of rows, at most one for a zone and an edition or pair, to be joined to the counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Subquery,
    and_,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from analytics.arrays import Int64Array
from analytics.figures import QUANTITIES, AreaEstimate, Estimates, FilteredFlows, Quantity, best
from analytics.patches import PRESETS
from analytics.queries import tables
from analytics.queries.single_statements import made_once
from analytics.queries.visible import PUBLISHED, visible_editions

_ESTIMATE = (
    "quantity",
    "value",
    "se",
    "ci_low",
    "ci_high",
    "status",
    "basis",
    "method",
    "points",
    "sealed_points",
)
_SAMPLE = ("id", "name", "source", "synthetic")


def _among(column: ColumnElement[Any], *, chosen: bool) -> list[ColumnElement[bool]]:
    """Keeps to zones that the parameter ``ids`` names: without it the database would put the rows
    of all zones together first."""
    return [column.in_(bindparam("ids", expanding=True))] if chosen else []


@made_once
def filtered_by_zone(*, chosen: bool) -> Subquery:
    """Cells of gain and loss by preset, for each zone and pair of editions that was filtered;
    ``chosen`` keeps to the zones of the parameter ``ids``."""
    counts, pair = tables.zone_filtered_change, tables.filtered_pair
    cells = func.jsonb_build_array(counts.c.gain, counts.c.loss)
    return (
        select(
            counts.c.zone_id,
            counts.c.earlier_id,
            counts.c.later_id,
            func.jsonb_object_agg(counts.c.preset, cells).label("filtered"),
        )
        # The pair is stored when all of its zones are.
        .join(
            pair,
            and_(pair.c.earlier_id == counts.c.earlier_id, pair.c.later_id == counts.c.later_id),
        )
        .where(*_among(counts.c.zone_id, chosen=chosen))
        .group_by(counts.c.zone_id, counts.c.earlier_id, counts.c.later_id)
        .subquery("filtered_change")
    )


def filtered_of(found: Mapping[str, Sequence[int]] | None) -> dict[str, FilteredFlows]:
    """Filtered change of a row, in the order of the presets."""
    return {
        preset: FilteredFlows(preset, *found[preset])
        for preset in PRESETS
        if found and preset in found
    }


def filtered_of_cells(cells: Int64Array, presets: Sequence[str]) -> dict[str, FilteredFlows]:
    """The same from cells of gain and of loss by preset, shape (all presets, 2), of those by which
    a pair was filtered."""
    found = dict(zip(PRESETS, cells.tolist(), strict=True))
    return filtered_of({preset: found[preset] for preset in presets})


def _described(estimate: FromClause, sample: FromClause, cells: ColumnElement[Any]) -> Any:
    """An estimate as JSON, the newest sample first."""
    values: list[Any] = []
    for name in _ESTIMATE:
        values += [literal(name), estimate.c[name]]
    for name in _SAMPLE:
        values += [literal(f"sample_{name}"), sample.c[name]]
    described = func.jsonb_build_object(*values, literal("cells"), cells)
    newest = aggregate_order_by(described, sample.c.published_at.desc(), sample.c.id)
    return func.jsonb_agg(newest).label("estimates")


def _published() -> tuple[FromClause, FromClause, FromClause, FromClause]:
    """Estimates, their samples, and the editions of those."""
    return (
        tables.area_estimate,
        tables.reference_sample,
        visible_editions("sample_earlier"),
        visible_editions("sample_later"),
    )


def _of_pair(
    counts: FromClause, estimate: FromClause, first: FromClause, last: FromClause
) -> ColumnElement[bool]:
    """Whether counts of ``zone_change`` are those of an estimate's zone and a pair of editions."""
    return and_(
        counts.c.zone_id == estimate.c.zone_id,
        counts.c.earlier_id == first.c.id,
        counts.c.later_id == last.c.id,
    )


@made_once
def change_estimates(*, chosen: bool) -> Subquery:
    """Estimates from published samples of a pair of published editions, for each zone and pair."""
    estimate, sample, first, last = _published()
    counts = tables.zone_change
    return (
        select(
            estimate.c.zone_id,
            first.c.id.label("earlier_id"),
            last.c.id.label("later_id"),
            _described(estimate, sample, counts.c.observed),
        )
        .join(sample, sample.c.id == estimate.c.sample_id)
        .join(first, first.c.id == sample.c.earlier_id)
        .join(last, last.c.id == sample.c.later_id)
        .outerjoin(
            counts,
            _of_pair(counts, estimate, first, last),
        )
        .where(sample.c.stage == PUBLISHED, *_among(estimate.c.zone_id, chosen=chosen))
        .group_by(estimate.c.zone_id, first.c.id, last.c.id)
        .subquery("change_estimates")
    )


@made_once
def status_estimates(*, chosen: bool) -> Subquery:
    """Estimates of the sealed area in an edition, for each zone and edition: of the later edition
    of a published sample, and of the earlier one of a sample of a pair."""
    estimate, sample, first, last = _published()
    counts, alone = tables.zone_change, tables.zone_statistics.alias("sampled")
    edition = visible_editions("estimated")
    observed = func.coalesce(counts.c.observed, alone.c.observed)
    return (
        select(
            estimate.c.zone_id,
            edition.c.id.label("edition_id"),
            _described(estimate, sample, cast(observed, BigInteger)),
        )
        .join(sample, sample.c.id == estimate.c.sample_id)
        .join(last, last.c.id == sample.c.later_id)
        .outerjoin(first, first.c.id == sample.c.earlier_id)
        .join(
            edition,
            or_(
                and_(edition.c.id == last.c.id, estimate.c.quantity == "sealed_after"),
                and_(edition.c.id == first.c.id, estimate.c.quantity == "sealed_before"),
            ),
        )
        # A sample of a pair is of what both editions have observed.
        .outerjoin(
            counts,
            _of_pair(counts, estimate, first, last),
        )
        .outerjoin(
            alone,
            and_(
                alone.c.zone_id == estimate.c.zone_id,
                alone.c.edition_id == last.c.id,
                sample.c.earlier_id.is_(None),
            ),
        )
        .where(
            sample.c.stage == PUBLISHED,
            or_(sample.c.earlier_id.is_(None), first.c.id.is_not(None)),
            *_among(estimate.c.zone_id, chosen=chosen),
        )
        .group_by(estimate.c.zone_id, edition.c.id)
        .subquery("status_estimates")
    )


def _estimate(found: Mapping[str, Any]) -> AreaEstimate:
    return AreaEstimate(
        estimated_m2=found["value"],
        se_m2=found["se"],
        low_m2=found["ci_low"],
        high_m2=found["ci_high"],
        status=found["status"],
        basis=found["basis"],
        method=found["method"],
        points=found["points"],
        sealed_points=found["sealed_points"],
        sample=found["sample_name"],
        sample_id=found["sample_id"],
        source=found["sample_source"],
        synthetic=found["sample_synthetic"],
        cells=found["cells"],
    )


def estimates_of(found: Sequence[Mapping[str, Any]] | None) -> Estimates:
    """The estimate to show of each quantity of a row."""
    by_quantity: dict[Quantity, AreaEstimate] = {}
    for quantity in QUANTITIES:
        chosen = best(_estimate(one) for one in found or () if one["quantity"] == quantity)
        if chosen is not None:
            by_quantity[quantity] = chosen
    return by_quantity


def estimate_of(found: Sequence[Mapping[str, Any]] | None) -> AreaEstimate | None:
    """The estimate to show of a row of :func:`status_estimates`."""
    return best(_estimate(one) for one in found or ())
