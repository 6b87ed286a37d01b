"""Runs in the admin: cancel, take up."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from clcplus.actions import job_control
from clcplus.admin.base import ReadOnly, errors_as_messages
from clcplus.jobs.states import ENDED_EARLY
from clcplus.models import Run


@admin.register(Run)
class RunAdmin(ReadOnly):
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
        return format_html('<a href="{}">{}</a>', reverse("job", args=(run.pk,)), str(run.pk)[:8])

    @admin.display(description="progress")
    def progress(self, run: Run) -> str:
        return f"{run.percent} %"

    @admin.action(description="Cancel the selected runs", permissions=["superuser"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        for run in queryset:
            with errors_as_messages(request):
                job_control.cancel(run, by=request.user)

    @admin.action(description="Take the selected runs up again", permissions=["superuser"])
    def take_up(self, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        for run in queryset.filter(state__in=ENDED_EARLY):
            with errors_as_messages(request):
                job_control.resume(run, by=request.user)
