"""What pages of the admin share: who may do what, actions, links."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.exceptions import DisallowedModelAdminToField
from django.contrib.admin.options import TO_FIELD_VAR
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from clcplus.errors import PlatformError


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that only actions may write."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_superuser_permission(self, request: HttpRequest) -> bool:
        """Whether a user may take the actions that change what readers see or what workers do."""
        return bool(request.user.is_superuser)


def link(text: object, view: str, *parts: Any) -> SafeString:
    """A link to a view."""
    return format_html('<a href="{}">{}</a>', reverse(view, args=parts), text)


def act_on_each(
    request: HttpRequest, chosen: Iterable[Any], action: Callable[[Any], Any], done: str = ""
) -> None:
    """Take an action on each of some rows; a message says what failed, and what is ``done``."""
    for one in chosen:
        try:
            action(one)
        except PlatformError as error:
            messages.error(request, str(error))
        else:
            if done:
                messages.success(request, done.format(one))


def named_fields(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: refuse an empty name of a field, which the framework looks up unchecked."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith("/admin/"):
            for sent in (request.GET, request.POST if request.method == "POST" else {}):
                if sent.get(TO_FIELD_VAR) == "":
                    raise DisallowedModelAdminToField("an object is looked up by a named field")
        return get_response(request)

    return answer
