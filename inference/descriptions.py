"""Descriptions: JSON documents that say what a folder holds, such as a checkpoint or a prediction.

They are read as the records that were written, or refused with what is wrong with them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from inference.errors import InferenceError
from inference.output import write_json

FORMAT = 1

Record = TypeVar("Record")


def write(path: Path, document: dict[str, Any]) -> None:
    """Write a description in one move."""
    write_json(path, {"format": FORMAT, **document})


def document(path: Path, *, of: str, wrong: type[InferenceError], hint: str = "") -> dict[str, Any]:
    """The members of a description ``of`` a checkpoint, say. Raises the error ``wrong``."""
    expected = f"the description of {of} of format {FORMAT}"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise wrong(
            str(path.parent), found=f"no {path.name}", expected=f"the folder of {of}", hint=hint
        ) from None
    except (OSError, ValueError) as error:
        raise wrong(str(path), found=str(error), expected=expected) from None
    form = found.get("format") if isinstance(found, dict) else None
    if form != FORMAT:
        raise wrong(str(path), found=f"format {form!r}", expected=expected)
    return dict(found)


def parsed(
    members: dict[str, Any], kind: type[Record], *, path: Path, wrong: type[InferenceError]
) -> Record:
    """The record that the members of a description make. Raises the error ``wrong``."""
    try:
        return TypeAdapter(kind).validate_python(members)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        found = f"{place}: {first['msg']}" if place else first["msg"]
        raise wrong(str(path), found=found, expected="sound values") from None
