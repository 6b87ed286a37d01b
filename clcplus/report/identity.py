"""What a report is made of, as one number: the same request leads to the same report."""

from __future__ import annotations

import functools
import hashlib
import uuid
from pathlib import Path

from django.conf import settings

from clcplus.api.freshness import code_version
from clcplus.views.published import release as release_of_pages


@functools.cache
def release() -> str:
    """A name of what makes reports: the code, the templates, and the reports' own style."""
    style = Path(__file__).with_name("report.css").read_bytes()
    parts = (code_version().encode(), release_of_pages().encode(), style)
    return hashlib.sha256(b"\n".join(parts)).hexdigest()[:16]


def identity(
    *,
    data: str,
    release: str,
    site: str,
    level: str,
    code: str,
    vintage: int,
    earlier: str,
    later: str,
    language: str,
) -> uuid.UUID:
    """The id of a report; whether the data are synthetic is part of what it says."""
    parts = (data, release, site, level, code, str(vintage), earlier, later, language)
    text = "\n".join((*parts, str(settings.DEMONSTRATION)))
    return uuid.uuid5(uuid.NAMESPACE_URL, text)
