"""Whether a record is what its declaration says: for records that somebody else has written."""

from __future__ import annotations

import math
import re
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

_DEEPEST = 20
_SURROGATE = re.compile("[\ud800-\udfff]")


def check(record: Any) -> None:
    """Raise ValueError where a field of a dataclass, or of one within it, is of another type.

    Texts must be such as a database takes: without NUL, and without halves of surrogate pairs.
    Numbers must be finite.
    """
    kind: Any = type(record)
    for name, hint in _hints(kind).items():
        if not _fits(getattr(record, name), hint):
            raise ValueError(f"{kind.__name__}.{name} is not {hint}")


@cache
def _hints(kind: Any) -> dict[str, Any]:
    known = get_type_hints(kind)
    return {field.name: known[field.name] for field in fields(kind)}


def _fits(value: Any, hint: Any) -> bool:
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Any:
        return _is_plain(value, depth=0)
    if origin in {Union, types.UnionType}:
        return any(_fits(value, one) for one in arguments)
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        if arguments[-1] is Ellipsis:
            return all(_fits(one, arguments[0]) for one in value)
        return len(value) == len(arguments) and all(map(_fits, value, arguments))
    if origin is Mapping:
        key, inner = arguments
        return isinstance(value, dict) and all(
            _fits(k, key) and _fits(v, inner) for k, v in value.items()
        )
    if is_dataclass(hint):
        if not isinstance(value, hint):  # type: ignore[arg-type]
            return False
        check(value)
        return True
    if hint is float:
        return _is_number(value)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, hint) and (not isinstance(value, str) or storable(value))


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
