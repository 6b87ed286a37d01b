"""Who is let in to the page of a set: its readers, and whoever follows its share link."""

from __future__ import annotations

import uuid
from datetime import timedelta
from http import HTTPStatus

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clcplus import access
from clcplus.models import ZoneSet

KEPT = timedelta(days=30)
"""How long a browser keeps what it followed; the link itself is good until it is revoked."""


def _sets() -> QuerySet[ZoneSet]:
    """All sets, without what is large and of the check alone."""
    return ZoneSet.objects.defer("reading", "refusal", "choice")


def readable(request: HttpRequest, id: uuid.UUID) -> ZoneSet | None:
    """The set of an address, where the request may see it; until its zones are accepted only who
    decides on them may."""
    found = _sets().select_related("layer__level", "owner").filter(pk=id).first()
    if found is None:
        return None
    accepted = found.stage == ZoneSet.Stage.ACCEPTED
    allowed = access.may_read if accepted else access.may_change
    return found if allowed(request, found) else None


def set_of_level(level: str) -> ZoneSet | None:
    """The set whose zones a level has; whether the reader may see it is asked of the level."""
    return _sets().select_related("layer").filter(layer__level__slug=level).first()


@never_cache
def gone(request: HttpRequest) -> HttpResponse:
    """What is said of a set that there is not, and of one that the reader may not see: the same."""
    return render(request, "zones/set_gone.html", {"section": "zones"}, status=HTTPStatus.NOT_FOUND)


@never_cache
@require_safe
def zone_set_shared(request: HttpRequest, token: str) -> HttpResponse:
    """Follow a share link: from now on this browser may read the set."""
    found = _sets().filter(share_token=token).first()
    if found is None:
        return gone(request)
    response = redirect("zone_set", found.pk)
    held = [token, *(other for other in access.shared_tokens(request) if other != token)]
    response.set_cookie(
        access.SHARE_COOKIE,
        ".".join(held[: access.MOST_SHARED]),
        max_age=int(KEPT.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    # The address is the key: no page that it leads to is told of it.
    response["Referrer-Policy"] = "no-referrer"
    return response
