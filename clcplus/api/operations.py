"""Operations in the OpenAPI schema: their parameters and responses, and the names of objects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers

from clcplus.http.problems import CONTENT_TYPE

View = TypeVar("View", bound=type)


class Schema(AutoSchema):
    """The framework's, with the names by which generated clients know the objects."""

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        name = type(serializer).__name__.removesuffix("Serializer")
        return name if name == "Problem" else f"{name}Shape"


class ProblemSerializer(serializers.Serializer[Any]):
    """A problem document (RFC 9457); further members name the parameter and what is allowed."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What was found and what was expected.")
    action = serializers.CharField(help_text="What to do about it.")
    request_id = serializers.CharField(
        required=False, help_text="The id of the request in the site's logs."
    )


def published(
    name: str,
    summary: str,
    document: Any,
    *,
    problems: Sequence[int] = (),
    parameters: Sequence[OpenApiParameter] = (),
    files: dict[str, Any] | None = None,
) -> Callable[[View], View]:
    """Describes the GET of a view; the parameters of its query are those that the view takes.

    ``files`` are the schemas of other media types than JSON.
    """
    responses = documented(document, *problems)
    responses |= {(200, media_type): schema for media_type, schema in (files or {}).items()}

    def described(view: View) -> View:
        taken = [one.name for one in parameters if one.location == OpenApiParameter.QUERY]
        view.parameters = frozenset({*taken, "format"})  # type: ignore[attr-defined]
        get = operation(name, summary, responses, parameters=list(parameters))
        return extend_schema_view(get=get)(view)

    return described


def operation(name: str, summary: str, responses: dict[Any, Any], **more: Any) -> Any:
    """An operation of a view that knows the account."""
    return extend_schema(operation_id=name, summary=summary, responses=responses, **more)


def documented(document: Any, *problem_statuses: int, status: int = 200) -> dict[Any, Any]:
    """Responses of an operation; :mod:`clcplus.api.schema` adds those that every operation has."""
    return {(status, "application/json"): document, **refused(*problem_statuses)}


def refused(*statuses: int) -> dict[Any, Any]:
    """Responses of an operation that are problem documents."""
    return {(status, CONTENT_TYPE): ProblemSerializer for status in statuses}


def query(name: str, description: str, kind: Any = OpenApiTypes.STR, **more: Any) -> Any:
    """A parameter of the query."""
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
WITHIN = query("within", "Only below this territory, such as `region:11`.")
TERRITORIES = (query("level", "Slug of a level.", required=True), WITHIN)
EDITION = query(
    "edition",
    "Slug or year; several separated by commas; by default all. A superseded edition is found by "
    "its slug alone.",
)
PAIR = (
    query("from", "Earlier edition: slug or year; by default the first official one."),
    query("to", "Later edition: slug or year; by default the last official one."),
    query(
        "across",
        "`origins` to have change between editions of different origin, such as from an official "
        "to a modelled one, which is a 409 else: most of what differs between them is how they "
        "err.",
        enum=["origins"],
    ),
)
