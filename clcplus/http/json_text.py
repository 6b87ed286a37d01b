"""JSON from a request, read so that no text of it can end a web process or reach a database that
cannot take it: UTF-8, each member once, numbers as floats, no NUL and no half surrogate pairs."""

from __future__ import annotations

import json
from collections import Counter
from typing import IO, Any

from rest_framework.parsers import BaseParser

from analytics.uploads import storable, texts_in
from clcplus.http.errors import BadDocument, BodyTooLarge

_SHOWN = 60


class JsonText(BaseParser):
    """For the REST framework: a short document, that says what is to be done with something."""

    media_type = "application/json"
    longest = 64_000
    """Bytes of a body."""

    def parse(self, stream: IO[bytes], *args: Any, **options: Any) -> Any:
        body = stream.read(self.longest + 1)
        if len(body) > self.longest:
            raise BodyTooLarge(
                f"body: found more than {self.longest} bytes; expected at most so many",
                largest_bytes=self.longest,
            )
        return document(body, expected="JSON")


def document(body: bytes, *, expected: str) -> Any:
    """The document of a body; ``expected`` names it in what is said of others.

    Raises BadDocument.
    """
    text = _text(body, expected)
    parsed = _parsed(text, expected)
    # Both signs can only come from an escape.
    if "\\u" in text and not all(map(storable, texts_in(parsed))):
        raise BadDocument(
            "body: found a text with NUL or half of a surrogate pair; expected Unicode"
        )
    return parsed


def _text(body: bytes, expected: str) -> str:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadDocument(
            f"body: found bytes that are not UTF-8 at byte {error.start}; expected JSON in UTF-8"
        ) from error
    if not text.strip():
        raise BadDocument(f"body: found nothing; expected {expected}")
    return text


class _Refused(ValueError):
    """What JSON, or good use of it, does not have."""


def _parsed(text: str, expected: str) -> Any:
    try:
        return json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            # Whole numbers of any length, read in a time that grows with their length only.
            parse_int=float,
        )
    except _Refused as error:
        raise BadDocument(f"body: found {error}") from error
    except json.JSONDecodeError as error:
        raise BadDocument(
            f"body: found text that is not JSON in line {error.lineno}, column {error.colno} "
            f"({error.msg}); expected {expected}",
            line=error.lineno,
            column=error.colno,
        ) from error
    except RecursionError as error:
        raise BadDocument(
            f"body: found arrays or objects within each other, hundreds deep; expected {expected}, "
            "which has ten levels at most"
        ) from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise _Refused(f"the member {twice[:_SHOWN]!r} twice in one object; expected it once")
    return members


def _no_constant(name: str) -> Any:
    raise _Refused(f"{name}, which JSON does not have; expected numbers")
