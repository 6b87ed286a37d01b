"""Counts of cells: of tiles, of zones, and of zones between two editions.

``cells`` keeps counts in the order of :data:`analytics.nomenclature.CODES` (1..11, 253, 254, 255);
``matrix`` keeps cells observed in both editions by former and later class, 11 × 11, row by row.
Shares are never stored: they are derived from these integers (analytics.indicators).
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func

from analytics.nomenclature import CODES, OBSERVED_CODES
from clcplus.models.edition import Edition
from clcplus.models.zone import Zone

_CLASSES = len(OBSERVED_CODES)


def _sum(column: str, positions: range) -> Func:
    """Sum of elements of an array column; PostgreSQL counts them from 1."""
    total = " + ".join(f"{column}[{position}]" for position in positions)
    return Func(template=f"({total})", output_field=models.BigIntegerField())


class TileSums(models.Model):
    """Running sums of cells by class along a row of 1 km tiles, within one 100 km tile.

    ``row`` and ``first_column`` are in 1 km tiles of the whole grid. ``sums`` has a line for each
    of the ``tiles`` and one before them, of zeros: the cells of tiles a to b − 1 are sums[b] −
    sums[a].
    """

    pk = models.CompositePrimaryKey("edition_id", "tile", "row")
    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="+")
    tile = models.CharField(max_length=6)
    row = models.IntegerField()
    first_column = models.IntegerField()
    tiles = models.IntegerField()
    sums = ArrayField(ArrayField(models.IntegerField(), size=len(CODES)))

    class Meta:
        verbose_name = verbose_name_plural = "tile sums"

    def __str__(self) -> str:
        return f"{self.edition_id}/{self.tile}: {self.row}"


class TileChangeSums(models.Model):
    """Running sums of cells by former and later class, kept as those of TileSums are.

    ``changed`` are the same sums of what maps of change show: cells observed in both editions,
    gained, lost. To read them from ``sums`` would take a hundred times as long.
    """

    pk = models.CompositePrimaryKey("earlier_id", "later_id", "tile", "row")
    earlier = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="+")
    later = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="+")
    tile = models.CharField(max_length=6)
    row = models.IntegerField()
    first_column = models.IntegerField()
    tiles = models.IntegerField()
    sums = ArrayField(ArrayField(models.IntegerField(), size=_CLASSES * _CLASSES))
    changed = ArrayField(ArrayField(models.IntegerField(), size=3))

    class Meta:
        verbose_name = verbose_name_plural = "tile change sums"

    def __str__(self) -> str:
        return f"{self.earlier_id}→{self.later_id}/{self.tile}: {self.row}"


class StatisticsPart(models.Model):
    """What one 100 km tile adds to a zone's cells by class; gone once the run is finalised."""

    pk = models.CompositePrimaryKey("edition_id", "tile", "zone_id")
    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="+")
    tile = models.CharField(max_length=6)
    zone = models.ForeignKey(Zone, on_delete=models.CASCADE, related_name="+")
    cells = ArrayField(models.IntegerField(), size=len(CODES))

    def __str__(self) -> str:
        return f"{self.edition_id}/{self.tile}: {self.zone_id}"


class ChangePart(models.Model):
    """What one 100 km tile adds to a zone's change; gone once the run is finalised."""

    pk = models.CompositePrimaryKey("earlier_id", "later_id", "tile", "zone_id")
    earlier = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="+")
    later = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="+")
    tile = models.CharField(max_length=6)
    zone = models.ForeignKey(Zone, on_delete=models.CASCADE, related_name="+")
    matrix = ArrayField(models.IntegerField(), size=_CLASSES * _CLASSES)

    def __str__(self) -> str:
        return f"{self.earlier_id}→{self.later_id}/{self.tile}: {self.zone_id}"


class ZoneStatistics(models.Model):
    """Cells by class of a zone in an edition."""

    pk = models.CompositePrimaryKey("edition_id", "zone_id")
    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="+")
    zone = models.ForeignKey(Zone, on_delete=models.CASCADE, related_name="+")
    cells = ArrayField(models.BigIntegerField(), size=len(CODES))
    sealed = models.GeneratedField(
        expression=_sum("cells", range(1, 2)),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )
    observed = models.GeneratedField(
        expression=_sum("cells", range(1, _CLASSES + 1)),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )
    not_observed = models.GeneratedField(
        expression=_sum("cells", range(_CLASSES + 1, len(CODES) + 1)),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(cells__len=len(CODES)), name="zone_statistics_classes"
            ),
        )
        verbose_name = verbose_name_plural = "zone statistics"

    def __str__(self) -> str:
        return f"{self.edition_id}: {self.zone_id}"


class ZoneChange(models.Model):
    """Cells of a zone observed in two editions, by former and later class."""

    pk = models.CompositePrimaryKey("earlier_id", "later_id", "zone_id")
    earlier = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="+")
    later = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="+")
    zone = models.ForeignKey(Zone, on_delete=models.CASCADE, related_name="+")
    matrix = ArrayField(models.BigIntegerField(), size=_CLASSES * _CLASSES)
    observed = models.GeneratedField(
        expression=_sum("matrix", range(1, _CLASSES * _CLASSES + 1)),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )
    gain = models.GeneratedField(
        expression=_sum("matrix", range(_CLASSES + 1, _CLASSES * _CLASSES + 1, _CLASSES)),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )
    loss = models.GeneratedField(
        expression=_sum("matrix", range(2, _CLASSES + 1)),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(matrix__len=_CLASSES * _CLASSES), name="zone_change_classes"
            ),
        )

    def __str__(self) -> str:
        return f"{self.earlier_id}→{self.later_id}: {self.zone_id}"
