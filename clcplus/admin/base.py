"""Who may do what in the admin, and what its pages share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.exceptions import DisallowedModelAdminToField
from django.contrib.admin.options import TO_FIELD_VAR
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from analytics.errors import ExplainedError
from clcplus.errors import PlatformError
from clcplus.models import Run
from clcplus.presentation.refusals import refusal_text


class PageAdmin(admin.ModelAdmin):
    """A model with pages of its own."""

    def page_response(
        self, request: HttpRequest, template: str, *, title: str, **context: Any
    ) -> HttpResponse:
        """A page of the model, rendered by a template of ``admin/clcplus``."""
        shared = self.admin_site.each_context(request)
        shared |= {"title": title, "opts": self.model._meta}
        return render(request, f"admin/clcplus/{template}", shared | context)


class ReadOnly(PageAdmin):
    """Rows that only actions may write."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_superuser_permission(self, request: HttpRequest) -> bool:
        """Whether a user may start, stop and publish."""
        return bool(request.user.is_superuser)


@contextmanager
def errors_as_messages(request: HttpRequest) -> Iterator[None]:
    """Show an error of an action as a message of the page."""
    try:
        yield
    except PlatformError as error:
        messages.error(request, refusal_text(error))


def request_run(
    request: HttpRequest, form: forms.Form, action: Callable[..., Run], **fields: Any
) -> HttpResponse | None:
    """Start a run as a sent form says, and go to its page. Without a run, the form has errors."""
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        run = action(**fields, **form.cleaned_data, by=request.user)
    except ExplainedError as error:
        form.add_error(None, refusal_text(error))
        return None
    return redirect("job", id=run.pk)


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
