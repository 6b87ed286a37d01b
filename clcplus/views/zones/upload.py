"""New zones: a file, a drawing or a pasted text, from staff; checked by a worker."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from analytics.errors import StoreError
from analytics.uploads import MEGABYTE, LimitMet
from clcplus import access
from clcplus.actions.zone_sets import received_files
from clcplus.errors import QuotaReached
from clcplus.presentation.numbers import shape_area
from clcplus.views.maps.background import drawing_context
from clcplus.views.zones.forms import FORMS, LONGEST_TEXT, FileForm

_AROUND = 16_000
"""Bytes of a request beside those of its file: names, boundaries, a drawing."""
_READ_IN_VAIN = 4
"""Times the limit that is still read of too large a file, so that its sender is told why."""
_CHUNK = 1 << 20


@csrf_exempt  # the form is checked below, once its size is known
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The three ways to send zones; with POST, what was sent."""
    user = access.account(request)
    if user is None or not user.is_staff:
        return _closed(request, user)
    if request.method != "POST":
        return _page(request, FileForm())
    if _too_large(request):
        return _too_large_page(request, FileForm())
    return _received(request, user)


def _closed(request: HttpRequest, user: Any) -> HttpResponse:
    address = reverse("admin:login")
    context = {
        "section": "zones",
        "account": user,
        "sign_in": f"{address}?{urlencode({'next': reverse('zone_set_new')})}",
    }
    return render(request, "zones/new_closed.html", context, status=HTTPStatus.FORBIDDEN)


def _too_large(request: HttpRequest) -> bool:
    """Whether a request is larger than any that could be taken. It is read to its end, within
    reason, and thrown away: a browser shows no answer to what it could not finish sending."""
    size = request.headers.get("Content-Length", "")
    most = settings.UPLOAD_MEGABYTES * MEGABYTE + _AROUND
    # Numbers of thousands of digits are refused before (clcplus.request_text).
    if not size.isdecimal() or int(size) <= most:
        return False
    left = min(int(size), _READ_IN_VAIN * most)
    while left > 0 and (chunk := request.read(min(left, _CHUNK))):
        left -= len(chunk)
    return True


@csrf_protect
def _received(request: HttpRequest, user: Any) -> HttpResponse:
    kind = FORMS.get(request.POST.get("kind", ""), FileForm)
    form = kind(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=HTTPStatus.BAD_REQUEST)
    name = form.cleaned_data["name"]
    try:
        received = received_files.receive(owner=user, name=name, **form.sent())
    except LimitMet:
        return _too_large_page(request, form)
    except QuotaReached as error:
        response = _page(request, form, trouble=_quota(error), status=HTTPStatus.TOO_MANY_REQUESTS)
        if error.retry_seconds is not None:
            response["Retry-After"] = str(error.retry_seconds)
        return response
    except StoreError:
        trouble = _("The file could not be stored just now. Nothing was kept; try again.")
        return _page(request, form, trouble=trouble, status=HTTPStatus.SERVICE_UNAVAILABLE)
    address = received.zone_set.get_absolute_url()
    return redirect(address if received.created else f"{address}?again=1")


def _too_large_page(request: HttpRequest, form: Any) -> HttpResponse:
    trouble = _(
        "The file is larger than %(n)s MB, the most that is taken. Simplify it, or split it."
    ) % {"n": settings.UPLOAD_MEGABYTES}
    return _page(request, form, trouble=trouble, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def _quota(error: QuotaReached) -> str:
    if error.retry_seconds is not None:
        minutes = -(-error.retry_seconds // 60)
        return _(
            "This account has sent %(n)s uploads within an hour, the most that it may."
            " It may send the next in %(minutes)s minutes."
        ) % {"n": settings.UPLOADS_PER_HOUR, "minutes": minutes}
    return _(
        "This account keeps as many zones as it may (%(sets)s sets, %(zones)s zones)."
        " Delete a set that is no longer needed."
    ) % {"sets": settings.ZONE_SETS_PER_ACCOUNT, "zones": settings.ZONES_PER_ACCOUNT}


def _page(request: HttpRequest, form: Any, *, trouble: str = "", status: int = 200) -> HttpResponse:
    kind = next(name for name, one in FORMS.items() if type(form) is one)
    context = {
        "section": "zones",
        "kind": kind,
        "form": form,
        "trouble": trouble,
        "errors": [error for found in form.errors.values() for error in found],
        **drawing_context(_("Map to draw on")),
        **limits(),
    }
    return render(request, "zones/new.html", context, status=status)


def limits() -> dict[str, Any]:
    """The limits of an upload, as templates take them."""
    return {
        "megabytes": settings.UPLOAD_MEGABYTES,
        "most_bytes": settings.UPLOAD_MEGABYTES * MEGABYTE,
        "most_zones": settings.UPLOAD_ZONES,
        "most_vertices": settings.UPLOAD_VERTICES,
        "most_area": shape_area(settings.UPLOAD_KM2 * 1e6),
        "longest_text": LONGEST_TEXT,
    }
