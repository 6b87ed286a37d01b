"""Filtered change: patches of cells gained or lost between two editions, and what a filter accepts.

Patches are formed on the whole rasters, whatever the zones (:mod:`analytics.patches`), with cells
that touch by a side. ``preset`` names a filter of :data:`analytics.patches.PRESETS`. Change without
a filter is in ZoneChange and TileChangeSums.
"""

from __future__ import annotations

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GistIndex
from django.db.models import Func

from analytics.grid import EPSG
from analytics.queries import WEB_MERCATOR
from clcplus.models.edition import Edition
from clcplus.models.statistics import Counts
from clcplus.models.zone import Zone

PRESET_LENGTH = 20


class FilteredPair(models.Model):
    """Two editions whose change was filtered; readers see it while both are published.

    ``totals`` has the cells and patches of the whole raster by preset, and ``raw`` for all change.
    """

    earlier = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="+")
    later = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="+")
    # A raster in the store; analytics.patches.mask_codes has its codes.
    mask_key = models.CharField(max_length=200)
    # Ids of the layers of territories whose zones were counted.
    layers = ArrayField(models.BigIntegerField(), default=list)
    totals = models.JSONField(default=dict)
    # Hashes of the editions' confidence layers that were used; none where one of them has none.
    confidence = ArrayField(models.CharField(max_length=64), default=list)
    filtered_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("earlier", "later")
        constraints = (
            models.UniqueConstraint(fields=("earlier", "later"), name="filtered_pair_unique"),
        )

    def __str__(self) -> str:
        return f"{self.earlier_id} → {self.later_id}"


class ZoneFilteredChange(Counts):
    """Cells of gain and loss in a zone that belong to patches which a filter accepts."""

    pk = models.CompositePrimaryKey("earlier_id", "later_id", "zone_id", "preset")
    earlier = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="+")
    later = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="+")
    zone = models.ForeignKey(Zone, on_delete=models.CASCADE, related_name="+")
    preset = models.CharField(max_length=PRESET_LENGTH)
    gain = models.BigIntegerField()
    loss = models.BigIntegerField()


class TileFilteredSums(Counts):
    """Running sums of the same cells, (gain, loss), along a row of 1 km tiles, kept as those of
    TileSums are."""

    pk = models.CompositePrimaryKey("earlier_id", "later_id", "preset", "tile", "row")
    earlier = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="+")
    later = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="+")
    preset = models.CharField(max_length=PRESET_LENGTH)
    tile = models.CharField(max_length=6)
    row = models.IntegerField()
    first_column = models.IntegerField()
    tiles = models.IntegerField()
    sums = ArrayField(ArrayField(models.IntegerField(), size=2))

    class Meta:
        verbose_name = verbose_name_plural = "tile filtered sums"


class ChangePatch(models.Model):
    """A patch that one of the presets accepts which form the same patches; these then select by
    cells and side."""

    class Kind(models.IntegerChoices):
        GAIN = 1, "gain"
        LOSS = 2, "loss"

    earlier = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="+", db_index=False)
    later = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="+")
    # The place of its first cell, row by row from 1: the same whatever the filter.
    number = models.BigIntegerField()
    kind = models.PositiveSmallIntegerField(choices=Kind)
    former_class = models.PositiveSmallIntegerField()
    later_class = models.PositiveSmallIntegerField()
    cells = models.IntegerField()
    # What its presets ask of each cell; none ask for nothing.
    min_confidence = models.PositiveSmallIntegerField(null=True)
    # The mean over its cells whose confidence is known.
    confidence = models.FloatField(null=True)
    # Side of the largest square in it, in cells.
    side = models.IntegerField()
    geometry = models.MultiPolygonField(srid=EPSG, spatial_index=False)
    shape = models.GeneratedField(
        expression=Func(
            template=f"ST_Transform(geometry, {WEB_MERCATOR})",
            output_field=models.MultiPolygonField(srid=WEB_MERCATOR, spatial_index=False),
        ),
        output_field=models.MultiPolygonField(srid=WEB_MERCATOR, spatial_index=False),
        db_persist=True,
    )

    class Meta:
        ordering = ("earlier", "later", "number")
        constraints = (
            models.UniqueConstraint(
                fields=("earlier", "later", "min_confidence", "number"),
                nulls_distinct=False,
                name="change_patch_unique",
            ),
        )
        indexes = (GistIndex(fields=("shape",), name="change_patch_shape"),)
        verbose_name_plural = "change patches"

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"
