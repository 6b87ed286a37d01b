"""The table of a Shapefile: a .dbf read record by record, with its texts as bytes."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt

from analytics.uploads.errors import UploadError
from analytics.uploads.formats.code_pages import decoded
from analytics.uploads.formats.dbf_encoding import RawText
from analytics.uploads.formats.raw_layer import value_text

_HEADER = struct.Struct("<B3xIHH17xB2x")
_FIELD = struct.Struct("<11sc4xBB14x")
_END_OF_FIELDS = 0x0D
_DELETED = ord("*")
_WHOLE = re.compile(rb"[+-]?\d+")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the table: its name as bytes, its kind, and where it lies in a record."""

    name: bytes
    kind: str
    start: int
    width: int


@dataclass(frozen=True, slots=True)
class Table:
    """The records of a .dbf, and the fields whose kinds are read."""

    fields: tuple[Field, ...]
    unread: tuple[Field, ...]
    """Fields of pictures, programs and the like."""
    records: npt.NDArray[np.uint8]
    """Bytes by record and place, deleted records among them."""
    language: int
    """The language driver."""
    declared: int
    """Records that the header declares."""

    def deleted(self, count: int) -> npt.NDArray[np.bool_]:
        """Which of the first records are marked as deleted."""
        return np.asarray(self.records[:count, 0] == _DELETED)

    def texts(self, count: int) -> list[RawText]:
        """The different texts beyond ASCII of the first records; else those of field names."""
        found: dict[RawText, None] = {}
        for field in self.fields:
            if field.kind == "C":
                column = self._column(field, count)
                beyond = (column >= 0x80).any(axis=1)
                found |= dict.fromkeys(
                    RawText(value, fills=len(value) == field.width)
                    for value in map(_stripped, _rows(column[beyond]))
                )
        names = (f.name for f in self.fields if not f.name.isascii())
        return list(found) or [RawText(name, fills=len(name) >= 10) for name in names]

    def values(self, field: Field, count: int, *, encoding: str) -> list[str]:
        """A field of the first records, as a person would write it."""
        read = _READ.get(field.kind)
        known: dict[bytes, str] = {}
        values = []
        for raw in _rows(self._column(field, count)):
            if raw not in known:
                known[raw] = value_text(
                    decoded(_stripped(raw), encoding) if read is None else read(raw)
                )
            values.append(known[raw])
        return values

    def _column(self, field: Field, count: int) -> npt.NDArray[np.uint8]:
        return self.records[:count, field.start : field.start + field.width]


def read(path: Path) -> Table:
    """Read a .dbf. Raises UploadError where it is none."""
    return table_in(
        np.memmap(path, dtype=np.uint8, mode="r") if path.stat().st_size else np.empty(0, "u1")
    )


def table_in(content: npt.NDArray[np.uint8]) -> Table:
    """Read the bytes of a .dbf. Raises UploadError where they are none."""
    if len(content) < _HEADER.size:
        raise _damaged("of a few bytes")
    _, declared, header, length, language = _HEADER.unpack(bytes(content[: _HEADER.size]))
    fields = list(_fields(bytes(content[_HEADER.size : header])))
    widths = sum(width for _, _, width, _ in fields)
    if length != widths + 1:
        # Some programs write the upper byte of a text's width in place of its decimals.
        fields = [(n, k, w + 256 * d if k == "C" else w, d) for n, k, w, d in fields]
        widths = sum(width for _, _, width, _ in fields)
    if header > len(content) or length < widths + 1:
        raise _damaged("with fields that are wider than its records")
    present = min(declared, (len(content) - header) // length)
    records = content[header : header + present * length].reshape(present, length)
    placed = []
    start = 1
    for name, kind, width, _ in fields:
        placed.append(Field(name, kind, start, width))
        start += width
    return Table(
        tuple(field for field in placed if _is_read(field)),
        tuple(field for field in placed if not _is_read(field)),
        records,
        language,
        declared,
    )


def _fields(described: bytes) -> Iterator[tuple[bytes, str, int, int]]:
    for place in range(0, len(described) - _FIELD.size + 1, _FIELD.size):
        if described[place] == _END_OF_FIELDS:
            return
        name, kind, width, decimals = _FIELD.unpack_from(described, place)
        yield name.split(b"\0")[0].strip(), kind.decode("latin-1").upper(), width, decimals


def _rows(column: npt.NDArray[np.uint8]) -> list[bytes]:
    width = column.shape[1]
    packed = np.ascontiguousarray(column).tobytes()
    return (
        [packed[n : n + width] for n in range(0, len(packed), width)]
        if width
        else ([b""] * len(column))
    )


def _stripped(raw: bytes) -> bytes:
    return raw.split(b"\0")[0].rstrip(b" ")


def _number(raw: bytes) -> object:
    """Whole numbers to the last digit; what is no number as it is written."""
    text = _stripped(raw).strip()
    if _WHOLE.fullmatch(text):
        return str(int(text))
    written = text.decode("ascii", "replace")
    try:
        return float(text)
    except ValueError:
        return "" if set(written) <= set("*") else written


def _logical(raw: bytes) -> str:
    letter = raw[:1].upper()
    return "True" if letter in {b"T", b"Y"} else "False" if letter in {b"F", b"N"} else ""


def _date(raw: bytes) -> str:
    written = _stripped(raw).strip().decode("ascii", "replace")
    try:
        return date.fromisoformat(written).isoformat()
    except ValueError:
        return "" if not written.strip("0") else written


def _integer(raw: bytes) -> str:
    return str(int.from_bytes(raw, "little", signed=True))


def _double(raw: bytes) -> float:
    return float(struct.unpack("<d", raw)[0])


_READ: Mapping[str, Callable[[bytes], object]] = {
    "N": _number, "F": _number, "L": _logical, "D": _date, "I": _integer, "O": _double,
}  # fmt: skip
_WIDTHS = {"I": 4, "O": 8}


def _is_read(field: Field) -> bool:
    if field.kind in _WIDTHS:
        return field.width == _WIDTHS[field.kind]
    return field.kind == "C" or field.kind in _READ


def _damaged(how: str) -> UploadError:
    return UploadError(
        "unreadable-layer",
        found=f"a .dbf {how}, which is cut off or damaged",
        expected="the table of a Shapefile",
        hint="Pack the files again, or leave the .dbf out: zones are then numbered",
    )
