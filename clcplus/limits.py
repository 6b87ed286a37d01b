"""Rates for what is costly to make: workbooks, PNG pictures, GeoPackages, bulk tables; and for
areas that are counted at once.

One count for each client over all files, another over areas, kept in the cache. Pages, tiles, small
tables and what a reader has already are not counted.
"""

from __future__ import annotations

import logging
import math
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest
from redis.exceptions import RedisError
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

logger = logging.getLogger(__name__)


class _Costly(SimpleRateThrottle):
    """The framework's sliding window; it takes the client's address from ``X-Forwarded-For`` only
    behind as many proxies as ``NUM_PROXIES`` names."""

    scope = "costly"

    def get_rate(self) -> str | None:
        return f"{settings.DOWNLOADS_PER_MINUTE}/min" if settings.DOWNLOADS_PER_MINUTE else None

    def get_cache_key(self, request: Any, view: object) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


def spend(request: HttpRequest | Request) -> None:
    """Count something costly that is about to be made; ``Throttled`` where the client has had its
    share of this minute. Who is signed in is not counted; nobody is while the cache is down."""
    plain: HttpRequest = getattr(request, "_request", request)
    if plain.method == "HEAD" or _signed_in(plain):
        return
    throttle = _Costly()
    try:
        allowed = throttle.allow_request(plain, None)  # type: ignore[arg-type]
    except RedisError:
        logger.warning("the cache cannot be reached: downloads are not counted", exc_info=True)
        return
    if not allowed:
        raise Throttled(math.ceil(throttle.wait() or 1), _said())


class _PostedZones(SimpleRateThrottle):
    """Areas posted by a client without an account, by its address."""

    scope = "posted-zones"
    number = "POSTED_ZONES_PER_MINUTE"

    def get_rate(self) -> str | None:
        number = getattr(settings, self.number)
        return f"{number}/min" if number else None

    def get_cache_key(self, request: Any, view: object) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


class _PostedZonesOfAccount(_PostedZones):
    """Areas posted by an account, wherever from."""

    scope = "posted-zones-of-account"
    number = "POSTED_ZONES_PER_MINUTE_SIGNED_IN"

    def get_ident(self, request: Any) -> str:
        return str(get_user(request).pk)


def spend_posted_zone(request: HttpRequest | Request) -> None:
    """Count an area that is about to be counted without being stored; ``Throttled`` where the
    client has had its share of this minute. Nobody is counted while the cache is down."""
    plain: HttpRequest = getattr(request, "_request", request)
    throttle = _PostedZonesOfAccount() if _signed_in(plain) else _PostedZones()
    try:
        allowed = throttle.allow_request(plain, None)  # type: ignore[arg-type]
    except RedisError:
        logger.warning("the cache cannot be reached: areas are not counted", exc_info=True)
        return
    if not allowed:
        number = getattr(settings, throttle.number)
        raise Throttled(math.ceil(throttle.wait() or 1), f"more than {number} areas in a minute.")


def _signed_in(request: HttpRequest) -> bool:
    """By the session, since addresses of the API that are open to everybody look for nobody; it is
    left alone where there is none, so that caches may share the answer."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES and get_user(request).is_authenticated


def _said() -> str:
    number = settings.DOWNLOADS_PER_MINUTE
    return f"more than {number} large downloads in a minute from this address."
