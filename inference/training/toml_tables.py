"""Tables of a TOML file as dataclasses; a key or value that does not belong there is one line."""

from __future__ import annotations

import dataclasses
import difflib
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from inference.errors import ConfigurationError

Table = TypeVar("Table")

_WORDS = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}


def from_table(table: Mapping[str, Any], kind: type[Table], *, file: Path) -> Table:
    """``table`` as a ``kind``, a dataclass of plain types, paths, tuples and such dataclasses.

    Paths are taken from the file's folder on. Raises ConfigurationError, which names the file and
    the key.
    """
    return typing.cast(Table, _Reader(file).dataclass(table, kind, place=""))


class _Reader:
    def __init__(self, file: Path) -> None:
        self.file = file

    def dataclass(self, table: Any, kind: Any, *, place: str) -> Any:
        if not isinstance(table, Mapping):
            raise self._wrong(place, found=repr(table), expected="a table")
        hints = typing.get_type_hints(kind)
        fields = {f.name: f for f in dataclasses.fields(kind)}
        for key in table:
            if key not in fields:
                near = difflib.get_close_matches(key, fields, n=1)
                raise self._wrong(
                    place,
                    found=f"an unknown key {key!r}",
                    expected=f"{near[0]!r}" if near else f"one of {', '.join(fields)}",
                )
        for name, declared in fields.items():
            optional = (
                declared.default is not dataclasses.MISSING
                or declared.default_factory is not dataclasses.MISSING
            )
            if name not in table and not optional:
                raise self._wrong(place, found=f"no {name!r}", expected="it to be there")
        values = {
            key: self.value(value, hints[key], place=f"{place}.{key}" if place else key)
            for key, value in table.items()
        }
        try:
            return kind(**values)
        except ConfigurationError as error:
            raise self._wrong(
                f"{place}.{error.subject}" if place else error.subject,
                found=error.found,
                expected=error.expected,
            ) from None

    def value(self, value: Any, hint: Any, *, place: str) -> Any:
        if isinstance(hint, types.GenericAlias):
            item = typing.get_args(hint)[0]
            # One file instead of a list of one reads better.
            items = [value] if item is Path and isinstance(value, str) else value
            if not isinstance(items, list):
                raise self._wrong(place, found=repr(value), expected="a list")
            return tuple(
                self.value(part, item, place=f"{place}[{number}]")
                for number, part in enumerate(items, start=1)
            )
        if dataclasses.is_dataclass(hint):
            return self.dataclass(value, hint, place=place)
        if hint is Path:
            if not isinstance(value, str) or not value:
                raise self._wrong(place, found=repr(value), expected="a path")
            return self.file.parent / value
        # A truth value is a whole number to Python, and a whole number is a number to people.
        taken = float(value) if hint is float and type(value) is int else value
        if type(taken) is not hint:
            raise self._wrong(place, found=repr(value), expected=_WORDS[hint])
        return taken

    def _wrong(self, place: str, *, found: str, expected: str) -> ConfigurationError:
        subject = f"{self.file.name}, {place}" if place else self.file.name
        return ConfigurationError(subject, found=found, expected=expected)
