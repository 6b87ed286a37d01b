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

from clcplus.api.code_samples import SAMPLES_MEMBER
from clcplus.http import site_address
from clcplus.http.cors import open_to_other_sites
from clcplus.http.problems import reading_only


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


@reading_only
def docs(request: HttpRequest) -> HttpResponse:
    """The API's page: works without JavaScript and without any other server."""
    schema = json.loads(_of_this_site(request, json.dumps(published_schema()).encode()))
    operations = [
        {
            **operation,
            "method": method.upper(),
            "path": path,
            "samples": operation.get(SAMPLES_MEMBER, ()),
        }
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]
    context = {
        "info": schema["info"],
        "operations": operations,
        "objects": schema["components"]["schemas"],
    }
    response = render(request, "api/docs.html", context)
    open_to_other_sites(response)
    return response
