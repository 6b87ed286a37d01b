"""Reading what is published: SQLAlchemy Core over PostGIS, set by set, never row by row.

Each function takes an open connection first. Only published editions and active layers are visible
(:mod:`analytics.queries.visible`). The numbers of statements are pinned by tests.
"""

from analytics.queries.change_squares import change_squares, filtered_squares
from analytics.queries.changes import bulk_change, change, change_of, change_of_matrix, changes
from analytics.queries.editions import (
    DataVersion,
    data_version,
    edition,
    edition_tiles,
    editions,
    originations,
)
from analytics.queries.evidence import filtered_of_cells
from analytics.queries.filtered_pairs import (
    Ids,
    change_mask,
    change_masks,
    filtered_pairs,
    without_confidence,
)
from analytics.queries.flicker import flicker_rate, lines_of, with_flicker
from analytics.queries.level_table import LevelTable, level_table
from analytics.queries.levels import level, level_slugs, levels
from analytics.queries.neighbours import Neighbour, neighbours
from analytics.queries.patch_tiles import LEFT_OUT, PATCHES, TilePlace, patch_tile
from analytics.queries.populations import populations_of
from analytics.queries.rankings import children, peers, peers_of, ranking_of
from analytics.queries.search import search
from analytics.queries.series import series, series_of_cells
from analytics.queries.shapes import (
    ZoneShape,
    drawn_shapes,
    edition_bounds,
    exact_shape,
    geometry,
    highest_outlines,
    names_at,
    point_count,
    points_of_level,
    shapes,
    zone_ids,
)
from analytics.queries.statistics import (
    bulk_statistics,
    mark_partly_observed,
    statistics,
    statistics_of,
    statistics_of_cells,
)
from analytics.queries.successions import successions
from analytics.queries.territories import (
    exists,
    ids_below,
    links_of_levels,
    parents,
    placed_territories,
    territories,
    territories_by_code,
    territory,
)
from analytics.queries.ties import MEASURES, MEASURES_OF_CHANGE, Measure, Standing
from analytics.queries.tile_shapes import DRAWN_EXTENT, SHAPE_BANDS, WEB_MERCATOR, WORLD
from analytics.queries.vector_tiles import (
    LAYER_NAME,
    LineFigure,
    TileFigure,
    tile_property,
    vector_tile,
)
from analytics.queries.visible import ShownLayer, show_layer, show_superseded
from analytics.queries.zone_sets import (
    SetName,
    SetStatistics,
    SetSummary,
    bulk_coverage_figures,
    coverage_figures_of,
    set_cells,
    set_changes,
    set_names,
    set_series,
    set_statistics,
    set_summaries,
    sets_named,
)

__all__ = [
    "DRAWN_EXTENT",
    "LAYER_NAME",
    "LEFT_OUT",
    "MEASURES",
    "MEASURES_OF_CHANGE",
    "PATCHES",
    "SHAPE_BANDS",
    "WEB_MERCATOR",
    "WORLD",
    "DataVersion",
    "Ids",
    "LevelTable",
    "LineFigure",
    "Measure",
    "Neighbour",
    "SetName",
    "SetStatistics",
    "SetSummary",
    "ShownLayer",
    "Standing",
    "TileFigure",
    "TilePlace",
    "ZoneShape",
    "bulk_change",
    "bulk_coverage_figures",
    "bulk_statistics",
    "change",
    "change_mask",
    "change_masks",
    "change_of",
    "change_of_matrix",
    "change_squares",
    "changes",
    "children",
    "coverage_figures_of",
    "data_version",
    "drawn_shapes",
    "edition",
    "edition_bounds",
    "edition_tiles",
    "editions",
    "exact_shape",
    "exists",
    "filtered_of_cells",
    "filtered_pairs",
    "filtered_squares",
    "flicker_rate",
    "geometry",
    "highest_outlines",
    "ids_below",
    "level",
    "level_slugs",
    "level_table",
    "levels",
    "lines_of",
    "links_of_levels",
    "mark_partly_observed",
    "names_at",
    "neighbours",
    "originations",
    "parents",
    "patch_tile",
    "peers",
    "peers_of",
    "placed_territories",
    "point_count",
    "points_of_level",
    "populations_of",
    "ranking_of",
    "search",
    "series",
    "series_of_cells",
    "set_cells",
    "set_changes",
    "set_names",
    "set_series",
    "set_statistics",
    "set_summaries",
    "sets_named",
    "shapes",
    "show_layer",
    "show_superseded",
    "statistics",
    "statistics_of",
    "statistics_of_cells",
    "successions",
    "territories",
    "territories_by_code",
    "territory",
    "tile_property",
    "vector_tile",
    "with_flicker",
    "without_confidence",
    "zone_ids",
]
