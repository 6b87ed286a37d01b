"""Reading what is published: SQLAlchemy Core over PostGIS, set by set, never row by row.

Each function takes an open connection first. Only published editions and active layers are visible
(:mod:`analytics.queries.visible`). The numbers of statements are pinned by tests.
"""

from analytics.queries.bulk import bulk_change, bulk_statistics
from analytics.queries.change_squares import change_squares
from analytics.queries.changes import change, changes
from analytics.queries.editions import (
    DataVersion,
    data_version,
    edition,
    edition_tiles,
    editions,
)
from analytics.queries.geometry import edition_bounds, geometry
from analytics.queries.levels import level, level_slugs, levels
from analytics.queries.parents import parents
from analytics.queries.rankings import children, peers
from analytics.queries.search import search
from analytics.queries.series import series
from analytics.queries.statistics import statistics
from analytics.queries.territories import exists, territories, territory
from analytics.queries.vector_tiles import vector_tile

__all__ = [
    "DataVersion",
    "bulk_change",
    "bulk_statistics",
    "change",
    "change_squares",
    "changes",
    "children",
    "data_version",
    "edition",
    "edition_bounds",
    "edition_tiles",
    "editions",
    "exists",
    "geometry",
    "level",
    "level_slugs",
    "levels",
    "parents",
    "peers",
    "search",
    "series",
    "statistics",
    "territories",
    "territory",
    "vector_tile",
]
