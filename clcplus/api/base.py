"""What views do alike: those that read published data, and those that know the account."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView
from sqlalchemy import Connection

from analytics import queries
from analytics.records import Territory
from clcplus import access, snapshots
from clcplus.http import parameters
from clcplus.http.cors import close_to_other_sites, open_to_other_sites
from clcplus.http.errors import NothingHere
from clcplus.models import ZoneSet
from clcplus.snapshots import Snapshot, freshness


class ApiView(APIView):
    """An address that pages of other sites may read."""

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        open_to_other_sites(response, self.allowed_methods)
        if response.status_code == 405:
            response["Allow"] = ", ".join(self.allowed_methods)
        return response


class PublishedView(ApiView):
    """Reads published data in one snapshot; open to everybody; 304 where nothing has changed."""

    authentication_classes = ()
    permission_classes = ()
    http_method_names: Sequence[str] = ("get", "head", "options")
    seconds_in_proxy = 5
    """How long the proxy may keep an answer that is the same for everybody (ops/nginx.conf); 0
    where requests are counted."""
    parameters: Collection[str] = ()
    """Names of the parameters that the address takes (:func:`clcplus.api.operations.published`)."""

    def get(self, request: Request, **address: Any) -> HttpResponseBase:
        parameters.only(request, self.parameters)
        # The level of the address, or of a bulk table.
        self.showing = access.shown_layer(request, address.get("level", request.GET.get("level")))
        with snapshots.opened(showing=self.showing) as snapshot:
            tag = freshness.data_tag(request, snapshot, str(request.accepted_media_type))
            response = freshness.not_modified(request, tag)
            if response is None:
                if named := parameters.named_editions(request):
                    queries.show_superseded(snapshot.connection, named)
                response = self.read(request, snapshot, **address)
        self.tag = tag
        return response

    def read(self, request: Request, snapshot: Snapshot, **address: Any) -> HttpResponseBase:
        """The response, from what the snapshot holds."""
        raise NotImplementedError

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        if response.status_code in {200, 304} and hasattr(self, "tag"):
            freshness.revalidate(response, self.tag)
            patch_vary_headers(response, ("Accept",))
        if getattr(self, "showing", None) is not None:
            access.keep_private(request, response)
        elif response.status_code == 200 and self.seconds_in_proxy:
            response["X-Accel-Expires"] = str(self.seconds_in_proxy)
        return response


def found_territory(
    connection: Connection, *, level: str, code: str, vintage: int | None = None
) -> Territory:
    """The territory of an address; NothingHere, with the levels, where there is none."""
    found = queries.territory(connection, level=level, code=code, vintage=vintage)
    if found is not None:
        return found
    levels = queries.level_slugs(connection)
    if level not in levels:
        raise NothingHere(
            f"level {level!r} does not exist; levels: {', '.join(levels) or 'none'}", levels=levels
        )
    of = "" if vintage is None else f" of {vintage}"
    raise NothingHere(f"no territory of level {level!r}{of} has the code {code!r}")


class ReadOrStaff(BasePermission):
    """Everybody may read; an account of staff may change."""

    def has_permission(self, request: Request, view: object) -> bool:
        return request.method in SAFE_METHODS or bool(request.user and request.user.is_staff)


class AccountView(ApiView):
    """An address that knows the account, by ``Authorization: Bearer`` or by the session of the
    pages; without either the request is a reader's.

    No cache keeps an answer to an account. Pages of other sites see it only if they have sent the
    account's token.
    """

    # The first names the challenge of 401.
    authentication_classes = (access.BearerToken, SessionAuthentication)

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        """Answer a browser that asks without a token what it may send (OPTIONS)."""
        if request.method == "OPTIONS":
            self.authentication_classes = self.permission_classes = ()  # type: ignore[assignment]
        return super().initialize_request(request, *args, **kwargs)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        if access.account(request) is not None or access.shared_tokens(request):
            response["Cache-Control"] = "private, no-store"
            close_to_other_sites(request, response)
        else:
            response.headers.setdefault("Cache-Control", "no-cache")
        patch_vary_headers(response, ("Accept", "Authorization", "Cookie"))
        return response


def readable_set(request: Request, id: Any) -> ZoneSet:
    """A set that a request may read. Raises NothingHere for any other, as if it did not exist."""
    found = ZoneSet.objects.select_related("layer", "owner").filter(pk=id).first()
    if found is None or not access.may_read(request, found):
        raise NothingHere(f"no set of zones has the id {id}, or it is not published")
    return found


def own_set(request: Request, id: Any) -> ZoneSet:
    """A set that a request may change. Raises NothingHere, or PermissionDenied for one of another
    account that everybody may read."""
    found = readable_set(request, id)
    if not access.may_change(request, found):
        raise PermissionDenied("this set of zones is another account's")
    return found
