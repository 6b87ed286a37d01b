"""Records from JSON that somebody else has written: each value is what its field declares."""

from __future__ import annotations

import math
import re
import types
from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

Decoder = Callable[[Any], Any]

_DEEPEST = 20
_SURROGATE = re.compile("[\ud800-\udfff]")


@cache
def decoder(kind: Any) -> Decoder:
    """What makes a value of a type from JSON: a record of a dataclass, for instance. It raises
    ValueError, TypeError, KeyError or AttributeError where the JSON is of another type.

    Texts must be such as a database takes: without NUL, and without halves of surrogate pairs.
    Numbers must be finite.
    """
    origin, arguments = get_origin(kind), get_args(kind)
    make: Any = kind
    if is_dataclass(kind):
        of_fields = {name: decoder(hint) for name, hint in get_type_hints(kind).items()}
        return lambda value: make(**{name: of_fields[name](one) for name, one in value.items()})
    if origin in {Union, types.UnionType}:  # with None
        present = decoder(arguments[0])
        return lambda value: None if value is None else present(value)
    if origin is tuple:
        return _tuple_decoder(arguments)
    if origin is Mapping:
        inner = decoder(arguments[1])
        return lambda value: {_checked(str, key): inner(one) for key, one in value.items()}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    return lambda value: _checked(kind, value)


def _tuple_decoder(arguments: tuple[Any, ...]) -> Decoder:
    members = [decoder(argument) for argument in arguments if argument is not Ellipsis]
    any_length = Ellipsis in arguments

    def decode(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise TypeError("no list")
        of_each = members * len(value) if any_length else members
        return tuple(member(one) for member, one in zip(of_each, value, strict=True))

    return decode


def _checked(kind: Any, value: Any) -> Any:
    if kind is Any:
        fits = _is_plain(value, depth=0)
    elif kind is float:
        fits = _is_number(value)
    elif kind is int:
        fits = isinstance(value, int) and not isinstance(value, bool)
    else:
        fits = isinstance(value, kind) and (kind is not str or storable(value))
    if not fits:
        raise ValueError(f"a value that is not {kind}")
    return value


def _is_plain(value: Any, *, depth: int) -> bool:
    """Whether this is what JSON has, and not deep."""
    if depth > _DEEPEST:
        return False
    if isinstance(value, dict):
        return all(
            isinstance(k, str) and storable(k) and _is_plain(v, depth=depth + 1)
            for k, v in value.items()
        )
    if isinstance(value, list):
        return all(_is_plain(one, depth=depth + 1) for one in value)
    if isinstance(value, str):
        return storable(value)
    return value is None or isinstance(value, bool) or _is_number(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def storable(text: str) -> bool:
    """Whether a text has neither NUL nor half of a surrogate pair: PostgreSQL takes neither."""
    return "\0" not in text and _SURROGATE.search(text) is None
