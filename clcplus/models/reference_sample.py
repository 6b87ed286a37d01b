"""Reference sample: points drawn at random, what interpreters saw there, and what follows from it.

:mod:`analytics.sampling` draws the points, :mod:`analytics.estimation` estimates from their labels.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from analytics.grid import EPSG
from clcplus.models.edition import Edition
from clcplus.models.statistics import Counts
from clcplus.models.zone import Zone

NAME_LENGTH = 80


class ReferenceSample(models.Model):
    """Points in a territory, drawn from one edition or from a pair of them.

    Readers see what follows from a sample while it and its editions are published.
    """

    class Stage(models.TextChoices):
        DRAWING = "drawing", _("being drawn")
        LABELLING = "labelling", _("being labelled")
        PUBLISHED = "published", _("published")

    class Design(models.TextChoices):
        STRATIFIED = "stratified", _("stratified random")
        SIMPLE = "simple", _("simple random")
        SYSTEMATIC = "systematic", _("systematic")
        TWO_STAGE = "two-stage", _("two-stage")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=NAME_LENGTH)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reference_samples"
    )
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.DRAWING)
    design = models.CharField(max_length=10, choices=Design, default=Design.STRATIFIED)
    # None for all that the editions show.
    territory = models.ForeignKey(Zone, on_delete=models.CASCADE, null=True, related_name="+")
    # None for a sample from one edition, which is the later one.
    earlier = models.ForeignKey(Edition, on_delete=models.CASCADE, null=True, related_name="+")
    later = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="+")
    points_total = models.PositiveIntegerField()
    seed = models.PositiveBigIntegerField()
    buffer_m = models.FloatField()
    # Allocation, least points of a stratum, and what else the design needs.
    options = models.JSONField(default=dict)
    # Share of the points that a second interpreter labels too, 0..1.
    second_opinion = models.FloatField(default=0)
    # Who labelled, with which imagery; shown beside every figure that follows from the sample.
    source = models.CharField(max_length=300, blank=True)
    # The points have not been seen by an interpreter, but were read from a known truth.
    synthetic = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("reference_sample", args=(self.pk,))


class SampleStratum(models.Model):
    """A stratum of a sample, its size and the points drawn from it."""

    sample = models.ForeignKey(ReferenceSample, on_delete=models.CASCADE, related_name="strata")
    # Its place among the strata, from 0.
    place = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=40)
    cells = models.BigIntegerField()
    points = models.PositiveIntegerField()

    class Meta:
        ordering = ("sample", "place")
        constraints = (
            models.UniqueConstraint(fields=("sample", "place"), name="sample_stratum_unique"),
        )
        verbose_name_plural = "sample strata"

    def __str__(self) -> str:
        return self.name


class ZoneStrata(Counts):
    """Cells of a zone by stratum of a sample, in the order of the strata."""

    pk = models.CompositePrimaryKey("sample_id", "zone_id")
    sample = models.ForeignKey(ReferenceSample, on_delete=models.CASCADE, related_name="+")
    zone = models.ForeignKey(Zone, on_delete=models.CASCADE, related_name="+")
    cells = ArrayField(models.BigIntegerField())

    class Meta:
        verbose_name = verbose_name_plural = "zone strata"


class SamplePoint(models.Model):
    """A cell that was drawn."""

    sample = models.ForeignKey(ReferenceSample, on_delete=models.CASCADE, related_name="points")
    # From 1, in an order in which every beginning holds each stratum as the sample does.
    number = models.PositiveIntegerField()
    stratum = models.ForeignKey(SampleStratum, on_delete=models.CASCADE, related_name="+")
    # The centre of the cell.
    location = models.PointField(srid=EPSG)
    # Classes of the editions at the time of the draw.
    map_earlier = models.PositiveSmallIntegerField(null=True)
    map_later = models.PositiveSmallIntegerField()
    probability = models.FloatField()
    # Primary unit of a two-stage sample; 0 for none.
    unit = models.PositiveIntegerField(default=0)
    # How many interpreters are to label it.
    opinions = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ("sample", "number")
        constraints = (
            models.UniqueConstraint(fields=("sample", "number"), name="sample_point_unique"),
        )

    def __str__(self) -> str:
        return f"{self.sample_id}: {self.number}"


class PointLabel(models.Model):
    """What an interpreter saw at a point: classes 1..11."""

    class Confidence(models.TextChoices):
        HIGH = "high", _("sure")
        MEDIUM = "medium", _("rather sure")
        LOW = "low", _("unsure")

    class Origin(models.TextChoices):
        PAGE = "page", _("labelled on the platform")
        FILE = "file", _("imported from a file")

    point = models.ForeignKey(SamplePoint, on_delete=models.CASCADE, related_name="labels")
    interpreter = models.CharField(max_length=NAME_LENGTH)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    # None for a sample from one edition.
    reference_earlier = models.PositiveSmallIntegerField(null=True)
    reference_later = models.PositiveSmallIntegerField()
    confidence = models.CharField(max_length=6, choices=Confidence, default=Confidence.HIGH)
    note = models.CharField(max_length=300, blank=True)
    origin = models.CharField(max_length=4, choices=Origin)
    labelled_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("point", "labelled_at")
        constraints = (
            models.UniqueConstraint(fields=("point", "interpreter"), name="point_label_unique"),
        )

    def __str__(self) -> str:
        return f"{self.point_id} by {self.interpreter}"


class AreaEstimate(Counts):
    """An estimate for a zone from a sample, with its 95 % interval, in square metres.

    Of sealed area and of change on the cells that the editions have both observed.
    """

    class Quantity(models.TextChoices):
        SEALED_BEFORE = "sealed_before", _("sealed in the earlier edition's year")
        SEALED_AFTER = "sealed_after", _("sealed in the later edition's year")
        GAIN = "gain", _("newly sealed")
        LOSS = "loss", _("no longer sealed")
        NET = "net", _("net change")

    class Basis(models.TextChoices):
        """Where an interval comes from, the most trusted first."""

        OWN_SAMPLE = "own", _("own sample")
        MODEL_ASSISTED = "assisted", _("model-assisted")
        SMALL_AREA = "small-area", _("small-area model")
        BORROWED = "borrowed", _("borrowed from a larger territory")

    pk = models.CompositePrimaryKey("sample_id", "zone_id", "quantity")
    sample = models.ForeignKey(ReferenceSample, on_delete=models.CASCADE, related_name="+")
    zone = models.ForeignKey(Zone, on_delete=models.CASCADE, related_name="+")
    quantity = models.CharField(max_length=13, choices=Quantity)
    value = models.FloatField()
    se = models.FloatField()
    ci_low = models.FloatField()
    ci_high = models.FloatField()
    # ok, indicative or suppressed (analytics.estimation.publication).
    status = models.CharField(max_length=12)
    basis = models.CharField(max_length=10, choices=Basis)
    # analytics.estimation.Method.
    method = models.CharField(max_length=40)
    # Labelled points in the zone, and those of them that the reference calls sealed at either time.
    points = models.PositiveIntegerField()
    sealed_points = models.PositiveIntegerField()
