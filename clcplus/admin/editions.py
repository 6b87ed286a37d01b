"""Editions in the admin: ingest, publish, withdraw."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.html import format_html

from clcplus.actions.editions import ingest_request, publication
from clcplus.admin.base import ReadOnly, errors_as_messages, request_run
from clcplus.models import Edition, EditionCheck
from clcplus.presentation.checks import GRADES


class IngestForm(forms.Form):
    """What an administrator says to ingest an edition from the inbox."""

    names = forms.MultipleChoiceField(
        label="Rasters", help_text="Files and folders in the inbox of this server."
    )
    year = forms.IntegerField(label="Reference year", min_value=1990, max_value=2100)
    product = forms.SlugField(initial="clcplus")
    missing = forms.CharField(
        required=False,
        help_text="Further codes that stand for cells that were not observed, such as 0.",
    )
    publish = forms.BooleanField(
        required=False, help_text="Show it to readers as soon as it is counted."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = self.fields["names"]
        assert isinstance(choices, forms.MultipleChoiceField)
        choices.choices = [(name, name) for name in ingest_request.inbox_entries()]

    def clean_missing(self) -> list[int]:
        """The codes as numbers."""
        try:
            codes = [int(word) for word in self.cleaned_data["missing"].replace(",", " ").split()]
        except ValueError:
            raise forms.ValidationError("Codes are whole numbers, parted by spaces.") from None
        if any(not 0 <= code <= 255 for code in codes):
            raise forms.ValidationError("Codes lie between 0 and 255.")
        return codes


@admin.register(Edition)
class EditionAdmin(ReadOnly):
    """Editions, with the actions that ingest, publish and withdraw them."""

    list_display = (
        "slug",
        "product_name",
        "year",
        "origin",
        "status",
        "last_check",
        "loaded_at",
        "published_at",
    )
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

    def get_queryset(self, request: HttpRequest) -> QuerySet[Edition]:
        last = EditionCheck.objects.filter(edition=OuterRef("pk"))
        return super().get_queryset(request).annotate(grade=Subquery(last.values("grade")[:1]))

    @admin.display(description="last check")
    def last_check(self, edition: Edition) -> str:
        """What the last check says, with the way to its page."""
        grade = getattr(edition, "grade", None)
        if grade is None:
            return "–"
        address = reverse("edition_checks", args=(edition.slug,))
        return format_html('<a href="{}">{}</a>', address, GRADES.get(grade, grade))

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
