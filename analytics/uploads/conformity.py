"""Records from JSON that somebody else has written: each value is what its field declares."""

from __future__ import annotations

import math
import re
import types
from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from enum import Enum
from functools import cache, partial
from typing import Any, Union, get_args, get_origin, get_type_hints

Decoder = Callable[[Any], Any]

_DEEPEST = 20
_SURROGATE = re.compile("[\ud800-\udfff]")


@cache
def decoder(kind: Any, *, checked: bool) -> Decoder | None:
    """What makes a value of a type, such as a dataclass, from JSON; None where it stays as it is.

    If it is ``checked``, because somebody else has written it, each value must be of its declared
    type. Texts must be such as a database takes: without NUL, and without halves of surrogate
    pairs. Numbers must be finite. It raises ValueError, TypeError, KeyError or AttributeError.
    """
    origin, arguments = get_origin(kind), get_args(kind)
    make: Any = kind
    if is_dataclass(kind):
        of_fields = {
            name: decode
            for name, hint in get_type_hints(kind).items()
            if (decode := decoder(hint, checked=checked)) is not None
        }

        def record(value: Any) -> Any:
            known = dict(value)
            for name, decode in of_fields.items():
                if name in known:
                    known[name] = decode(known[name])
            return make(**known)

        return record
    if origin in {Union, types.UnionType}:  # with None
        present = decoder(arguments[0], checked=checked)
        return None if present is None else partial(_optional, present)
    if origin is tuple:
        return _tuple_decoder(arguments, checked=checked)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    if not checked:
        return None
    if origin is Mapping:
        fits = _FITS[arguments[1]]
        return partial(
            _checked, lambda value: all(_is_text(k) and fits(v) for k, v in value.items())
        )
    return partial(_checked, _FITS.get(kind) or (lambda value: isinstance(value, kind)))


def _optional(decode: Decoder, value: Any) -> Any:
    return None if value is None else decode(value)


def _tuple_decoder(arguments: tuple[Any, ...], *, checked: bool) -> Decoder:
    members = [decoder(one, checked=checked) for one in arguments if one is not Ellipsis]
    any_length = Ellipsis in arguments

    def decode(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise TypeError("no list")
        of_each = members * len(value) if any_length else members
        pairs = zip(of_each, value, strict=True)
        return tuple(one if member is None else member(one) for member, one in pairs)

    return decode


def _checked(fits: Callable[[Any], bool], value: Any) -> Any:
    if not fits(value):
        raise ValueError("a value of another type")
    return value


def _is_plain(value: Any, *, depth: int = 0) -> bool:
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


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and storable(value)


def storable(text: str) -> bool:
    """Whether a text has neither NUL nor half of a surrogate pair: PostgreSQL takes neither."""
    return "\0" not in text and (text.isascii() or _SURROGATE.search(text) is None)


_FITS: dict[Any, Callable[[Any], bool]] = {
    Any: _is_plain,
    float: _is_number,
    int: _is_whole,
    str: _is_text,
}
