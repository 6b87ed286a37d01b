"""The admin: supervise editions, layers and runs. What changes data goes through the actions."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.html import format_html

from clcplus import model_admin, token_admin  # noqa: F401 - they register models of their own
from clcplus.actions import ingest_request, publication
from clcplus.admin_access import ReadOnly, errors_as_messages, request_run
from clcplus.forms import IngestForm
from clcplus.jobs import runs
from clcplus.jobs.states import ENDED_EARLY
from clcplus.models import (
    AuditEntry,
    Edition,
    Layer,
    Level,
    Population,
    Publication,
    Report,
    Run,
    Unit,
    Zone,
    ZoneBatch,
    ZoneSet,
)

admin.site.site_header = "Soil sealing: administration"
admin.site.site_title = "Soil sealing"


@admin.register(Edition)
class EditionAdmin(ReadOnly):
    """Editions, with the actions that ingest, publish and withdraw them."""

    list_display = ("slug", "product_name", "year", "origin", "status", "loaded_at", "published_at")
    list_filter = ("status", "origin", "product")
    actions = ("publish", "withdraw")
    change_list_template = "admin/clcplus/edition/change_list.html"

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.ingest)
        return [path("ingest/", view, name="clcplus_edition_ingest"), *super().get_urls()]

    def ingest(self, request: HttpRequest) -> HttpResponse:
        """Request the ingest of rasters in the inbox; leads to the run."""
        if not request.user.is_superuser:
            messages.error(request, "Only a superuser may ingest editions.")
            return redirect("admin:clcplus_edition_changelist")
        form = IngestForm(request.POST or None)
        return request_run(request, form, ingest_request.request_ingest) or self.page_response(
            request, "edition/ingest.html", title="Ingest an edition", form=form
        )

    @admin.action(description="Publish the selected editions", permissions=["superuser"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Edition]) -> None:
        self._each(request, queryset, publication.publish_edition, "published")

    @admin.action(description="Withdraw the selected editions", permissions=["superuser"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Edition]) -> None:
        self._each(request, queryset, publication.withdraw_edition, "withdrawn")

    def _each(self, request: HttpRequest, editions: Any, action: Any, done: str) -> None:
        for edition in editions:
            with errors_as_messages(request):
                action(slug=edition.slug, by=request.user)
                messages.success(request, f"{edition.slug}: {done}")


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
                runs.cancel(run.pk)

    @admin.action(description="Take the selected runs up again", permissions=["superuser"])
    def take_up(self, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        for run in queryset.filter(state__in=ENDED_EARLY):
            with errors_as_messages(request):
                runs.resume(run)


@admin.register(Level)
class LevelAdmin(admin.ModelAdmin):
    """Levels: their names may be changed."""

    list_display = ("slug", "name", "name_plural", "rank", "parent")
    fields = ("name", "name_plural")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Levels come with their zones."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """They stay, for what has been counted."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Level]:
        """Without those of zone sets, which are renamed with their set."""
        return super().get_queryset(request).filter(custom=False)


@admin.register(ZoneSet)
class ZoneSetAdmin(ReadOnly):
    """Sets of custom zones, with the way to their pages, where they are decided on."""

    list_display = ("page", "owner", "kind", "stage", "file_name", "created_at", "published_at")
    list_display_links = None
    list_filter = ("stage", "kind")
    list_select_related = ("owner",)
    search_fields = ("name", "file_name")
    exclude = ("reading", "share_token")

    @admin.display(description="set")
    def page(self, zone_set: ZoneSet) -> str:
        """The set's own page."""
        return format_html('<a href="{}">{}</a>', zone_set.get_absolute_url(), zone_set.name)


admin.site.register(
    Unit,
    ReadOnly,
    list_display=("tile", "edition", "run", "state", "attempts", "seconds", "error"),
    list_filter=("state", "edition"),
    list_select_related=("edition", "run"),
)
admin.site.register(
    Layer,
    ReadOnly,
    list_display=("__str__", "active", "aggregated", "source", "imported_at"),
    list_filter=("level", "vintage"),
    list_select_related=("level",),
)
admin.site.register(
    Zone,
    ReadOnly,
    list_display=("code", "name", "layer", "cells"),
    list_filter=("layer",),
    list_select_related=("layer__level",),
    search_fields=("code", "search_name"),
    exclude=("geometry",),
    show_full_result_count=False,
)
admin.site.register(
    Population,
    ReadOnly,
    list_display=("zone", "year", "inhabitants"),
    list_select_related=("zone",),
    search_fields=("zone__code",),
    show_full_result_count=False,
)
admin.site.register(Publication, ReadOnly, list_display=("at", "event", "subject", "by"))
admin.site.register(
    Report,
    ReadOnly,
    list_display=("queued_at", "level", "code", "name", "language", "state", "percent", "error"),
    list_filter=("state", "language"),
    ordering=("-queued_at",),
    exclude=("client",),
)
admin.site.register(
    ZoneBatch,
    ReadOnly,
    list_display=("number", "run", "state", "attempts", "seconds", "error"),
    list_filter=("state",),
    list_select_related=("run",),
    exclude=("zones",),
)
admin.site.register(
    AuditEntry,
    ReadOnly,
    list_display=("at", "account", "event", "name", "zone_set", "details"),
    list_filter=("event",),
    search_fields=("name", "account", "zone_set"),
)
