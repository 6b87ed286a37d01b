"""`/.well-known/security.txt` (RFC 9116): whom to tell of a weakness of this site."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from clcplus.http.cors import open_to_other_sites
from clcplus.http.problems import reading_only
from clcplus.site_address import absolute, origin

_VALID = timedelta(days=180)
"""The standard wants a date less than a year away: the page is made anew at each request."""


@reading_only
def security_txt(request: HttpRequest) -> HttpResponseBase:
    """The contact that the operator has named; else the address that RFC 2142 reserves for this."""
    host = urlsplit(origin(request)).hostname
    contact = settings.SECURITY_CONTACT or f"mailto:security@{host}"
    end = datetime.combine(datetime.now(UTC).date() + _VALID, time(), UTC)
    lines = [
        f"Contact: {contact}",
        f"Expires: {end:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(code[:2] for code, _ in settings.LANGUAGES)}",
        f"Canonical: {absolute(request, request.path)}",
    ]
    response = HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    open_to_other_sites(response)
    return response
