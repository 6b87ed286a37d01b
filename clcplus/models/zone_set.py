"""Zone set: zones of an administrator's own, from the uploaded file to its publication."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from analytics.nomenclature import CODES
from clcplus.models.edition import Edition
from clcplus.models.run import Run
from clcplus.models.statistics import Counts
from clcplus.models.zone import Layer, Zone

SLUG_PREFIX = "zones-"
"""Beginning of the slugs of sets' levels, and of no other level."""


class ZoneSet(models.Model):
    """A file of zones and what became of it.

    Its id is a hash of the owner, the content and the first choices: the same upload is the same
    set. Once accepted, its zones are a layer of their own level, like territories. The layer is
    active while the set is published.
    """

    class Stage(models.TextChoices):
        CHECKING = "checking", _("being checked")
        ASKING = "asking", _("waiting for an answer")
        REPORTED = "reported", _("checked")
        REFUSED = "refused", _("refused")
        ACCEPTED = "accepted", _("accepted")

    class Kind(models.TextChoices):
        FILE = "file", _("file")
        DRAWN = "drawn", _("drawn on the map")
        PASTED = "pasted", _("pasted")

    class Acceptance(models.TextChoices):
        """What follows the check."""

        ASK = "ask", _("the owner decides")
        WHOLE = "whole", _("all zones or none")
        USABLE = "usable", _("without the zones that have an error")

    id = models.UUIDField(primary_key=True, editable=False)
    # An account with sets cannot be deleted: published zones need an owner.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="zone_sets"
    )
    name = models.CharField(max_length=80)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.CHECKING)
    kind = models.CharField(max_length=10, choices=Kind)
    acceptance = models.CharField(max_length=10, choices=Acceptance, default=Acceptance.ASK)
    file_name = models.CharField(max_length=200)
    file_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    # analytics.uploads.records.Choice: the owner's answers so far.
    choice = models.JSONField(default=dict)
    # analytics.uploads.records.Reading, with the report.
    reading = models.JSONField(null=True)
    # Why the file was refused: code, found, expected, hint.
    refusal = models.JSONField(null=True)
    # Of the check, which is queued again if its worker is killed.
    percent = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    layer = models.OneToOneField(
        Layer, on_delete=models.SET_NULL, null=True, related_name="zone_set"
    )
    # Whoever has the link may read; empty without a link.
    share_token = models.CharField(max_length=43, blank=True, db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # Identity of what readers of an unpublished set see.
    changed_at = models.DateTimeField(auto_now=True)
    accepted_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at",)
        indexes = (models.Index(fields=("stage", "changed_at"), name="zone_set_stage"),)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("zone_set", args=(self.pk,))

    @property
    def slug(self) -> str:
        """The slug of the level that its zones make."""
        return f"{SLUG_PREFIX}{self.pk.hex[:16]}"

    @property
    def newest_run(self) -> Run | None:
        """The newest run that computes its zones."""
        if self.layer_id is None:
            return None
        found = Run.objects.filter(layer=self.layer_id, kind=Run.Kind.ZONES)
        return found.order_by("-created_at").first()

    @staticmethod
    def newest_runs(sets: Iterable[ZoneSet]) -> dict[int | None, Run]:
        """The newest runs that compute the zones of some sets, by layer."""
        layers = [one.layer_id for one in sets if one.layer_id is not None]
        runs = Run.objects.filter(layer__in=layers, kind=Run.Kind.ZONES)
        newest = runs.order_by("layer_id", "-created_at").distinct("layer_id")
        return {run.layer_id: run for run in newest}

    @property
    def upload_key(self) -> str:
        """Key of the uploaded file in the store."""
        return f"uploads/{self.pk.hex[:2]}/{self.pk.hex}/file"

    @property
    def zones_key(self) -> str:
        """Key of the checked zones in the store until they are accepted or dropped."""
        return f"uploads/{self.pk.hex[:2]}/{self.pk.hex}/zones"


class ZoneBatch(models.Model):
    """Some neighbouring zones of a set: the unit of work of its run."""

    class State(models.TextChoices):
        QUEUED = "queued", "queued"
        DONE = "done", "done"
        FAILED = "failed", "failed"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="batches")
    number = models.PositiveIntegerField()
    zones = ArrayField(models.BigIntegerField())
    """Ids of the zones, in the order in which they are counted."""
    cells = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=400, blank=True)
    # Zones that could not be counted, with the reasons.
    failures = models.JSONField(default=list)
    seconds = models.FloatField(null=True)

    class Meta:
        ordering = ("run", "number")
        constraints = (models.UniqueConstraint(fields=("run", "number"), name="zone_batch_unique"),)
        verbose_name_plural = "zone batches"

    def __str__(self) -> str:
        return f"{self.run_id}: {self.number}"


class ZoneCover(Counts):
    """Covered cells of a small zone by class (coverage rule), in the order of CODES."""

    pk = models.CompositePrimaryKey("edition_id", "zone_id")
    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="+")
    zone = models.ForeignKey(Zone, on_delete=models.CASCADE, related_name="+")
    cells = ArrayField(models.FloatField(), size=len(CODES))
