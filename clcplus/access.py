"""Who may see a set of zones that is not published: its owner, staff, who has its share link.

Everybody sees published sets, and nothing here is asked for them. The right is that of a request
and of one layer: it is handed to the snapshot that the request reads from, and ends with it.
"""

from __future__ import annotations

import hmac
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from analytics.queries.visible import ShownLayer
from clcplus.models import ZoneSet
from clcplus.models.zone_set import SLUG_PREFIX

SHARE_COOKIE = "shared-zones"
"""Tokens of the share links that this browser has followed, the last first."""
MOST_SHARED = 10
_TOKEN = 43
_LEFT_OUT = ("reading", "refusal", "choice")


class BearerToken(TokenAuthentication):
    """The framework's tokens, with the usual word before them."""

    keyword = "Bearer"


def account(request: HttpRequest | Request) -> Any:
    """The account that a request is made with, by its session or its token; None for nobody.

    Sessions are left alone where there is no cookie, so that caches may share the answer.
    """
    plain: HttpRequest = getattr(request, "_request", request)
    user = None
    if settings.SESSION_COOKIE_NAME in plain.COOKIES:
        user = get_user(plain)
    elif "Authorization" in plain.headers:
        try:
            found = BearerToken().authenticate(plain)  # type: ignore[arg-type]
        except AuthenticationFailed:
            return None
        user = found[0] if found else None
    return user if user is not None and user.is_authenticated and user.is_active else None


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


def keep_private(response: HttpResponseBase) -> None:
    """Let nobody but this reader keep a response with unpublished zones."""
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ("Cookie", "Authorization"))
    del response["Access-Control-Allow-Origin"]


def shared_tokens(request: HttpRequest | Request) -> list[str]:
    """Tokens of the share links that a request's browser has followed."""
    plain: HttpRequest = getattr(request, "_request", request)
    text = plain.COOKIES.get(SHARE_COOKIE, "")
    return [token for token in text.split(".")[:MOST_SHARED] if len(token) == _TOKEN]


def _shared(request: HttpRequest | Request, token: str) -> bool:
    return any(
        hmac.compare_digest(token.encode(), held.encode()) for held in shared_tokens(request)
    )
