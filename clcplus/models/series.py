"""Counts of cells over all editions at once: of zones, and of 1 km tiles.

A *pattern* says what the editions of one product and origin have seen in a cell: the id of each
edition in which it is sealed, the negative id of each in which it is observed and not sealed, in
ascending order of the editions' ids. An edition that is not in the pattern has not observed the
cell; cells that no edition has observed are not kept. Any set of editions is answered from these
counts (analytics.change.patterns), so nothing is counted anew when an edition is published or
withdrawn.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from clcplus.models.zone import Zone


class ZoneSeries(models.Model):
    """Cells of a zone by pattern.

    ``tile`` is the 100 km tile in which the cells lie: a later edition replaces the counts of its
    own tiles. It is empty for zones that are not counted by tile: custom zones, and those that are
    the sums of their children.
    """

    pk = models.CompositePrimaryKey("zone_id", "tile", "pattern")
    zone = models.ForeignKey(Zone, on_delete=models.CASCADE, related_name="+", db_index=False)
    tile = models.CharField(max_length=6, blank=True)
    pattern = ArrayField(models.BigIntegerField())
    cells = models.BigIntegerField()

    class Meta:
        indexes = (models.Index(fields=("tile",), name="zone_series_tile"),)

    def __str__(self) -> str:
        return f"{self.zone_id}/{self.tile}: {self.pattern}"


class TileSeriesSums(models.Model):
    """Running sums of cells of one pattern along a row of 1 km tiles, within one 100 km tile.

    They are kept as those of TileSums are; patterns without a cell in a row have none.
    """

    pk = models.CompositePrimaryKey("tile", "row", "pattern")
    tile = models.CharField(max_length=6)
    row = models.IntegerField()
    pattern = ArrayField(models.BigIntegerField())
    first_column = models.IntegerField()
    tiles = models.IntegerField()
    sums = ArrayField(models.IntegerField())

    def __str__(self) -> str:
        return f"{self.tile}: {self.row}, {self.pattern}"
