"""Why an upload is refused as a whole; what is wrong with one feature is a finding instead."""

from __future__ import annotations

from analytics.errors import AnalyticsError


class UploadError(AnalyticsError):
    """An upload that cannot be used; ``code`` is stable, the text is for a person."""

    def __init__(self, code: str, *, found: str, expected: str, hint: str = "") -> None:
        super().__init__("The file", found=found, expected=expected, hint=hint)
        self.code = code


class LimitMet(UploadError):
    """An upload larger, or taking more to read, than is allowed; ``code`` names the limit."""


class HostileArchive(UploadError):
    """An archive that no ordinary program writes."""
