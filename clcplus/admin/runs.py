"""Runs in the admin: cancel, take up."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from clcplus.admin.base import ReadOnlyAdmin, act_on_each, link
from clcplus.jobs import runs
from clcplus.jobs.states import ENDED_EARLY
from clcplus.models import Run


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    """Runs, with the actions that cancel them and take them up."""

    list_display = (
        "page",
        "kind",
        "state",
        "edition",
        "layer",
        "progress",
        "created_at",
        "message",
    )
    list_display_links = None
    list_filter = ("state", "kind")
    list_select_related = ("edition", "layer__level")
    actions = ("cancel", "take_up")

    @admin.display(description="run")
    def page(self, run: Run) -> str:
        """The run's own page, which moves by itself."""
        return link(str(run.pk)[:8], "job", run.pk)

    @admin.display(description="progress")
    def progress(self, run: Run) -> str:
        return f"{run.percent} %"

    @admin.action(description="Cancel the selected runs", permissions=["superuser"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        act_on_each(request, queryset, lambda run: runs.cancel(run.pk))

    @admin.action(description="Take the selected runs up again", permissions=["superuser"])
    def take_up(self, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        act_on_each(request, queryset.filter(state__in=ENDED_EARLY), runs.resume)
