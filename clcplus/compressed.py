"""Bodies that are compressed once and sent as they are kept."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

QUICKLY = 1
"""A tenth of the time of the best, a tenth larger: for what is made while a reader waits."""
_ACCEPTS_GZIP = re.compile(r"\bgzip\b")


@dataclass(frozen=True, slots=True)
class Compressed:
    """A body by gzip, and its media type."""

    body: bytes
    content_type: str

    @classmethod
    def of(cls, content: bytes, content_type: str, *, level: int) -> Compressed:
        """A plain body, compressed."""
        return cls(gzip.compress(content, level, mtime=0), content_type)

    def response(self, request: HttpRequest) -> HttpResponse:
        """The body as the reader takes it."""
        if _ACCEPTS_GZIP.search(request.META.get("HTTP_ACCEPT_ENCODING", "")):
            response = HttpResponse(self.body, content_type=self.content_type)
            response["Content-Encoding"] = "gzip"
        else:
            response = HttpResponse(gzip.decompress(self.body), content_type=self.content_type)
        response["Content-Length"] = str(len(response.content))
        patch_vary_headers(response, ("Accept-Encoding",))
        return response
