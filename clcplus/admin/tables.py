"""Tables that the admin only lists, and levels, whose names may be changed there."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from clcplus.admin.base import ReadOnlyAdmin, link
from clcplus.models import (
    AuditEntry,
    Layer,
    Level,
    Population,
    Publication,
    Report,
    Unit,
    Zone,
    ZoneBatch,
    ZoneSet,
)

_LISTS: dict[Any, dict[str, Any]] = {
    Unit: {
        "list_display": ("tile", "edition", "run", "state", "attempts", "seconds", "error"),
        "list_filter": ("state", "edition"),
        "list_select_related": ("edition", "run"),
    },
    ZoneBatch: {
        "list_display": ("number", "run", "state", "attempts", "seconds", "error"),
        "list_filter": ("state",),
        "list_select_related": ("run",),
        "exclude": ("zones",),
    },
    Layer: {
        "list_display": ("__str__", "active", "aggregated", "source", "imported_at"),
        "list_filter": ("level", "vintage"),
        "list_select_related": ("level",),
    },
    Zone: {
        "list_display": ("code", "name", "layer", "cells"),
        "list_filter": ("layer",),
        "list_select_related": ("layer__level",),
        "search_fields": ("code", "search_name"),
        "exclude": ("geometry",),
        "show_full_result_count": False,
    },
    Population: {
        "list_display": ("zone", "year", "inhabitants"),
        "list_select_related": ("zone",),
        "search_fields": ("zone__code",),
        "show_full_result_count": False,
    },
    Publication: {"list_display": ("at", "event", "subject", "by")},
    Report: {
        "list_display": (
            "queued_at",
            "level",
            "code",
            "name",
            "language",
            "state",
            "percent",
            "error",
        ),
        "list_filter": ("state", "language"),
        "ordering": ("-queued_at",),
        "exclude": ("client",),
    },
    AuditEntry: {
        "list_display": ("at", "account", "event", "name", "zone_set", "details"),
        "list_filter": ("event",),
        "search_fields": ("name", "account", "zone_set"),
    },
}
for _model, _options in _LISTS.items():
    admin.site.register(_model, ReadOnlyAdmin, **_options)


@admin.register(Level)
class LevelAdmin(admin.ModelAdmin):
    """Levels: they come with their zones, and stay for what has been counted."""

    list_display = ("slug", "name", "name_plural", "rank", "parent")
    fields = ("name", "name_plural")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Level]:
        """Without those of zone sets, which are renamed with their set."""
        return super().get_queryset(request).filter(custom=False)


@admin.register(ZoneSet)
class ZoneSetAdmin(ReadOnlyAdmin):
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
        return link(zone_set.name, "zone_set", zone_set.pk)
