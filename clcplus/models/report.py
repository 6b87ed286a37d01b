"""Report: a territory's report as a PDF, from the request to the file."""

from __future__ import annotations

from django.db import models


class Report(models.Model):
    """One report. Its id is a hash of its inputs: the same request is the same row."""

    class State(models.TextChoices):
        QUEUED = "queued", "queued"
        RUNNING = "running", "running"
        DONE = "done", "done"
        FAILED = "failed", "failed"

    class Stage(models.TextChoices):
        FIGURES = "figures", "figures"
        MAP = "map", "map"
        CHARTS = "charts", "charts"
        PAGES = "pages", "pages"

    id = models.UUIDField(primary_key=True, editable=False)
    level = models.CharField(max_length=50)
    code = models.CharField(max_length=50)
    name = models.CharField(max_length=200)
    vintage = models.IntegerField()
    earlier = models.CharField(max_length=80, blank=True)
    """Slugs of the editions whose change is shown; both are empty without a pair."""
    later = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=15)
    data = models.CharField(max_length=60)
    """The version of the published data (analytics.queries.DataVersion), as text."""
    release = models.CharField(max_length=40)
    site = models.CharField(max_length=200)
    """The address that permanent links begin with."""
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.FIGURES)
    percent = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=400, blank=True)
    pages = models.PositiveSmallIntegerField(null=True)
    size = models.PositiveIntegerField(null=True)
    client = models.CharField(max_length=32, blank=True)
    """A keyed hash of the client, while the report is open."""
    queued_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    """When it was queued or last moved."""
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("queued_at",)
        indexes = (models.Index(fields=("state", "queued_at"), name="report_queue"),)

    def __str__(self) -> str:
        return f"{self.level}/{self.code} ({self.language})"

    @property
    def key(self) -> str:
        """Key of its file in the store."""
        return f"reports/{self.id.hex[:2]}/{self.id.hex}.pdf"

    @property
    def open(self) -> bool:
        """Whether it is still to be made."""
        return self.state in (self.State.QUEUED, self.State.RUNNING)
