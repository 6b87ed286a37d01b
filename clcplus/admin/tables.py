"""Tables that the admin only lists, and levels, whose names may be changed there."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from clcplus.admin.base import ReadOnly
from clcplus.models import (
    AuditEntry,
    EditionCheck,
    FilteredPair,
    Layer,
    Level,
    Notice,
    Population,
    Publication,
    ReferenceSample,
    Report,
    Unit,
    WatchedFile,
    Zone,
    ZoneBatch,
    ZoneSet,
)


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
admin.site.register(
    WatchedFile,
    ReadOnly,
    list_display=("name", "size", "since", "taken", "run", "reported"),
    list_filter=("taken", "place"),
    list_select_related=("run",),
    search_fields=("name",),
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
    list_display=("at", "account", "event", "subject", "name", "key", "details"),
    list_filter=("event", "subject"),
    search_fields=("name", "account", "key"),
)
admin.site.register(
    FilteredPair,
    ReadOnly,
    list_display=("__str__", "filtered_at"),
    list_select_related=("earlier", "later"),
)
admin.site.register(
    ReferenceSample,
    ReadOnly,
    list_display=("name", "stage", "design", "points_total", "owner", "created_at"),
    list_filter=("stage", "design"),
    list_select_related=("owner",),
)
admin.site.register(
    EditionCheck,
    ReadOnly,
    list_display=("edition", "grade", "against", "at", "decision", "decided_by", "reason"),
    list_filter=("grade", "decision"),
    list_select_related=("edition", "against", "decided_by"),
)
admin.site.register(
    Notice,
    ReadOnly,
    list_display=("event", "channel", "edition", "state", "tries", "due_at", "sent_at", "error"),
    list_filter=("state", "channel", "event"),
    list_select_related=("edition",),
)
