"""Checkpoint: a trained network. Prediction: the work that makes an edition with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clcplus.models.edition import Edition
from clcplus.models.run import Run


class Checkpoint(models.Model):
    """The content of ``checkpoint.json`` when the folder was registered.

    The weights are in the folder ``key`` below ``CLCPLUS_CHECKPOINTS``. The identity is that of the
    network; metrics may be measured anew.
    """

    identity = models.CharField(max_length=64, unique=True, editable=False)
    name = models.CharField(max_length=80)
    architecture = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    bands = models.JSONField(default=list)
    # A list of {"code": …, "name": …}, in the order of the network's outputs.
    labels = models.JSONField(default=list)
    training_areas = models.JSONField(default=list)
    training_years = models.JSONField(default=list)
    metrics = models.JSONField(default=dict)
    temperature = models.FloatField(default=1.0)
    registered_at = models.DateTimeField(auto_now_add=True)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        ordering = ("-registered_at",)

    def __str__(self) -> str:
        return f"{self.name} ({self.identity[:12]})"


class Prediction(models.Model):
    """An edition in the making, from imagery and a checkpoint to the ingest."""

    class Stage(models.TextChoices):
        WAITING = "waiting", _("waiting")
        COMPOSING = "composing", _("composing the imagery")
        PREDICTING = "predicting", _("predicting")
        EVALUATING = "evaluating", _("evaluating")
        REGISTERED = "registered", _("registered as an edition")

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="prediction")
    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="predictions")
    edition = models.ForeignKey(
        Edition, on_delete=models.SET_NULL, null=True, related_name="predictions"
    )
    year = models.PositiveSmallIntegerField()
    # The requested territory; empty for all of the composite.
    level = models.CharField(max_length=40, blank=True)
    code = models.CharField(max_length=40, blank=True)
    territory_name = models.CharField(max_length=200, blank=True)
    # Cells to predict, in the whole grid: {"row", "column", "height", "width"}; empty for all.
    window = models.JSONField(default=dict)
    # Path of the composite; empty until one is found or composed.
    composite = models.CharField(max_length=400, blank=True)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.WAITING)
    # Against the nearest edition that is not modelled; empty if they do not overlap.
    evaluation: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    # Sealed area by Σ p and by Σ argmax, as predicted and as corrected by a reference sample.
    areas: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)

    class Meta:
        ordering = ("-run__created_at",)

    def __str__(self) -> str:
        return f"{self.year} by {self.checkpoint}"

    @property
    def composite_name(self) -> str:
        """Name of the composite's file, or empty."""
        return Path(self.composite).name

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The names of its stages, each with whether it is reached (``now``) or over (``done``)."""
        stages: list[str] = [stage for stage in self.Stage if stage != self.Stage.WAITING]
        if self.stage != self.Stage.COMPOSING:
            stages.remove(self.Stage.COMPOSING)
        reached = stages.index(self.stage) if self.stage in stages else -1
        return [
            {"name": self.Stage(stage).label, "now": number == reached, "done": number < reached}
            for number, stage in enumerate(stages)
        ]
