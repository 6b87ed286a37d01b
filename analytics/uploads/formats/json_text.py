"""JSON as programs write it: one document, or texts one after the other; each fault has a place."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from analytics.uploads.errors import UploadError, refusal

_RECORD_SEPARATOR = "\x1e"
"""Before each text of a sequence (RFC 8142)."""
_LINE_END = re.compile(r"\r\n|\r|\n")
_NOT_FINITE = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|(NaN|-?Infinity)', re.DOTALL)
"""Texts, so that what stands in them is passed over, and the numbers that JSON does not have."""


class NotFinite(float):
    """NaN or Infinity where a number of JSON should stand, and the line where it does."""

    line = 0


class Repeated(dict[str, Any]):
    """An object that has a member more than once; the last one is taken, as all readers do."""

    names: tuple[str, ...] = ()


def parsed(content: str) -> list[Any]:
    """The document, or the texts of a sequence. Raises UploadError, which names the line."""
    if _RECORD_SEPARATOR in content:  # no JSON has it, not even in its texts
        pieces = list(_pieces(content, re.compile(_RECORD_SEPARATOR)))
        return [_parsed(piece, content) for piece in pieces]
    try:
        return [_parsed(_Piece(0, 1, content), content)]
    except UploadError as error:
        lines = list(_pieces(content, _LINE_END))
        if error.code != "geojson-syntax" or not _are_texts(lines):
            raise
    return [_parsed(line, content) for line in lines]


def _are_texts(lines: list[_Piece]) -> bool:
    """Whether lines are a text each: those of one document seldom begin and end an object."""
    whole = sum(line.text.lstrip()[0] == "{" and line.text.rstrip()[-1] == "}" for line in lines)
    return len(lines) > 1 and 2 * whole >= len(lines)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of the content, and the position and line where it begins."""

    start: int
    line: int
    text: str


def _pieces(content: str, separator: re.Pattern[str]) -> Iterator[_Piece]:
    """What lies between separators and is not blank."""
    start, line = 0, 1
    ends = [*(match.span() for match in separator.finditer(content)), (len(content), len(content))]
    for end, following in ends:
        text = content[start:end]
        if text.strip():
            yield _Piece(start, line, text)
        line += len(_LINE_END.findall(content[start:following]))
        start = following


def _parsed(piece: _Piece, content: str) -> Any:
    constants: list[NotFinite] = []

    def constant(name: str) -> NotFinite:
        constants.append(NotFinite(name))
        return constants[-1]

    try:
        document = json.loads(
            piece.text, parse_constant=constant, object_pairs_hook=_object, parse_int=_whole
        )
    except RecursionError as error:
        raise refusal("geojson-depth", "JSON nested far too deep") from error
    except json.JSONDecodeError as error:
        line, column = _place(content, piece.start + error.pos)
        raise refusal(
            "geojson-syntax", f"JSON that breaks off or goes wrong in line {line}, column {column}"
        ) from error
    if constants:
        _number_lines(constants, piece)
    return document


def _place(content: str, position: int) -> tuple[int, int]:
    line, begins = 1, 0
    for match in _LINE_END.finditer(content, 0, position):
        line, begins = line + 1, match.end()
    return line, position - begins + 1


def _number_lines(constants: list[NotFinite], piece: _Piece) -> None:
    """Say of each constant in which line it stands: they come in the order of the text."""
    places = [match.start(1) for match in _NOT_FINITE.finditer(piece.text) if match[1]]
    ends = [match.end() for match in _LINE_END.finditer(piece.text)]
    for constant, place in zip(constants, places, strict=True):
        constant.line = piece.line + bisect_right(ends, place)


def _whole(digits: str) -> int | float:
    """A whole number; infinity where it has thousands of digits, which Python does not read."""
    try:
        return int(digits)
    except ValueError:
        return float("-inf" if digits.startswith("-") else "inf")


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(members)
    if len(record) == len(members):
        return record
    names = [name for name, _ in members]
    repeated = Repeated(record)
    repeated.names = tuple(name for name in record if names.count(name) > 1)
    return repeated
