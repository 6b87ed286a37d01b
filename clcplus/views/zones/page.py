"""The page of a set of zones: one address, from the check of the upload to the figures; and what
the owner of an accepted set and staff do with it, each by a form of the page."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clcplus import access
from clcplus.actions.zone_sets import computation, set_publication
from clcplus.errors import UnknownZoneSet, WrongState
from clcplus.models import ZoneSet
from clcplus.views.zones import results
from clcplus.views.zones.check import pages as check
from clcplus.views.zones.share_links import gone, readable


@require_safe
def zone_set(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """The page that suits the stage of a set."""
    found = readable(request, id)
    if found is None:
        return gone(request)
    if found.stage == ZoneSet.Stage.ACCEPTED:
        return results.page(request, found)
    return check.page(request, found)


@never_cache
@require_safe
def zone_set_progress(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """The part of the page that moves."""
    found = readable(request, id)
    if found is None:
        return gone(request)
    if found.stage == ZoneSet.Stage.ACCEPTED:
        return results.progress(request, found)
    return check.progress(request, found)


@dataclass(frozen=True, slots=True)
class Action:
    """Something that is done with a set, and why it may be refused."""

    work: Callable[..., object]
    unsure: Any = ""
    """What is said where the reader has not confirmed it; empty where nobody has to."""
    wrong_state: Any = ""
    """What is said where the state of the set does not allow it."""


ACTIONS = {
    "publish": Action(
        set_publication.publish,
        unsure=_("Confirm first that every reader may see this set."),
        wrong_state=_(
            "Its zones are still being counted: a set is published once its figures are complete."
        ),
    ),
    "withdraw": Action(set_publication.withdraw, wrong_state=_("This set is not published.")),
    "share": Action(set_publication.share),
    "revoke": Action(set_publication.revoke),
    "rename": Action(set_publication.rename, wrong_state=_("A set needs a name.")),
    "delete": Action(
        set_publication.delete,
        unsure=_("Confirm first that the set and all of its figures are to be removed."),
    ),
    "cancel": Action(computation.cancel, wrong_state=_("The computation has ended already.")),
    # Of a computation that has ended, this tries the zones again that failed.
    "resume": Action(computation.resume, wrong_state=_("These zones are being counted already.")),
}


@never_cache
def zone_set_act(request: HttpRequest, id: uuid.UUID, action: str) -> HttpResponse:
    """Do what a form of the page asks for, and lead back to the page."""
    if action not in ACTIONS:
        raise Http404
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    found, chosen = readable(request, id), ACTIONS[action]
    accepted = found is not None and found.stage == ZoneSet.Stage.ACCEPTED
    if found is None or not accepted or not access.may_change(request, found):
        return gone(request)
    trouble = "" if request.POST.get("sure") else chosen.unsure
    more = {"name": request.POST.get("name", "")} if action == "rename" else {}
    try:
        if not trouble:
            chosen.work(zone_set=found, by=access.account(request), **more)
    except UnknownZoneSet:
        # Another request has deleted it since this one looked.
        return gone(request)
    except WrongState:
        if not chosen.wrong_state:
            raise
        trouble = chosen.wrong_state
    if trouble:
        return results.page(request, found, trouble=str(trouble), status=HTTPStatus.CONFLICT)
    if action == "delete":
        return redirect(f"{reverse('zone_sets')}?deleted=1")
    here = "" if action in {"cancel", "resume"} else "#manage"
    return redirect(f"{found.get_absolute_url()}{here}")
