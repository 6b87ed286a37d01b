"""What a reader can ask wrongly; :mod:`clcplus.http.problems` makes answers of these errors."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

from analytics.records import Edition
from clcplus.origins import ACROSS, PARAMETER


class RequestError(Exception):
    """Base of what a request asks wrongly: one sentence, and members for the problem document.

    The member ``action`` says what to do; without it the answer says what helps at the ``status``.
    """

    status = HTTPStatus.BAD_REQUEST

    def __init__(self, detail: str, **members: Any) -> None:
        self.detail = detail
        self.members = members
        super().__init__(detail)


class BadParameter(RequestError):
    """A parameter that is unknown or has a value that it cannot have."""

    def __init__(
        self, parameter: str, *, found: object, allowed: Sequence[str] | str, action: str = ""
    ) -> None:
        shown = allowed if isinstance(allowed, str) else ", ".join(allowed)
        super().__init__(
            f"{parameter}: found {found!r}; expected {shown}",
            parameter=parameter,
            allowed=allowed if isinstance(allowed, str) else list(allowed),
            action=action or f"Give {parameter} a value that is allowed, or leave it out.",
        )


class UnknownParameter(BadParameter):
    """A parameter that the address does not have."""

    def __init__(self, name: str, *, allowed: Collection[str], none: str = "no parameter") -> None:
        super().__init__(
            name,
            found=name,
            allowed=sorted(allowed) or none,
            action="Correct the name of the parameter, or leave it out.",
        )


class MissingParameter(BadParameter):
    """A parameter that has to be given, and is not."""

    def __init__(self, name: str, *, allowed: Sequence[str] | str) -> None:
        super().__init__(name, found=None, allowed=allowed, action=f"Add {name} to the address.")


class NotAcceptable(RequestError):
    """A header ``Accept`` that excludes every format of the address."""

    status = HTTPStatus.NOT_ACCEPTABLE

    def __init__(self, media_types: Sequence[str]) -> None:
        shown = ", ".join(media_types)
        super().__init__(
            f"Accept: found no format that the address has; expected one of {shown}",
            allowed=list(media_types),
            action="Accept one of these media types, or leave the header out.",
        )


class NothingHere(RequestError):
    """An address, level, territory, edition, page or tile that does not exist."""

    status = HTTPStatus.NOT_FOUND


class UnusablePair(RequestError):
    """Two editions between which no change can be computed."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


class AcrossOrigins(RequestError):
    """Change between editions of different origin that nobody has asked for by name."""

    status = HTTPStatus.CONFLICT

    @classmethod
    def of(cls, earlier: Edition, later: Edition) -> AcrossOrigins:
        """The refusal of a pair, with the parameter that has it shown."""
        return cls(
            f"{earlier.slug} is {earlier.origin} and {later.slug} is {later.origin}: most of what "
            "differs between them are the different errors of the two, not the ground. With "
            f"{PARAMETER}={ACROSS} the change is counted nevertheless",
            parameter=PARAMETER,
            allowed=[ACROSS],
            action=f"Choose editions of one origin, or add {PARAMETER}={ACROSS}.",
        )


class BadDocument(RequestError):
    """A body that is not JSON."""


class BodyTooLarge(RequestError):
    """A body of more bytes than are read."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class LengthRequired(RequestError):
    """A body that does not say how long it is."""

    status = HTTPStatus.LENGTH_REQUIRED


class WrongMediaType(RequestError):
    """A body of another media type, or encoded."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong in a document ``at`` a place, which is a JSON Pointer (RFC 6901)."""

    at: str
    found: str
    expected: str
    hint: str


class UncountableArea(RequestError):
    """A document that is JSON, and no area that can be counted."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, findings: Sequence[Finding], **members: Any) -> None:
        first = findings[0]
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        super().__init__(
            f"{first.at or 'document'}: found {first.found}; expected {first.expected}. "
            f"{first.hint}{more}",
            errors=[{"index": n, **asdict(finding)} for n, finding in enumerate(findings)],
            action=f"{first.hint}.",
            **members,
        )


class ForeignReferenceSystem(RequestError):
    """GeoJSON in another reference system than its standard allows, and nobody has named it."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


class AccountFull(RequestError):
    """More than one account may keep."""

    status = HTTPStatus.CONFLICT
