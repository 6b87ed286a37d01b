"""Reading what is published: SQLAlchemy Core over PostGIS, set by set, never row by row.

Each function takes an open connection first. Only published editions and active layers are visible
(:mod:`analytics.queries.visible`). The numbers of statements are pinned by tests.
"""

from analytics.queries.bulk import bulk_change, bulk_statistics
from analytics.queries.change_squares import change_squares
from analytics.queries.changes import change, change_of_matrix, changes
from analytics.queries.drawn_shapes import drawn_shapes
from analytics.queries.editions import DataVersion, data_version, edition, edition_tiles, editions
from analytics.queries.from_table import peers_of, ranking_of
from analytics.queries.geometry import edition_bounds, geometry
from analytics.queries.level_table import LevelTable, level_table, links_of_levels, placed_links
from analytics.queries.levels import level, level_slugs, levels
from analytics.queries.neighbours import Neighbour, neighbours
from analytics.queries.originations import originations
from analytics.queries.parents import parents
from analytics.queries.rankings import children, peers
from analytics.queries.search import search
from analytics.queries.series import series, series_of_cells
from analytics.queries.several import Several, change_of, populations_of, several, statistics_of
from analytics.queries.shapes import (
    ZoneShape,
    exact_shape,
    point_count,
    points_of_level,
    shapes,
    zone_ids,
)
from analytics.queries.statistics import mark_partly_observed, statistics, statistics_of_cells
from analytics.queries.surroundings import highest_outlines, names_at
from analytics.queries.territories import exists, ids_below, territories, territory
from analytics.queries.ties import MEASURES, MEASURES_OF_CHANGE, Measure, Standing
from analytics.queries.tile_shapes import DRAWN_EXTENT, SHAPE_BANDS, WEB_MERCATOR, WORLD
from analytics.queries.vector_tiles import LAYER_NAME, TileFigure, tile_property, vector_tile
from analytics.queries.visible import ShownLayer, show_layer
from analytics.queries.zone_sets import (
    BulkCover,
    SetName,
    SetStatistics,
    SetSummary,
    bulk_covers,
    covers_of,
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
    "MEASURES",
    "MEASURES_OF_CHANGE",
    "SHAPE_BANDS",
    "WEB_MERCATOR",
    "WORLD",
    "BulkCover",
    "DataVersion",
    "LevelTable",
    "Measure",
    "Neighbour",
    "SetName",
    "SetStatistics",
    "SetSummary",
    "Several",
    "ShownLayer",
    "Standing",
    "TileFigure",
    "ZoneShape",
    "bulk_change",
    "bulk_covers",
    "bulk_statistics",
    "change",
    "change_of",
    "change_of_matrix",
    "change_squares",
    "changes",
    "children",
    "covers_of",
    "data_version",
    "drawn_shapes",
    "edition",
    "edition_bounds",
    "edition_tiles",
    "editions",
    "exact_shape",
    "exists",
    "geometry",
    "highest_outlines",
    "ids_below",
    "level",
    "level_slugs",
    "level_table",
    "levels",
    "links_of_levels",
    "mark_partly_observed",
    "names_at",
    "neighbours",
    "originations",
    "parents",
    "peers",
    "peers_of",
    "placed_links",
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
    "several",
    "shapes",
    "show_layer",
    "statistics",
    "statistics_of",
    "statistics_of_cells",
    "territories",
    "territory",
    "tile_property",
    "vector_tile",
    "zone_ids",
]
