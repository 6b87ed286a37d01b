"""What lets pages of other sites read from here (CORS)."""

from __future__ import annotations

from django.http.response import HttpResponseBase


def open_to_other_sites(response: HttpResponseBase) -> None:
    """Let pages of other sites read a response that is the same for everybody."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Expose-Headers"] = "ETag, Link, Content-Disposition, Retry-After"
    response["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
    response["Access-Control-Allow-Headers"] = "*"
