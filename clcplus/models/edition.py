"""Edition: one land-cover raster, and the tiles in which the store keeps it."""

from __future__ import annotations

from django.contrib.gis.db import models

from analytics.grid import EPSG


class Edition(models.Model):
    """A land-cover raster of one product and reference year."""

    class Status(models.TextChoices):
        REGISTERED = "registered", "registered"
        LOADED = "loaded", "loaded"
        PUBLISHED = "published", "published"
        # A newer version of the same year is published: readers see it by its slug alone.
        SUPERSEDED = "superseded", "superseded"
        WITHDRAWN = "withdrawn", "withdrawn"

    class Origin(models.TextChoices):
        OFFICIAL = "official", "official"
        MODELLED = "modelled", "modelled"
        SYNTHETIC = "synthetic", "synthetic"

    slug = models.SlugField(max_length=60, unique=True)
    product = models.SlugField(max_length=40)
    product_name = models.CharField(max_length=80)
    year = models.PositiveSmallIntegerField()
    version = models.PositiveSmallIntegerField(default=1)
    origin = models.CharField(max_length=10, choices=Origin)
    status = models.CharField(max_length=10, choices=Status, default=Status.REGISTERED)
    window_start = models.DateField(null=True, blank=True)
    window_end = models.DateField(null=True, blank=True)
    doi = models.CharField(max_length=120, blank=True)
    # sha256 of the sources' bytes: the same files again are the same edition.
    content_hash = models.CharField(max_length=64, editable=False)
    sources = models.JSONField(default=list, editable=False)
    # Further codes of the sources that mean "not observed".
    missing_codes = models.JSONField(default=list)
    checkpoint = models.ForeignKey(
        "clcplus.Checkpoint",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="editions",
    )
    # A later edition whose coastal sea buffer was masked out of this one (2018 has none).
    coast = models.ForeignKey("self", on_delete=models.PROTECT, null=True, editable=False)
    # sha256 of the sources of its confidence layer; empty without one.
    confidence_hash = models.CharField(max_length=64, blank=True, editable=False)
    # What analytics.records.PlaceAccuracy has; null where nothing was entered.
    accuracy = models.JSONField(null=True, editable=False)
    # Key of the overview of sealed share in the store, once loaded.
    overview_key = models.CharField(max_length=200, blank=True, editable=False)
    extent = models.PolygonField(srid=EPSG, null=True, editable=False)
    # Slug of the version that readers see in place of a superseded one.
    superseded_by = models.CharField(max_length=60, blank=True, editable=False)
    registered_at = models.DateTimeField(auto_now_add=True)
    loaded_at = models.DateTimeField(null=True, editable=False)
    published_at = models.DateTimeField(null=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("product", "year", "version")
        constraints = (
            models.UniqueConstraint(
                fields=("product", "year", "content_hash"), name="edition_content_unique"
            ),
            models.UniqueConstraint(
                fields=("product", "year", "origin", "version"), name="edition_version_unique"
            ),
            models.UniqueConstraint(
                fields=("product", "year", "origin"),
                condition=models.Q(status="published"),
                name="edition_one_published",
            ),
        )

    def __str__(self) -> str:
        return f"{self.product_name} {self.year}"

    @property
    def order(self) -> tuple[int, int]:
        """The order of editions in time."""
        return self.year, self.version


class EditionTile(models.Model):
    """The part of an edition in one 100 km tile: a COG in the store, named by its content's hash.

    ``row``, ``column``, ``height`` and ``width`` are its cells in the whole grid.
    """

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="tiles")
    name = models.CharField(max_length=6)
    key = models.CharField(max_length=200)
    overview_key = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    row = models.IntegerField()
    column = models.IntegerField()
    height = models.IntegerField()
    width = models.IntegerField()
    # Whether the counts of series include it; false for tiles that older versions have stored.
    in_series = models.BooleanField(default=False)

    class Meta:
        ordering = ("edition", "name")
        constraints = (
            models.UniqueConstraint(fields=("edition", "name"), name="edition_tile_unique"),
        )

    def __str__(self) -> str:
        return f"{self.edition_id}/{self.name}"


class ConfidenceTile(models.Model):
    """The part of an edition's confidence layer in one of its tiles: a COG in the store, named by
    its content's hash, with the cells of that tile.

    Values are 0 to 100: how sure the map's makers are of a cell's class.
    """

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="confidence_tiles")
    name = models.CharField(max_length=6)
    key = models.CharField(max_length=200)
    row = models.IntegerField()
    column = models.IntegerField()
    height = models.IntegerField()
    width = models.IntegerField()

    class Meta:
        ordering = ("edition", "name")
        constraints = (
            models.UniqueConstraint(fields=("edition", "name"), name="confidence_tile_unique"),
        )

    def __str__(self) -> str:
        return f"{self.edition_id}/{self.name}"
