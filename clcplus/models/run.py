"""Run: a long job with its progress, failures and outcome. Unit: a part of it."""

from __future__ import annotations

import uuid
from enum import StrEnum
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clcplus.models.edition import Edition
from clcplus.models.zone import Layer


def kind_choices() -> list[tuple[str, Any]]:
    """Names and labels of the kinds of runs; loaded late, since kinds import the models."""
    found: list[tuple[str, Any]] = import_module("clcplus.jobs.kinds").labels()
    return found


class Run(models.Model):
    """A long job. Its progress is the sum of its ended units."""

    class Kind(StrEnum):
        """Kinds of runs; each is a module of clcplus.job_kinds."""

        INGEST = "ingest"
        COUNT = "count"
        REGISTER = "register"
        FETCH = "fetch"
        BOUNDARIES = "boundaries"
        ZONES = "zones"
        PREDICT = "predict"
        SERIES = "series"
        SAMPLE = "sample"
        FILTER = "filter"
        CHECK = "check"
        REFRESH = "refresh"

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        SUCCEEDED = "succeeded", _("succeeded")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=kind_choices)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, null=True, related_name="runs")
    layer = models.ForeignKey(Layer, on_delete=models.CASCADE, null=True, related_name="runs")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    # Publish the edition after success.
    publish = models.BooleanField(default=False)
    parameters = models.JSONField(default=dict)
    units_total = models.IntegerField(default=0)
    units_done = models.IntegerField(default=0)
    cells_total = models.BigIntegerField(default=0)
    cells_done = models.BigIntegerField(default=0)
    message = models.CharField(max_length=400, blank=True)
    # Without progress, of a run that is one unit; other units count their own.
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    # When it was asked for, or last resumed. Processes of before an upgrade do not know it.
    queued_at = models.DateTimeField(default=timezone.now, db_default=Now())
    started_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(auto_now=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            # Two would both find the same edition new, and both fetch it.
            models.UniqueConstraint(
                fields=("kind",),
                condition=models.Q(kind="refresh", state__in=("queued", "running")),
                name="run_one_open_refresh",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.id}"

    @property
    def percent(self) -> int:
        """Progress by cells, 0..100; 100 only once the run has succeeded."""
        if self.state == self.State.SUCCEEDED:
            return 100
        return min(99, self.cells_done * 100 // self.cells_total) if self.cells_total else 0

    @property
    def cells_per_second(self) -> float | None:
        """Throughput so far, or None before the first unit has ended."""
        if self.started_at is None or not self.cells_done:
            return None
        seconds = ((self.finished_at or self.updated_at) - self.started_at).total_seconds()
        return self.cells_done / seconds if seconds > 0 else None

    @property
    def seconds_left(self) -> float | None:
        """Remaining time at the throughput so far, or None if it is unknown."""
        rate = self.cells_per_second
        if rate is None or self.state != self.State.RUNNING:
            return None
        return (self.cells_total - self.cells_done) / rate


class Unit(models.Model):
    """One 100 km tile of one edition: the unit of work and of retry of a run."""

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        DONE = "done", "done"
        FAILED = "failed", _("failed")

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="units")
    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="+")
    tile = models.CharField(max_length=6)
    # Ids of editions to compare this one with, cell by cell.
    compare_with = ArrayField(models.BigIntegerField(), default=list)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    cells = models.BigIntegerField()
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=400, blank=True)
    queued_at = models.DateTimeField(auto_now_add=True)
    seconds = models.FloatField(null=True)

    class Meta:
        ordering = ("run", "id")
        constraints = (
            models.UniqueConstraint(fields=("run", "edition", "tile"), name="unit_unique"),
        )

    def __str__(self) -> str:
        return f"{self.run_id}: {self.edition_id}/{self.tile}"
