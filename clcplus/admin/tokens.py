"""Tokens in the admin: made, shown once, revoked.

A token has the rights of its account. Accounts with the permission make tokens for themselves;
only superusers see and make those of other accounts.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from clcplus.actions import api_tokens
from clcplus.admin.base import PageAdmin
from clcplus.models import ApiToken
from clcplus.models.api_token import Scope, reading

_SHOWN = (
    "name",
    "account",
    "is_for",
    "begins",
    "created_at",
    "expires_at",
    "used_on",
    "state",
)


class TokenForm(forms.ModelForm):
    """The form to make a token."""

    days = forms.IntegerField(
        min_value=1,
        max_value=api_tokens.MOST_DAYS,
        initial=api_tokens.DAYS,
        label="Days until it expires",
    )

    scopes = forms.MultipleChoiceField(
        choices=Scope.choices,
        initial=reading,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Every token reads. Give it no more than its program needs.",
    )

    class Meta:
        model = ApiToken
        fields = ("account", "name", "scopes")


@admin.register(ApiToken)
class ApiTokenAdmin(PageAdmin):
    """Tokens, with the action that revokes them. They cannot be changed."""

    form = TokenForm
    list_display = _SHOWN
    list_select_related = ("account",)
    search_fields = ("name", "account__username")
    actions = ("revoke",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        """All of them for superusers, else one's own."""
        found = super().get_queryset(request)
        return found if request.user.is_superuser else found.filter(account_id=request.user.pk)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Whether a user may revoke the tokens that are listed."""
        return super().has_change_permission(request)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("account", "name", "scopes", "days") if obj is None else _SHOWN

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else self.get_fields(request, obj)

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **options: Any) -> Any:
        """The accounts that a token may be made for."""
        field = super().formfield_for_foreignkey(db_field, request, **options)
        if field is not None and db_field.name == "account":
            field.initial = request.user.pk
            if field.queryset is not None and not request.user.is_superuser:
                field.queryset = field.queryset.filter(pk=request.user.pk)
        return field

    def save_model(self, request: Any, obj: ApiToken, form: Any, change: bool) -> None:
        """Make the token; its key is kept only for the answer."""
        if change or not (request.user.is_superuser or obj.account_id == request.user.pk):
            raise PermissionDenied
        token, key = api_tokens.create(
            account=obj.account,
            name=obj.name,
            scopes=form.cleaned_data["scopes"],
            days=form.cleaned_data["days"],
            by=request.user.get_username(),
        )
        obj.pk, obj.expires_at, obj.beginning = token.pk, token.expires_at, token.beginning
        obj.scopes = token.scopes
        request.META["clcplus.new_key"] = key

    def response_add(
        self, request: HttpRequest, obj: ApiToken, post_url_continue: str | None = None
    ) -> HttpResponse:
        """The page with the key, which is shown once: it stands in no message and no address."""
        key = request.META["clcplus.new_key"]
        return self.page_response(
            request, "apitoken/made.html", title="API token made", token=obj, key=key
        )

    @admin.display(description="for")
    def is_for(self, token: ApiToken) -> str:
        """What it is for."""
        return ", ".join(token.scopes)

    @admin.display(description="begins with")
    def begins(self, token: ApiToken) -> str:
        """The beginning of the key, to recognise it by."""
        return f"{token.beginning}…"

    @admin.action(description="Revoke the selected tokens", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        for token in queryset:
            api_tokens.revoke(token=token, by=request.user.get_username())
            messages.success(request, f"{token}: revoked")
