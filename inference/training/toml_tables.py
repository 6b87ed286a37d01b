"""Tables of a TOML file as dataclasses: pydantic reads them, and what is wrong is one line."""

from __future__ import annotations

import dataclasses
import difflib
import json
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, PlainValidator, TypeAdapter, ValidationError, ValidationInfo
from pydantic_core import ErrorDetails

from inference.errors import ConfigurationError

Table = TypeVar("Table")

_EXPECTED = {
    "int_type": "a whole number",
    "float_type": "a number",
    "string_type": "text",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dataclass_type": "a table",
}
_UNKNOWN, _MISSING = "unexpected_keyword_argument", "missing"


def _from_folder(value: object, info: ValidationInfo[Path]) -> Path:
    if isinstance(value, Path):
        return value
    if not isinstance(value, str) or not value:
        raise ValueError("a path")
    return info.context / value


def _several(value: object) -> object:
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


FilePath = Annotated[Path, PlainValidator(_from_folder)]
"""A path, taken from the folder of the TOML file."""
FilePaths = Annotated[tuple[FilePath, ...], BeforeValidator(_several)]
"""Several of them; one file reads better than a list of one."""


def from_table(table: Mapping[str, Any], kind: type[Table], *, file: Path) -> Table:
    """``table`` as a ``kind``, a dataclass of plain types, tuples, paths and such dataclasses.

    A dataclass may refuse its values with ConfigurationError. Raises ConfigurationError, which
    names the file and the key.
    """
    try:
        # Read as JSON, arrays are tuples and tables are dataclasses, and nothing else is converted.
        return TypeAdapter(kind).validate_json(
            json.dumps(table, default=str), strict=True, extra="forbid", context=file.parent
        )
    except ValidationError as error:
        raise _refusal(error.errors(), kind, file=file) from None


def _refusal(errors: Sequence[ErrorDetails], kind: type, *, file: Path) -> ConfigurationError:
    """The first of the errors; unknown keys before missing ones, which they may explain."""
    order = (_UNKNOWN, _MISSING)
    first = min(errors, key=lambda e: order.index(e["type"]) if e["type"] in order else len(order))
    place, said = list(first["loc"]), first.get("ctx", {}).get("error")
    if first["type"] in order:
        key = place.pop()
    if first["type"] == _UNKNOWN:
        names = [field.name for field in dataclasses.fields(_table_at(place, kind))]
        near = difflib.get_close_matches(str(key), names, n=1)
        found = f"an unknown key {key!r}"
        expected = f"{near[0]!r}" if near else f"one of {', '.join(names)}"
    elif first["type"] == _MISSING:
        found, expected = f"no {key!r}", "it to be there"
    elif isinstance(said, ConfigurationError):
        place, found, expected = [*place, said.subject], said.found, said.expected
    else:
        found, expected = repr(first["input"]), _EXPECTED.get(first["type"]) or str(said)
    parts = [f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in place]
    where = "".join(parts).removeprefix(".")
    subject = f"{file.name}, {where}" if where else file.name
    return ConfigurationError(subject, found=found, expected=expected)


def _table_at(place: Sequence[int | str], kind: Any) -> Any:
    """The dataclass of the table at a place in a table of ``kind``."""
    for part in place:
        if isinstance(part, int):
            kind = typing.get_args(kind)[0]
        else:
            kind = typing.get_type_hints(kind)[part]
    return kind
