"""Addresses of the API that know who asks: by a token, or by the session of the pages."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.cache import patch_vary_headers
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from clcplus import access
from clcplus.http.cors import close_to_other_sites, open_to_other_sites
from clcplus.http.errors import NothingHere
from clcplus.http.negotiation import Negotiation
from clcplus.models import ZoneSet


class ReadOrStaff(BasePermission):
    """Everybody may read; an account of staff may change."""

    def has_permission(self, request: Request, view: object) -> bool:
        return request.method in SAFE_METHODS or bool(request.user and request.user.is_staff)


class AccountView(APIView):
    """Who asks says so by ``Authorization: Bearer``, or has a session; who does not is a reader.

    What an account is told is kept by nobody, and told to no page of another site, save to one that
    has sent the account's token.
    """

    # The first names the challenge of 401.
    authentication_classes = (access.BearerToken, SessionAuthentication)
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = Negotiation

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        """A browser asks without a token what it may send (OPTIONS): it is told."""
        if request.method == "OPTIONS":
            self.authentication_classes = self.permission_classes = ()  # type: ignore[assignment]
        return super().initialize_request(request, *args, **kwargs)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        open_to_other_sites(response, self.allowed_methods)
        if access.account(request) is not None or access.shared_tokens(request):
            response["Cache-Control"] = "private, no-store"
            close_to_other_sites(request, response)
        else:
            response.headers.setdefault("Cache-Control", "no-cache")
        patch_vary_headers(response, ("Accept", "Authorization", "Cookie"))
        if response.status_code == 405:
            response["Allow"] = ", ".join(self.allowed_methods)
        return response


def readable_set(request: Request, id: Any) -> ZoneSet:
    """A set that a request may read; NothingHere for any other, as for one that never was."""
    found = ZoneSet.objects.select_related("layer", "owner").filter(pk=id).first()
    if found is None or not access.may_read(request, found):
        raise NothingHere(f"no set of zones has the id {id}, or it is not published")
    return found


def own_set(request: Request, id: Any) -> ZoneSet:
    """A set that a request may change. Raises NothingHere, or PermissionDenied for one of another
    that everybody may read."""
    found = readable_set(request, id)
    if not access.may_change(request, found):
        raise PermissionDenied("this set of zones is another account's")
    return found
