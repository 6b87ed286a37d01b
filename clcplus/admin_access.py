"""Who may do what in the admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.admin.exceptions import DisallowedModelAdminToField
from django.contrib.admin.options import TO_FIELD_VAR
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class ReadOnly:
    """Rows that only actions may write."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


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
