"""Zone: an area with statistics; its level and layer, its population, and the names of places."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.db.models import Func

from analytics.grid import EPSG
from analytics.queries import SHAPE_BANDS, WEB_MERCATOR


def _shape(band: int) -> models.GeneratedField:
    """The shape of a zone in vector tiles up to a zoom; PostgreSQL makes it once."""
    template = f"ST_Transform(ST_Simplify(geometry, {SHAPE_BANDS[band].tolerance}), {WEB_MERCATOR})"
    field = models.GeometryField(srid=WEB_MERCATOR, null=True)
    return models.GeneratedField(
        expression=Func(template=template, output_field=field), output_field=field, db_persist=True
    )


class Level(models.Model):
    """A level of territories, such as *commune*; rank 0 is the highest."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    name_plural = models.CharField(max_length=80)
    rank = models.PositiveSmallIntegerField()
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True)
    # Whether it is the level of a set of custom zones, which a run of its own counts.
    custom = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ("rank", "slug")

    def __str__(self) -> str:
        return self.name


class Layer(models.Model):
    """All zones of one level and one vintage of boundaries, imported together."""

    level = models.ForeignKey(Level, on_delete=models.PROTECT, related_name="layers")
    vintage = models.PositiveSmallIntegerField()
    # Whether readers see it: its statistics are complete for each published edition.
    active = models.BooleanField(default=False)
    # Whether its statistics are sums of the children's, which fill every zone.
    aggregated = models.BooleanField(default=False)
    source = models.CharField(max_length=200)
    # sha256 of the source's bytes.
    content_hash = models.CharField(max_length=64)
    # Of its zones: to look at each of them for every page would take too long.
    zones_total = models.PositiveIntegerField(default=0, editable=False)
    extent = models.PolygonField(srid=EPSG, null=True, editable=False)
    # Repairs, overlaps and gaps that the import has found, with areas in square metres.
    report = models.JSONField(default=dict)
    imported_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("level", "-vintage")
        constraints = (
            models.UniqueConstraint(fields=("level", "vintage"), name="layer_vintage_unique"),
        )

    def __str__(self) -> str:
        return f"{self.level} {self.vintage}"


class Zone(models.Model):
    """One territory of a layer."""

    layer = models.ForeignKey(Layer, on_delete=models.CASCADE, related_name="zones")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    # For searches: lower case, without accents, apostrophes and hyphens.
    search_name = models.CharField(max_length=200, editable=False)
    parent = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="children"
    )
    parent_code = models.CharField(max_length=40, blank=True)
    # The zone of the next vintage that holds most of this one, if its own code is gone.
    successor = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="predecessors"
    )
    geometry = models.MultiPolygonField(srid=EPSG)
    # Number of cells whose centre lies in the zone (half-open rule of analytics.counting.scanline).
    cells = models.BigIntegerField()
    centroid = models.GeneratedField(
        expression=Func(
            template="ST_Centroid(geometry)", output_field=models.PointField(srid=EPSG)
        ),
        output_field=models.PointField(srid=EPSG),
        db_persist=True,
    )
    shape_far = _shape(0)
    shape_middle = _shape(1)
    shape_near = _shape(2)

    class Meta:
        ordering = ("layer", "code")
        constraints = (models.UniqueConstraint(fields=("layer", "code"), name="zone_code_unique"),)
        indexes = (
            models.Index(fields=("code",), name="zone_code"),
            # A tile of regions must not meet the communes, which are a thousand times as many.
            GistIndex(fields=("layer", "geometry"), name="zone_in_layer"),
            models.Index(
                fields=("search_name",), name="zone_search", opclasses=("text_pattern_ops",)
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class Population(models.Model):
    """Inhabitants of a zone in a year."""

    zone = models.ForeignKey(Zone, on_delete=models.CASCADE, related_name="populations")
    year = models.PositiveSmallIntegerField()
    inhabitants = models.PositiveIntegerField()

    class Meta:
        ordering = ("zone", "year")
        constraints = (
            models.UniqueConstraint(fields=("zone", "year"), name="population_year_unique"),
        )

    def __str__(self) -> str:
        return f"{self.zone_id} {self.year}: {self.inhabitants}"


class PlaceName(models.Model):
    """A name that the territory of a level and a code has in some vintage, as searches compare it.

    Derived from zones and populations (:mod:`clcplus.actions.territories.layer_zones`). Searches
    read these narrow rows, one for each name, instead of the wide rows of zones, one for each
    vintage. A search asks the zones whether readers may see the territory.
    """

    level = models.ForeignKey(Level, on_delete=models.CASCADE, related_name="+")
    code = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    # The newest number: orders territories that match alike.
    inhabitants = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ("level", "code", "key")
        constraints = (
            models.UniqueConstraint(fields=("level", "code", "key"), name="place_name_unique"),
        )
        indexes = (
            models.Index(fields=("code",), name="place_code", opclasses=("text_pattern_ops",)),
            models.Index(fields=("key",), name="place_prefix", opclasses=("text_pattern_ops",)),
            GinIndex(fields=("key",), name="place_trigrams", opclasses=("gin_trgm_ops",)),
        )

    def __str__(self) -> str:
        return f"{self.key} ({self.code})"
