"""The OpenAPI schema of the API, and a page made from that schema."""

from __future__ import annotations

import functools
import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request

from clcplus.http import site_address
from clcplus.http.cors import open_to_other_sites
from clcplus.http.problems import reading_only

_METHODS = ("get", "post", "patch", "delete")


class SchemaView(SpectacularAPIView):
    """The OpenAPI 3 schema, as YAML or JSON; made once, since it takes half a second."""

    authentication_classes = ()
    permission_classes = ()

    def _get_schema_response(self, request: Request) -> HttpResponse:
        renderer: Any = request.accepted_renderer
        charset = f"; charset={renderer.charset}" if renderer.charset else ""
        kind: Any = type(renderer)
        response = HttpResponse(
            _of_this_site(request, rendered_schema(kind)),
            content_type=f"{renderer.media_type}{charset}",
        )
        name = self._get_filename(request, "")
        response["Content-Disposition"] = f'inline; filename="{name}"'
        return response

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        open_to_other_sites(response)
        patch_vary_headers(response, ("Accept",))
        return response


@functools.cache
def published_schema() -> dict[str, Any]:
    """The schema, kept in the process: it describes the code, in the language of the API."""
    # Not in the language that the first request asks for.
    with translation.override(settings.LANGUAGE_CODE):
        return dict(SchemaGenerator().get_schema(request=None, public=True))


@functools.cache
def rendered_schema(renderer: Any) -> bytes:
    """The schema as a renderer writes it, kept in the process."""
    rendered: str | bytes = renderer().render(published_schema(), renderer_context={})
    return rendered.encode() if isinstance(rendered, str) else rendered


def _of_this_site(request: HttpRequest | Request, text: bytes) -> bytes:
    """A text with the address of the site that is asked, where examples and servers stand."""
    return text.replace(settings.SITE_OF_EXAMPLES.encode(), site_address.origin(request).encode())


def _operations(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Operations in the order of their addresses, as the page lists them."""
    return [
        {
            **operation,
            "method": method.upper(),
            "path": path,
            "description": _inline(operation.get("description", "")),
            "parameters": [
                {
                    **parameter,
                    "description": _inline(parameter.get("description", "")),
                    "kind": _bounded(parameter.get("schema", {})),
                }
                for parameter in operation.get("parameters", ())
            ],
            "bodies": _bodies(operation, schema["components"]["schemas"]),
            "samples": [sample["source"] for sample in operation.get("x-codeSamples", ())],
            "answers": [
                {
                    "status": status,
                    "types": [
                        {"media_type": kind, "shape": _reference(content.get("schema", {}))}
                        for kind, content in answer.get("content", {}).items()
                    ],
                }
                for status, answer in operation["responses"].items()
            ],
        }
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if method in _METHODS
    ]


def _inline(text: str) -> list[dict[str, Any]]:
    """A text in pieces; what stands between backticks is code, as Markdown has it."""
    pieces = enumerate(text.split("`"))
    return [{"text": piece, "code": bool(number % 2)} for number, piece in pieces if piece]


def _bounded(about: dict[str, Any]) -> str:
    """The type of a parameter, with its bounds."""
    kind = str(about.get("type", ""))
    if "minimum" in about and "maximum" in about:
        return f"{kind}, {about['minimum']} to {about['maximum']}"
    if "maxLength" in about:
        return f"{kind} of up to {about['maxLength']} characters"
    return kind


def _bodies(operation: dict[str, Any], schemas: dict[str, Any]) -> list[dict[str, Any]]:
    """What an operation takes, by media type, with an example where it has one."""
    contents = operation.get("requestBody", {}).get("content", {})
    return [
        {
            "media_type": media_type,
            "shape": (shape := _reference(content.get("schema", {}))),
            "description": schemas.get(shape, {}).get("description", ""),
            "examples": [
                json.dumps(example["value"], ensure_ascii=False)
                for example in content.get("examples", {}).values()
            ],
        }
        for media_type, content in contents.items()
    ]


def _shapes(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects of the schema with their fields."""
    return [
        {
            "name": name,
            "description": _inline(shape.get("description", "")),
            "values": shape.get("enum", []),
            "fields": [
                {
                    "name": field,
                    "kind": _kind(about),
                    "shape": _reference(about),
                    "null": about.get("nullable", False),
                    "description": _inline(about.get("description", "")),
                }
                for field, about in shape.get("properties", {}).items()
            ],
        }
        for name, shape in schema["components"]["schemas"].items()
    ]


def _reference(about: dict[str, Any]) -> str:
    target = about.get("items", about)
    for part in (target, *target.get("allOf", ()), *target.get("oneOf", ())):
        if "$ref" in part:
            return str(part["$ref"]).rsplit("/", 1)[-1]
    return ""


def _kind(about: dict[str, Any]) -> str:
    kind = str(about.get("format") or about.get("type") or "object")
    return "list" if about.get("type") == "array" else kind


@reading_only
def docs(request: HttpRequest) -> HttpResponse:
    """The API's page: works without JavaScript and without any other server."""
    schema = json.loads(_of_this_site(request, json.dumps(published_schema()).encode()))
    context = {
        "info": schema["info"],
        "operations": _operations(schema),
        "shapes": _shapes(schema),
    }
    response = render(request, "api/docs.html", context)
    open_to_other_sites(response)
    return response
