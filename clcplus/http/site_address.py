"""Absolute addresses of the site, in links, files and answers.

They begin with SITE_URL, whatever host a request names: nobody can write another address into a
page that others get. Without SITE_URL (development) they begin with the host of the request.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.utils.encoding import iri_to_uri
from rest_framework.request import Request

_USUAL_PORT = {"http": "80", "https": "443"}


def origin(request: HttpRequest | Request) -> str:
    """Scheme, host and port of the site."""
    if settings.SITE_URL:
        return str(settings.SITE_URL)
    plain: HttpRequest = getattr(request, "_request", request)
    scheme = str(plain.scheme)
    host, _port = split_domain_port(plain.get_host())
    port = plain.get_port() if not settings.HTTPS else _USUAL_PORT["https"]
    return f"{scheme}://{host}" if port == _USUAL_PORT.get(scheme) else f"{scheme}://{host}:{port}"


def absolute(request: HttpRequest | Request, path: str | None = None) -> str:
    """The absolute address of a path of the site; of the request itself where none is given."""
    if path is None:
        path = request.get_full_path()
    return f"{origin(request)}{iri_to_uri(path)}"
