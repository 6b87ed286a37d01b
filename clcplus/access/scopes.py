"""What a token must be for, by the address that it is sent to: the only place that decides it.

Every token reads what its account may see. Whoever steals one that only reads can change nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from django.http import HttpRequest
from rest_framework.exceptions import APIException

from clcplus.models import ApiToken
from clcplus.models.api_token import Scope

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_ALL = frozenset(Scope)
WRITING: dict[str, frozenset[Scope]] = {
    "api:statistics": frozenset({Scope.ZONES}),
    "api:zones": frozenset({Scope.ZONES}),
    "api:zone-set": frozenset({Scope.ZONES}),
    "api:sample-labels": frozenset({Scope.SAMPLES}),
    "api:job": frozenset({Scope.JOBS}),
}
"""Scopes that a request with another method than those of reading needs. An address that is not
here, such as that of a page, asks for all of them."""


class MissingScope(APIException):
    """A token that is not for what the request does."""

    status_code = HTTPStatus.FORBIDDEN

    def __init__(self, token: ApiToken, *, missing: Sequence[str]) -> None:
        names = ", ".join(missing)
        super().__init__(
            f"this token is for {', '.join(token.scopes)}; expected a token for {names}"
        )
        self.members = {
            "missing_scopes": list(missing),
            "action": f"Make a token with the scope {names}, and send that one.",
        }
        self.auth_header = f'Bearer error="insufficient_scope", scope="{" ".join(missing)}"'


def check(token: ApiToken, request: HttpRequest) -> None:
    """Raise MissingScope for a request that a token is not for."""
    needed = {Scope.READ}
    if request.method not in _READING:
        match = request.resolver_match
        needed |= WRITING.get(match.view_name, _ALL) if match is not None else _ALL
    missing = sorted(needed - set(token.scopes))
    if missing:
        raise MissingScope(token, missing=missing)
