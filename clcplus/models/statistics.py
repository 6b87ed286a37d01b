"""Counts of cells: of tiles, of zones, of zones between two editions, and over all editions.

``cells`` keeps counts in the order of :data:`analytics.nomenclature.CODES` (1..11, 253, 254, 255);
``matrix`` keeps cells observed in both editions by former and later class, 11 × 11, row by row.
Shares are never stored: they are derived from these integers (analytics.indicators).

A ``pattern`` says what the editions of one product and origin have seen in a cell: the id of each
edition in which it is sealed, and the negative id of each in which it is observed and not sealed,
in ascending order of the ids. Other editions have not observed the cell; cells that no edition has
observed are not counted. These counts answer for any set of editions (analytics.change.patterns),
so that a publication or withdrawal needs no new count.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func

from analytics.nomenclature import CODES, OBSERVED_CODES
from clcplus.models.edition import Edition
from clcplus.models.zone import Zone

_CLASSES = len(OBSERVED_CODES)


def _sum(column: str, positions: range) -> models.GeneratedField:
    """The sum of elements of an array column, stored; PostgreSQL counts elements from 1."""
    total = " + ".join(f"{column}[{position}]" for position in positions)
    field = models.BigIntegerField()
    return models.GeneratedField(
        expression=Func(template=f"({total})", output_field=field),
        output_field=field,
        db_persist=True,
    )


class Counts(models.Model):
    """Counts of cells, with a composite key."""

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return "/".join(map(str, self.pk))


class TileSums(Counts):
    """Running sums of cells by class along a row of 1 km tiles, within one 100 km tile.

    ``row`` and ``first_column`` are in 1 km tiles of the whole grid. ``sums`` has a line of zeros,
    then one for each of the ``tiles``: the cells of tiles a to b − 1 are sums[b] − sums[a].
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


class TileChangeSums(Counts):
    """Running sums of cells by former and later class, kept as those of TileSums are.

    ``changed`` are the same sums of cells observed in both editions, gained and lost. Maps of
    change read them a hundred times faster than ``sums``.
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


def _unchecked(model: type[models.Model]) -> models.ForeignKey[Any, Any]:
    """A reference that PostgreSQL neither checks nor indexes.

    Either would take longer than the row. Editions and the zones of territories are never deleted,
    and whoever counts custom zones locks them first. An index would repeat the primary key.
    """
    return models.ForeignKey(
        model, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )


class StatisticsPart(Counts):
    """What one 100 km tile adds to a zone's cells by class; gone once the run is finalised."""

    pk = models.CompositePrimaryKey("edition_id", "tile", "zone_id")
    edition = _unchecked(Edition)
    tile = models.CharField(max_length=6)
    zone = _unchecked(Zone)
    cells = ArrayField(models.IntegerField(), size=len(CODES))


class ChangePart(Counts):
    """What one 100 km tile adds to a zone's change; gone once the run is finalised."""

    pk = models.CompositePrimaryKey("earlier_id", "later_id", "tile", "zone_id")
    earlier = _unchecked(Edition)
    later = _unchecked(Edition)
    tile = models.CharField(max_length=6)
    zone = _unchecked(Zone)
    matrix = ArrayField(models.IntegerField(), size=_CLASSES * _CLASSES)


class ZoneStatistics(Counts):
    """Cells by class of a zone in an edition."""

    pk = models.CompositePrimaryKey("edition_id", "zone_id")
    edition = _unchecked(Edition)
    zone = models.ForeignKey(Zone, on_delete=models.CASCADE, related_name="+")
    cells = ArrayField(models.BigIntegerField(), size=len(CODES))
    sealed = _sum("cells", range(1, 2))
    observed = _sum("cells", range(1, _CLASSES + 1))
    not_observed = _sum("cells", range(_CLASSES + 1, len(CODES) + 1))

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(cells__len=len(CODES)), name="zone_statistics_classes"
            ),
        )
        verbose_name = verbose_name_plural = "zone statistics"


class ZoneChange(Counts):
    """Cells of a zone observed in two editions, by former and later class."""

    pk = models.CompositePrimaryKey("earlier_id", "later_id", "zone_id")
    earlier = _unchecked(Edition)
    later = _unchecked(Edition)
    zone = models.ForeignKey(Zone, on_delete=models.CASCADE, related_name="+")
    matrix = ArrayField(models.BigIntegerField(), size=_CLASSES * _CLASSES)
    observed = _sum("matrix", range(1, _CLASSES * _CLASSES + 1))
    gain = _sum("matrix", range(_CLASSES + 1, _CLASSES * _CLASSES + 1, _CLASSES))
    loss = _sum("matrix", range(2, _CLASSES + 1))

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(matrix__len=_CLASSES * _CLASSES), name="zone_change_classes"
            ),
        )


class ZoneSeries(Counts):
    """Cells of a zone by pattern.

    ``tile`` is the 100 km tile of the cells: a later edition replaces the counts of its own tiles.
    It is empty for custom zones and for zones that are sums of their children.
    """

    pk = models.CompositePrimaryKey("zone_id", "tile", "pattern")
    zone = _unchecked(Zone)
    tile = models.CharField(max_length=6, blank=True)
    pattern = ArrayField(models.BigIntegerField())
    cells = models.BigIntegerField()

    class Meta:
        indexes = (models.Index(fields=("tile",), name="zone_series_tile"),)


class TileSeriesSums(Counts):
    """Running sums of cells of one pattern, kept as those of TileSums are."""

    pk = models.CompositePrimaryKey("tile", "row", "pattern")
    tile = models.CharField(max_length=6)
    row = models.IntegerField()
    pattern = ArrayField(models.BigIntegerField())
    first_column = models.IntegerField()
    tiles = models.IntegerField()
    sums = ArrayField(models.IntegerField())
