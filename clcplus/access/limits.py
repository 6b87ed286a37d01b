"""Rates for costly files (workbooks, PNG pictures, GeoPackages, bulk tables), and for areas that
are counted at once. A token that opens nothing is refused: its sender wants an account's quota.
"""

from __future__ import annotations

import math

from django.conf import settings
from django.http import HttpRequest
from rest_framework.exceptions import Throttled
from rest_framework.request import Request

from clcplus import access
from clcplus.access.rates import Rate

_MINUTE = 60.0


def spend(request: HttpRequest | Request) -> None:
    """Count something costly that is about to be made; ``Throttled`` where the client has had its
    share of this minute. Who has an account is not counted."""
    number = settings.DOWNLOADS_PER_MINUTE
    if request.method == "HEAD" or access.authenticated(request) is not None:
        return
    _take(
        Rate("costly", number, _MINUTE),
        request,
        f"more than {number} large downloads in a minute from this address.",
    )


def spend_posted_zone(request: HttpRequest | Request) -> None:
    """Count an area that is about to be counted without being stored; ``Throttled`` where the
    client, by account or else by address, has had its share of this minute."""
    if access.authenticated(request) is None:
        number = settings.POSTED_ZONES_PER_MINUTE
    else:
        number = settings.POSTED_ZONES_PER_MINUTE_SIGNED_IN
    rate = Rate("posted-zones", number, _MINUTE)
    _take(rate, request, f"more than {number} areas in a minute.")


def _take(rate: Rate, request: HttpRequest | Request, refusal: str) -> None:
    if rate.number == 0:
        return
    waiting = rate.take(access.client(request))
    if waiting:
        raise Throttled(math.ceil(waiting), refusal)
