"""Vector tiles of territories, made by PostGIS."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Double,
    FromClause,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    not_,
    select,
    true,
)

from analytics import indicators
from analytics.estimation import Arithmetic, accuracy_of, noise_of_pair
from analytics.grid import CELL_AREA, EPSG
from analytics.queries import tables
from analytics.queries.changes import of_pair, sealed_before
from analytics.queries.flicker import lines_of
from analytics.queries.populations import nearest_population
from analytics.queries.tile_shapes import DRAWN_EXTENT, EXTENT, WEB_MERCATOR, WORLD, Band, band_of
from analytics.queries.visible import (
    counted,
    most_observed,
    visible_editions,
    visible_layers,
    visible_zones,
)
from analytics.records import Edition

LAYER_NAME = "territories"
BUFFER = 64
"""Units beyond the sides, so that outlines do not show where tiles meet."""
_EDGE = 50_000
"""Metres between points of a tile's edges, which are curves in EPSG:3035."""
SHARE_DECIMALS = 5
PER_INHABITANT_DECIMALS = 1
CHANGE_DECIMALS = 4
PARTLY_DECIMALS = 3


def tile_property(figure: str, *editions: Edition) -> str:
    """Name of the property of a tile that holds a figure of an edition or of a pair of them."""
    return "_".join((figure, *(edition.slug.replace("-", "_") for edition in editions)))


@dataclass(frozen=True, slots=True)
class TileFigure:
    """A further figure of each edition in the tiles of territories."""

    name: str
    decimals: int
    expression: Callable[[FromClause, ColumnElement[float]], ColumnElement[Any]]
    """The figure from a zone's row of counts (``zone_statistics``) in an edition, and from its
    inhabitants, which are null where they are unknown or zero."""


@dataclass(frozen=True, slots=True)
class LineFigure:
    """A further figure of each line of editions (:func:`analytics.queries.lines_of`) in the tiles
    that ask for it: it is read from the counts by pattern, which other tiles have no use for."""

    name: str
    decimals: int
    expression: Callable[[FromClause, Sequence[Edition]], ColumnElement[Any]]
    """The figure of the zones of a statement in a line."""

    def property_of(self, line: Sequence[Edition]) -> str:
        """The property of a tile that holds the figure of a line: that of its newest edition."""
        return tile_property(self.name, line[-1])


def rounded(value: ColumnElement[Any], decimals: int) -> ColumnElement[float]:
    """A figure with so many decimals: values that are equal are written once in a tile."""
    factor = literal(float(10**decimals), Double)
    found: ColumnElement[Any] = func.round(value * factor, type_=Double) / factor
    return found


IN_SQL: Arithmetic[ColumnElement[float]] = Arithmetic(
    least=lambda value, bound: func.least(value, literal(bound, Double)),
    greatest=lambda value, bound: func.greatest(value, literal(bound, Double)),
    choose=lambda condition, number, value: case((condition, literal(number, Double)), else_=value),
    largest=lambda values: func.greatest(*values),
)
"""The noise formula for the database: a tile is made where the shapes are."""


def _with_change(
    source: Select[Any], zone: FromClause, earlier: Edition, later: Edition
) -> Select[Any]:
    """The net change of cells observed in both editions, and whether it stands out of noise."""
    change = tables.zone_change
    first, last = visible_editions("earlier"), visible_editions("later")
    observed = cast(func.nullif(change.c.observed, 0), Double)
    counts = (
        select(
            (cast(sealed_before(change), Double) / observed).label("before"),
            (cast(change.c.gain - change.c.loss, Double) / observed).label("net"),
        )
        .where(of_pair(change, zone, first, last))
        # Without this the matrix would be unpacked again for each mention of its sum below.
        .offset(0)
        .correlate(first, last, zone)
        .lateral("change")
    )
    before, net = counts.c.before, counts.c.net
    accuracies = [accuracy_of(edition)[1] for edition in (earlier, later)]
    noise = noise_of_pair(before, before + net, accuracies=accuracies, arithmetic=IN_SQL)
    clear = func.abs(net) > noise
    return (
        source.add_columns(
            rounded(net * 100, CHANGE_DECIMALS).label(tile_property("change", earlier, later)),
            clear.label(tile_property("clear", earlier, later)),
        )
        .outerjoin(first, first.c.id == earlier.id)
        .outerjoin(last, last.c.id == later.id)
        .outerjoin(counts, true())
    )


def _partly(counts: FromClause, fullest: FromClause) -> ColumnElement[bool]:
    """:func:`analytics.indicators.differs_in_observed_area`, for the database."""
    behind = fullest.c.observed - counts.c.observed
    bound = cast(fullest.c.observed, Double) * indicators.OBSERVED_AREA_BOUND
    return and_(counts.c.observed > 0, cast(behind, Double) > bound)


def _figures(
    zone: FromClause,
    counts: FromClause,
    fullest: FromClause,
    edition: Edition,
    further: Sequence[TileFigure],
) -> dict[str, ColumnElement[Any]]:
    """Figures of a zone in an edition, by their names as properties."""
    people = cast(func.nullif(nearest_population(zone, edition.year), 0), Double)
    share = cast(counts.c.sealed, Double) / cast(func.nullif(counts.c.observed, 0), Double)
    everything = cast(func.nullif(counts.c.observed + counts.c.not_observed, 0), Double)
    unseen = cast(counts.c.not_observed, Double) / everything

    def where_observed(value: ColumnElement[Any], decimals: int) -> ColumnElement[Any]:
        # Where nothing is observed, nought sealed is not known.
        return case((counts.c.observed > 0, rounded(value, decimals)))

    return {
        "share": rounded(share, SHARE_DECIMALS),
        "per_inhabitant": where_observed(
            cast(counts.c.sealed * CELL_AREA, Double) / people, PER_INHABITANT_DECIMALS
        ),
        # Absent where it is not so, which is nearly everywhere.
        "partly": case((_partly(counts, fullest), rounded(unseen, PARTLY_DECIMALS))),
        "pending": case((not_(counted(zone, counts)), literal(True))),
        **{
            figure.name: where_observed(
                cast(figure.expression(counts, people), Double), figure.decimals
            )
            for figure in further
        },
    }


@functools.lru_cache(maxsize=32)
def _statement(
    editions: tuple[Edition, ...],
    pair: tuple[Edition, Edition] | None,
    band: Band | None,
    further: tuple[TileFigure, ...],
    of_lines: tuple[LineFigure, ...],
) -> Select[Any]:
    """The statement of a tile; kept, since to put it together takes as long as to run it."""
    zone = visible_zones()
    envelope = func.ST_TileEnvelope(
        *(bindparam(name, type_=Integer) for name in ("zoom", "column", "row"))
    )
    near = func.ST_Intersection(
        func.ST_Expand(envelope, bindparam("margin", type_=Double)),
        func.ST_MakeEnvelope(*DRAWN_EXTENT, WEB_MERCATOR),
    )
    reach = func.ST_Transform(func.ST_Segmentize(near, _EDGE), EPSG)
    drawn = (
        func.ST_Transform(zone.c.geometry, WEB_MERCATOR) if band is None else zone.c[band.column]
    )
    layer = select(visible_layers().c.id).where(
        visible_layers().c.level == bindparam("of_level"), visible_layers().c.current
    )
    source = (
        select(
            func.ST_AsMVTGeom(
                drawn,
                envelope,
                EXTENT,
                BUFFER,
                True,
            ).label("shape"),
            zone.c.code,
            zone.c.name,
        )
        .select_from(zone)
        .where(zone.c.layer_id == layer.scalar_subquery(), zone.c.geometry.op("&&")(reach))
    )
    # Once for each territory, not for each of its editions.
    fullest = select(most_observed(zone).label("observed")).offset(0).lateral("most")
    source = source.join(fullest, true())
    for number, edition in enumerate(editions):
        counts = tables.zone_statistics.alias(f"counts_{number}")
        published = visible_editions(f"edition_{number}")
        figures = _figures(zone, counts, fullest, edition, further)
        source = (
            source.add_columns(
                *(figure.label(tile_property(name, edition)) for name, figure in figures.items())
            )
            .outerjoin(published, published.c.id == edition.id)
            .outerjoin(
                counts,
                and_(counts.c.edition_id == published.c.id, counts.c.zone_id == zone.c.id),
            )
        )
    for figure in of_lines:
        source = source.add_columns(
            *(
                rounded(figure.expression(zone, line), figure.decimals).label(
                    figure.property_of(line)
                )
                for line in lines_of(editions)
            )
        )
    if pair is not None:
        source = _with_change(source, zone, *pair)
    # The offset keeps the database from clipping each shape a second time, to see whether any of
    # it is left.
    shapes = source.order_by(zone.c.code).offset(0).subquery("shapes")
    return select(func.ST_AsMVT(shapes.table_valued(), LAYER_NAME, EXTENT, "shape")).where(
        shapes.c.shape.is_not(None)
    )


def vector_tile(
    connection: Connection,
    *,
    level: str,
    zoom: int,
    column: int,
    row: int,
    editions: Sequence[Edition],
    pair: tuple[Edition, Edition] | None = None,
    further: Sequence[TileFigure] = (),
    of_lines: Sequence[LineFigure] = (),
) -> bytes:
    """The tile of a level's newest layer: code and name; of each edition the sealed share (0..1)
    and square metres per inhabitant; the net change of ``pair`` in percentage points, and whether
    it stands out of the noise of the maps; ``further`` figures of each edition; and figures
    ``of_lines`` of editions. Figures are rounded beyond what a map can show.

    Where an edition has observed clearly less than another, the part that it has not observed.
    What is not known is absent; a custom zone that is not counted yet says so. No bytes where no
    territory touches the tile.
    """
    tile = connection.execute(
        _statement(tuple(editions), pair, band_of(zoom), tuple(further), tuple(of_lines)),
        {
            "of_level": level,
            "zoom": zoom,
            "column": column,
            "row": row,
            "margin": WORLD / 2**zoom * BUFFER / EXTENT,
        },
    ).scalar()
    return bytes(tile or b"")
