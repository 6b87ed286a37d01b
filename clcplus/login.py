"""Sign-in with a password: attempts count before the password is checked
(:mod:`clcplus.access.attempts`). Stored sessions name the backend by its path here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from clcplus.access import attempts, clients
from clcplus.errors import TooManyAttempts
from clcplus.http.problems import too_many_page


class CountedBackend(ModelBackend):
    """Django's own backend, which every form and every authenticator asks."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **named: Any,
    ) -> Any:
        """The account of a name and a password, or None. Raises TooManyAttempts."""
        if username is None:
            username = named.get(get_user_model().USERNAME_FIELD)
        if username is None or password is None:
            return None
        # Nobody asks from afar where there is no request.
        where = clients.address(request) if request is not None else "here"
        attempt = attempts.at_password(account=username, address=where)
        user = super().authenticate(request, username=username, password=password)
        if user is None:
            attempt.failed()
        else:
            attempt.succeeded()
        return user

    async def aauthenticate(self, *args: Any, **named: Any) -> Any:
        """The same, so that no door leads round it."""
        return await sync_to_async(self.authenticate)(*args, **named)


def change_password(request: HttpRequest) -> HttpResponseBase:
    """The page of the administration that asks for the old password: a stolen session must not be a
    way to guess it."""
    if request.method != "POST":
        return admin.site.password_change(request)
    attempt = attempts.at_password(
        account=request.user.get_username(), address=clients.address(request)
    )
    response = admin.site.password_change(request)
    if response.status_code == 302:
        attempt.succeeded()
    else:
        attempt.failed()
    return response


class PageOfRefusal:
    """Middleware: whoever has to wait gets 429 and a page that says how long."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        """The page, where that is the error."""
        if not isinstance(error, TooManyAttempts):
            return None
        return too_many_page(request, "429_attempts.html", seconds=error.retry_seconds)
