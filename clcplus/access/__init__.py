"""Accounts, and who may see a set of zones that is not published: its owner, staff, and whoever
has its share link. The right is one of a request and one layer; its snapshot carries it.
"""

from __future__ import annotations

import hmac
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import APIException, AuthenticationFailed, Throttled
from rest_framework.request import Request

from analytics.queries import ShownLayer
from clcplus.access import attempts, clients, scopes
from clcplus.actions import api_tokens
from clcplus.errors import TooManyAttempts
from clcplus.http.cors import close_to_other_sites
from clcplus.models import ApiToken, ZoneSet
from clcplus.models.api_token import digest_of
from clcplus.models.zone_set import SLUG_PREFIX

SHARE_COOKIE = "shared-zones"
"""Tokens of the share links that this browser has followed, the last first."""
MOST_SHARED = 10
_TOKEN = 43
_LEFT_OUT = ("reading", "refusal", "choice")
_FOUND = "clcplus.token"
"""Where a request keeps what its token was found to be."""


class RefusedToken(APIException):
    """A token that opens nothing. Not the framework's own error, which becomes 403 at addresses
    that are open to everybody."""

    status_code = HTTPStatus.UNAUTHORIZED
    auth_header = 'Bearer error="invalid_token"'


class BearerToken(TokenAuthentication):
    """The accounts' tokens (:class:`clcplus.models.ApiToken`) in the header ``Authorization``."""

    keyword = "Bearer"

    def authenticate(self, request: Any) -> tuple[Any, ApiToken] | None:
        """The account and its token, looked up once for a request; None without such a header.
        Raises RefusedToken, MissingScope, or Throttled after too many wrong tokens from the
        address."""
        plain: HttpRequest = getattr(request, "_request", request)
        if _FOUND not in plain.META:
            try:
                plain.META[_FOUND] = self._looked_up(plain)
            except APIException as error:
                plain.META[_FOUND] = error
        found = plain.META[_FOUND]
        if isinstance(found, APIException):
            raise found
        if found is not None:
            scopes.check(found[1], plain)
        return found

    def _looked_up(self, request: HttpRequest) -> tuple[Any, ApiToken] | None:
        try:
            return super().authenticate(request)  # type: ignore[arg-type]
        except AuthenticationFailed as error:
            raise RefusedToken(error.detail) from None
        except ApiToken.DoesNotExist:
            try:
                attempts.note_wrong_token(address=clients.address(request))
            except TooManyAttempts as error:
                raise Throttled(error.retry_seconds, "too many wrong tokens.") from None
            raise RefusedToken("no account has this token") from None

    def authenticate_credentials(self, key: str) -> tuple[Any, ApiToken]:
        """The framework's hook: the account of a key."""
        token = ApiToken.objects.select_related("account").get(digest=digest_of(key))
        if token.revoked_at is not None:
            raise RefusedToken("this token was revoked")
        if token.expires_at <= timezone.now():
            raise RefusedToken(f"this token expired on {token.expires_at:%Y-%m-%d}")
        if not token.account.is_active:
            raise RefusedToken("the account of this token is not active")
        api_tokens.note_use(token)
        return token.account, token


def authenticated(request: HttpRequest | Request) -> Any:
    """The account that a request is made with, by its token or else its session; None for nobody.
    Raises RefusedToken, MissingScope or Throttled, as :class:`BearerToken` does.

    Sessions are left alone where there is no cookie, so that caches may share the answer.
    """
    plain: HttpRequest = getattr(request, "_request", request)
    user = None
    found = BearerToken().authenticate(plain)
    if found is not None:
        user = found[0]
    elif settings.SESSION_COOKIE_NAME in plain.COOKIES:
        user = get_user(plain)
    return user if user is not None and user.is_authenticated and user.is_active else None


def account(request: HttpRequest | Request) -> Any:
    """The same for what everybody may see: whoever has a token that opens nothing,
    or is not for what the request does, is nobody."""
    try:
        return authenticated(request)
    except APIException:
        return None


def client(request: HttpRequest | Request) -> str:
    """One word for whoever asks, account or address, that names neither."""
    user = account(request)
    plain: HttpRequest = getattr(request, "_request", request)
    name = f"address {clients.address(plain)}" if user is None else f"account {user.pk}"
    return clients.pseudonym(name)


def may_read(request: HttpRequest | Request, zone_set: ZoneSet) -> bool:
    """Whether a request may see a set."""
    return (
        zone_set.published_at is not None
        or may_change(request, zone_set)
        or (bool(zone_set.share_token) and _shared(request, zone_set.share_token))
    )


def may_change(request: HttpRequest | Request, zone_set: ZoneSet) -> bool:
    """Whether a request may accept, publish, share or delete a set: its owner's and staff's."""
    user = account(request)
    return user is not None and (user.is_staff or user.pk == zone_set.owner_id)


def shown_layer(request: HttpRequest | Request, level: str | None) -> ShownLayer | None:
    """The layer of an unpublished set that a request may see; None for all other levels."""
    if not level or not level.startswith(SLUG_PREFIX):
        return None
    zone_set = (
        ZoneSet.objects.defer(*_LEFT_OUT)
        .filter(layer__level__slug=level, layer__active=False)
        .first()
    )
    if zone_set is None or zone_set.layer_id is None or not may_read(request, zone_set):
        return None
    return ShownLayer(zone_set.layer_id, f"{zone_set.changed_at.timestamp() * 1_000_000:.0f}")


def keep_private(request: HttpRequest | Request, response: HttpResponseBase) -> None:
    """Let nobody but this reader keep a response with unpublished zones."""
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ("Cookie", "Authorization"))
    close_to_other_sites(request, response)


def shared_tokens(request: HttpRequest | Request) -> list[str]:
    """Tokens of the share links that a request's browser has followed."""
    plain: HttpRequest = getattr(request, "_request", request)
    text = plain.COOKIES.get(SHARE_COOKIE, "")
    return [token for token in text.split(".")[:MOST_SHARED] if len(token) == _TOKEN]


def _shared(request: HttpRequest | Request, token: str) -> bool:
    return any(
        hmac.compare_digest(token.encode(), held.encode()) for held in shared_tokens(request)
    )
