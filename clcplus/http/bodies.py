"""Bodies of requests, refused by their headers before any of them is read.

:mod:`clcplus.request_text` has refused lengths that are no number of at most 18 digits.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest

from clcplus.http.errors import WrongMediaType

_SHOWN = 60


def check_media_type(
    request: HttpRequest, allowed: Sequence[str], *, expected: str, content: str
) -> None:
    """Raises WrongMediaType for another media type, or a body that is compressed.

    ``expected`` and ``content`` name the media types and the content in the message.
    """
    media_type = request.content_type or ""
    if media_type not in allowed:
        raise WrongMediaType(
            f"Content-Type: found {media_type[:_SHOWN] or 'none'}; expected {expected}",
            allowed=list(allowed),
        )
    encoding = request.headers.get("Content-Encoding", "identity")
    if encoding.lower() != "identity":
        raise WrongMediaType(
            f"Content-Encoding: found {encoding[:_SHOWN]}; expected none. Send the {content} as it "
            "is"
        )
