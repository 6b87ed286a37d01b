"""The tables that the read side selects from, as Django's migrations make them.

Declared once, by hand, for SQLAlchemy Core; nothing is ever created from here. A test compares each
table with the migrated database: names, types, nullability, reference system, generated columns.
"""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Computed,
    Date,
    DateTime,
    Double,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from analytics.grid import EPSG
from analytics.queries.tile_shapes import SHAPE_BANDS, WEB_MERCATOR

metadata = MetaData()


def _table(name: str, *columns: Column[Any]) -> Table:
    """A table of the platform: with an ``id``, unless some of the columns are its key."""
    if not any(column.primary_key for column in columns):
        columns = (Column("id", BigInteger, primary_key=True), *columns)
    return Table(f"clcplus_{name}", metadata, *columns)


def _shapes(kind: str, srid: int = EPSG) -> Geometry:
    return Geometry(kind, srid=srid, spatial_index=False)


def _generated() -> Computed:
    # The expression is the database's; only that it is computed matters to a reader.
    return Computed("", persisted=True)


level = _table(
    "level",
    Column("slug", String(40), nullable=False),
    Column("name", String(80), nullable=False),
    Column("name_plural", String(80), nullable=False),
    Column("rank", SmallInteger, nullable=False),
    Column("parent_id", BigInteger),
    Column("custom", Boolean, nullable=False),
)
"""Levels of territories, rank 0 is the highest; and, ``custom``, one for each set of zones."""

layer = _table(
    "layer",
    Column("level_id", BigInteger, nullable=False),
    Column("vintage", SmallInteger, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("aggregated", Boolean, nullable=False),
    Column("source", String(200), nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("zones_total", Integer, nullable=False),
    Column("extent", _shapes("POLYGON")),
    Column("report", JSONB, nullable=False),
    Column("imported_at", DateTime(timezone=True), nullable=False),
)
"""All zones of one level and one vintage of boundaries."""

zone = _table(
    "zone",
    Column("layer_id", BigInteger, nullable=False),
    Column("code", String(40), nullable=False),
    Column("name", String(200), nullable=False),
    Column("search_name", String(200), nullable=False),
    Column("parent_id", BigInteger),
    Column("parent_code", String(40), nullable=False),
    Column("successor_id", BigInteger),
    Column("geometry", _shapes("MULTIPOLYGON"), nullable=False),
    Column("cells", BigInteger, nullable=False),
    Column("centroid", _shapes("POINT"), _generated()),
    *(Column(band.column, _shapes("GEOMETRY", WEB_MERCATOR), _generated()) for band in SHAPE_BANDS),
)
"""Territories; ``geometry`` in EPSG:3035, ``cells`` of 100 m²."""

place_name = _table(
    "placename",
    Column("level_id", BigInteger, nullable=False),
    Column("code", String(40), nullable=False),
    Column("key", String(200), nullable=False),
    Column("inhabitants", Integer),
)
"""Names of territories in any vintage, visible or not, as searches compare them."""

population = _table(
    "population",
    Column("zone_id", BigInteger, nullable=False),
    Column("year", SmallInteger, nullable=False),
    Column("inhabitants", Integer, nullable=False),
)
"""Inhabitants of a zone in a year."""

movement = _table(
    "movement",
    Column("level_id", BigInteger, nullable=False),
    Column("date", Date, nullable=False),
    Column("step", SmallInteger, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("former_code", String(40), nullable=False),
    Column("former_name", String(200), nullable=False),
    Column("code", String(40), nullable=False),
    Column("name", String(200), nullable=False),
)
"""What official tables say has become of codes: from a former territory to a later one."""

edition = _table(
    "edition",
    Column("slug", String(60), nullable=False),
    Column("product", String(40), nullable=False),
    Column("product_name", String(80), nullable=False),
    Column("year", SmallInteger, nullable=False),
    Column("version", SmallInteger, nullable=False),
    Column("origin", String(10), nullable=False),
    Column("status", String(10), nullable=False),
    Column("window_start", Date),
    Column("window_end", Date),
    Column("doi", String(120), nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("sources", JSONB, nullable=False),
    Column("missing_codes", JSONB, nullable=False),
    Column("checkpoint_id", BigInteger),
    Column("coast_id", BigInteger),
    Column("confidence_hash", String(64), nullable=False),
    Column("accuracy", JSONB),
    Column("overview_key", String(200), nullable=False),
    Column("extent", _shapes("POLYGON")),
    Column("superseded_by", String(60), nullable=False),
    Column("registered_at", DateTime(timezone=True), nullable=False),
    Column("loaded_at", DateTime(timezone=True)),
    Column("published_at", DateTime(timezone=True)),
    Column("withdrawn_at", DateTime(timezone=True)),
)
"""Land-cover rasters, published or not."""

checkpoint = _table(
    "checkpoint",
    Column("identity", String(64), nullable=False),
    Column("name", String(80), nullable=False),
    Column("architecture", String(40), nullable=False),
    Column("key", String(200), nullable=False),
    Column("bands", JSONB, nullable=False),
    Column("labels", JSONB, nullable=False),
    Column("training_areas", JSONB, nullable=False),
    Column("training_years", JSONB, nullable=False),
    Column("metrics", JSONB, nullable=False),
    Column("temperature", Double, nullable=False),
    Column("registered_at", DateTime(timezone=True), nullable=False),
    Column("registered_by_id", Integer),
)
"""Trained networks that modelled editions were predicted with."""

prediction = _table(
    "prediction",
    Column("run_id", Uuid, nullable=False),
    Column("checkpoint_id", BigInteger, nullable=False),
    Column("edition_id", BigInteger),
    Column("year", SmallInteger, nullable=False),
    Column("level", String(40), nullable=False),
    Column("code", String(40), nullable=False),
    Column("territory_name", String(200), nullable=False),
    Column("window", JSONB, nullable=False),
    Column("composite", String(400), nullable=False),
    Column("stage", String(10), nullable=False),
    Column("evaluation", JSONB, nullable=False),
    Column("areas", JSONB, nullable=False),
)
"""How modelled editions came about: their evaluation and the areas that the model tells."""

edition_tile = _table(
    "editiontile",
    Column("edition_id", BigInteger, nullable=False),
    Column("name", String(6), nullable=False),
    Column("key", String(200), nullable=False),
    Column("overview_key", String(200), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("row", Integer, nullable=False),
    Column("column", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("width", Integer, nullable=False),
    Column("in_series", Boolean, nullable=False),
)
"""The 100 km tiles of an edition; ``row`` … ``width`` in cells of the whole grid."""

zone_statistics = _table(
    "zonestatistics",
    Column("edition_id", BigInteger, primary_key=True),
    Column("zone_id", BigInteger, primary_key=True),
    Column("cells", ARRAY(BigInteger), nullable=False),
    # Generated columns are declared nullable; their array never is, nor are its sums.
    Column("sealed", BigInteger, _generated()),
    Column("observed", BigInteger, _generated()),
    Column("not_observed", BigInteger, _generated()),
)
"""Cells by class of a zone in an edition, in the order of ``nomenclature.CODES``."""

zone_change = _table(
    "zonechange",
    Column("earlier_id", BigInteger, primary_key=True),
    Column("later_id", BigInteger, primary_key=True),
    Column("zone_id", BigInteger, primary_key=True),
    Column("matrix", ARRAY(BigInteger), nullable=False),
    Column("observed", BigInteger, _generated()),
    Column("gain", BigInteger, _generated()),
    Column("loss", BigInteger, _generated()),
)
"""Cells observed in two editions by former and later class, 11 × 11, row by row."""

zone_series = _table(
    "zoneseries",
    Column("zone_id", BigInteger, primary_key=True),
    Column("tile", String(6), primary_key=True),
    Column("pattern", ARRAY(BigInteger), primary_key=True),
    Column("cells", BigInteger, nullable=False),
)
"""Cells by pattern: ids of the editions that observed them, negative where they are not sealed. The
sum over ``tile`` is the zone's."""

zone_coverage = _table(
    "zonecover",
    Column("edition_id", BigInteger, primary_key=True),
    Column("zone_id", BigInteger, primary_key=True),
    Column("cells", ARRAY(Double), nullable=False),
)
"""Cells by class of small custom zones by the coverage rule, as sums of fractions."""

tile_sums = _table(
    "tilesums",
    Column("edition_id", BigInteger, primary_key=True),
    Column("tile", String(6), primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("first_column", Integer, nullable=False),
    Column("tiles", Integer, nullable=False),
    Column("sums", ARRAY(Integer, dimensions=2), nullable=False),
)
"""Running sums of cells by class along rows of 1 km tiles; the first of a row is of zeros."""

tile_change_sums = _table(
    "tilechangesums",
    Column("earlier_id", BigInteger, primary_key=True),
    Column("later_id", BigInteger, primary_key=True),
    Column("tile", String(6), primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("first_column", Integer, nullable=False),
    Column("tiles", Integer, nullable=False),
    Column("sums", ARRAY(Integer, dimensions=2), nullable=False),
    Column("changed", ARRAY(Integer, dimensions=2), nullable=False),
)
"""The same by former and later class, 11 × 11, row by row; ``changed`` are running sums of cells
observed in both editions, gained, lost."""

tile_series_sums = _table(
    "tileseriessums",
    Column("tile", String(6), primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("pattern", ARRAY(BigInteger), primary_key=True),
    Column("first_column", Integer, nullable=False),
    Column("tiles", Integer, nullable=False),
    Column("sums", ARRAY(Integer), nullable=False),
)
"""The same by pattern, a row of sums for each pattern."""

filtered_pair = _table(
    "filteredpair",
    Column("earlier_id", BigInteger, nullable=False),
    Column("later_id", BigInteger, nullable=False),
    Column("mask_key", String(200), nullable=False),
    Column("totals", JSONB, nullable=False),
    Column("confidence", ARRAY(String(64)), nullable=False),
    Column("layers", ARRAY(BigInteger), nullable=False),
    Column("filtered_at", DateTime(timezone=True), nullable=False),
)
"""Pairs of editions whose change was filtered."""

zone_filtered_change = _table(
    "zonefilteredchange",
    Column("earlier_id", BigInteger, primary_key=True),
    Column("later_id", BigInteger, primary_key=True),
    Column("zone_id", BigInteger, primary_key=True),
    Column("preset", String(20), primary_key=True),
    Column("gain", BigInteger, nullable=False),
    Column("loss", BigInteger, nullable=False),
)
"""Cells of gain and loss in a zone, of patches that a preset accepts."""

tile_filtered_sums = _table(
    "tilefilteredsums",
    Column("earlier_id", BigInteger, primary_key=True),
    Column("later_id", BigInteger, primary_key=True),
    Column("preset", String(20), primary_key=True),
    Column("tile", String(6), primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("first_column", Integer, nullable=False),
    Column("tiles", Integer, nullable=False),
    Column("sums", ARRAY(Integer, dimensions=2), nullable=False),
)
"""Running sums of the same cells, (gain, loss), along rows of 1 km tiles."""

change_patch = _table(
    "changepatch",
    Column("earlier_id", BigInteger, nullable=False),
    Column("later_id", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("former_class", SmallInteger, nullable=False),
    Column("later_class", SmallInteger, nullable=False),
    Column("cells", Integer, nullable=False),
    Column("min_confidence", SmallInteger),
    Column("confidence", Double),
    Column("side", Integer, nullable=False),
    Column("geometry", _shapes("MULTIPOLYGON"), nullable=False),
    Column("shape", _shapes("MULTIPOLYGON", WEB_MERCATOR), _generated()),
)
"""Patches of gain (kind 1) and of loss (kind 2) that a preset with their least confidence
accepts."""

reference_sample = _table(
    "referencesample",
    Column("id", Uuid, primary_key=True),
    Column("name", String(80), nullable=False),
    Column("owner_id", Integer, nullable=False),
    Column("stage", String(10), nullable=False),
    Column("design", String(10), nullable=False),
    Column("territory_id", BigInteger),
    Column("earlier_id", BigInteger),
    Column("later_id", BigInteger, nullable=False),
    Column("points_total", Integer, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("buffer_m", Double, nullable=False),
    Column("options", JSONB, nullable=False),
    Column("second_opinion", Double, nullable=False),
    Column("source", String(300), nullable=False),
    Column("synthetic", Boolean, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("published_at", DateTime(timezone=True)),
)
"""Samples of points with their labels, published or not."""

area_estimate = _table(
    "areaestimate",
    Column("sample_id", Uuid, primary_key=True),
    Column("zone_id", BigInteger, primary_key=True),
    Column("quantity", String(13), primary_key=True),
    Column("value", Double, nullable=False),
    Column("se", Double, nullable=False),
    Column("ci_low", Double, nullable=False),
    Column("ci_high", Double, nullable=False),
    Column("status", String(12), nullable=False),
    Column("basis", String(10), nullable=False),
    Column("method", String(40), nullable=False),
    Column("points", Integer, nullable=False),
    Column("sealed_points", Integer, nullable=False),
)
"""Estimates for a zone from a sample, with 95 % intervals, in square metres."""

publication = _table(
    "publication",
    Column("event", String(10), nullable=False),
    Column("subject", String(120), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("by_id", Integer),
)
"""The log of what readers were shown, and from when."""
