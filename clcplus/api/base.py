"""What every address that reads published data does alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView
from sqlalchemy import Connection

from analytics import queries
from analytics.records import Territory
from clcplus import access, freshness, snapshots
from clcplus.http import parameters, problems
from clcplus.http.cors import open_to_other_sites
from clcplus.http.errors import NothingHere
from clcplus.http.negotiation import Negotiation
from clcplus.snapshots import Snapshot


class PublishedView(APIView):
    """Reads published data in one snapshot; open to everybody; 304 where nothing has changed."""

    authentication_classes = ()
    permission_classes = ()
    renderer_classes: tuple[type[BaseRenderer], ...] = (JSONRenderer,)
    content_negotiation_class = Negotiation
    http_method_names: Sequence[str] = ("get", "head", "options")
    parameters: Sequence[str] = ()
    """Names of the parameters that the address has, beyond ``format``."""

    def get(self, request: Request, **address: Any) -> HttpResponseBase:
        parameters.only(request, {*self.parameters, "format"})
        # The level of the address, or of a bulk table.
        self.showing = access.shown_layer(request, address.get("level", request.GET.get("level")))
        with snapshots.opened(showing=self.showing) as snapshot:
            tag = freshness.data_tag(request, snapshot, str(request.accepted_media_type))
            response = freshness.not_modified(request, tag)
            if response is None:
                response = self.read(request, snapshot, **address)
        self.tag = tag
        return response

    def read(self, request: Request, snapshot: Snapshot, **address: Any) -> HttpResponseBase:
        """The response, from what the snapshot holds."""
        raise NotImplementedError

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        open_to_other_sites(response, self.allowed_methods)
        if response.status_code == 405:
            response["Allow"] = ", ".join(self.allowed_methods)
        if response.status_code in {200, 304} and hasattr(self, "tag"):
            response["ETag"] = self.tag
            response["Cache-Control"] = freshness.REVALIDATE
            patch_vary_headers(response, ("Accept",))
        if getattr(self, "showing", None) is not None:
            access.keep_private(request, response)
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


class ProblemSerializer(serializers.Serializer[Any]):
    """A problem document (RFC 9457); further members name the parameter and what is allowed."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What was found and what was expected.")
    action = serializers.CharField(help_text="What to do about it.")


def documented(shape: Any, *problem_statuses: int) -> dict[Any, Any]:
    """Responses of an address, for its schema; :mod:`clcplus.api.schema` adds those that every
    address has."""
    return {(200, "application/json"): shape, **problems_documented(*problem_statuses)}


def problems_documented(*statuses: int) -> dict[Any, Any]:
    """The same for an address that has no document where all goes well."""
    return {(status, problems.CONTENT_TYPE): ProblemSerializer for status in statuses}


def query(name: str, description: str, kind: Any = OpenApiTypes.STR, **more: Any) -> Any:
    """A parameter of an address, for its schema."""
    return OpenApiParameter(name, kind, OpenApiParameter.QUERY, description=description, **more)


def whole(smallest: int, largest: int, *, default: int | None = None) -> dict[str, Any]:
    """The schema of a whole number within bounds."""
    bounds: dict[str, Any] = {"type": "integer", "minimum": smallest, "maximum": largest}
    return bounds if default is None else {**bounds, "default": default}


def text(*, longest: int, shortest: int = 0) -> dict[str, Any]:
    """The schema of a text of so many characters; one that must not be empty is not blank."""
    bounds: dict[str, Any] = {"type": "string", "maxLength": longest}
    return bounds if not shortest else {**bounds, "minLength": shortest, "pattern": r"\S"}


LEVEL = OpenApiParameter("level", str, OpenApiParameter.PATH, description="Slug of a level.")
CODE = OpenApiParameter("code", str, OpenApiParameter.PATH, description="Code; always text.")
VINTAGE = query(
    "vintage", "Year of the boundaries; by default the newest that has the code.", whole(1000, 9999)
)
