"""What the owner of an accepted set and staff do with it: each is a form of its page."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from clcplus import access
from clcplus.actions.zone_sets import computation, set_publication
from clcplus.errors import UnknownZoneSet, WrongState
from clcplus.models import ZoneSet
from clcplus.views.zones import results
from clcplus.views.zones.share_links import gone, readable


class _Refused(Exception):
    """What cannot be done as it was asked, in the reader's language."""


def _publish(request: HttpRequest, zone_set: ZoneSet, by: Any) -> None:
    if not request.POST.get("sure"):
        raise _Refused(_("Confirm first that every reader may see this set."))
    try:
        set_publication.publish(zone_set=zone_set, by=by)
    except WrongState:
        raise _Refused(
            _(
                "Its zones are still being counted: a set is published once its figures are"
                " complete."
            )
        ) from None


def _withdraw(request: HttpRequest, zone_set: ZoneSet, by: Any) -> None:
    try:
        set_publication.withdraw(zone_set=zone_set, by=by)
    except WrongState:
        raise _Refused(_("This set is not published.")) from None


def _share(request: HttpRequest, zone_set: ZoneSet, by: Any) -> None:
    set_publication.share(zone_set=zone_set, by=by)


def _revoke(request: HttpRequest, zone_set: ZoneSet, by: Any) -> None:
    set_publication.revoke(zone_set=zone_set, by=by)


def _rename(request: HttpRequest, zone_set: ZoneSet, by: Any) -> None:
    try:
        set_publication.rename(zone_set=zone_set, by=by, name=request.POST.get("name", ""))
    except WrongState:
        raise _Refused(_("A set needs a name.")) from None


def _delete(request: HttpRequest, zone_set: ZoneSet, by: Any) -> None:
    if not request.POST.get("sure"):
        raise _Refused(_("Confirm first that the set and all of its figures are to be removed."))
    set_publication.delete(zone_set=zone_set, by=by)


def _cancel(request: HttpRequest, zone_set: ZoneSet, by: Any) -> None:
    try:
        computation.cancel(zone_set=zone_set, by=by)
    except WrongState:
        raise _Refused(_("The computation has ended already.")) from None


def _resume(request: HttpRequest, zone_set: ZoneSet, by: Any) -> None:
    """Go on with what is left; of a computation that has ended, try the zones again that failed."""
    try:
        computation.resume(zone_set=zone_set, by=by)
    except WrongState:
        raise _Refused(_("These zones are being counted already.")) from None


_Act = Callable[[HttpRequest, ZoneSet, Any], None]
ACTIONS: dict[str, _Act] = {
    "publish": _publish,
    "withdraw": _withdraw,
    "share": _share,
    "revoke": _revoke,
    "rename": _rename,
    "delete": _delete,
    "cancel": _cancel,
    "resume": _resume,
}


@never_cache
def zone_set_act(request: HttpRequest, id: uuid.UUID, action: str) -> HttpResponse:
    """Do what a form of the page asks for, and lead back to the page."""
    act = ACTIONS.get(action)
    if act is None:
        raise Http404
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    found = readable(request, id)
    if found is None or found.stage != ZoneSet.Stage.ACCEPTED:
        return gone(request)
    if not access.may_change(request, found):
        return gone(request)
    try:
        act(request, found, access.account(request))
    except UnknownZoneSet:
        # Another request has deleted it since this one looked.
        return gone(request)
    except _Refused as refused:
        return results.page(request, found, trouble=str(refused), status=HTTPStatus.CONFLICT)
    if action == "delete":
        return redirect(f"{reverse('zone_sets')}?deleted=1")
    here = "" if action in {"cancel", "resume"} else "#manage"
    return redirect(f"{found.get_absolute_url()}{here}")
