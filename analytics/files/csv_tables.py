"""Tables of text: CSV files with a header."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from analytics.errors import MissingField, UnreadableLayer
from analytics.phrases import phrase as _


def read_table(path: Path, fields: Sequence[str]) -> list[dict[str, str]]:
    """Rows of a CSV file in UTF-8 that has these columns. Raises UnreadableLayer, MissingField."""
    if not path.is_file():
        raise UnreadableLayer(str(path), found=_("nothing"), expected=_("a CSV file"))
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows = list(reader)
            present = list(reader.fieldnames or [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableLayer(
            path.name, found=str(error), expected=_("a table with commas, in UTF-8")
        ) from error
    for field in fields:
        if field not in present:
            raise MissingField(
                path.name,
                found=_("columns %(names)s", names=", ".join(present)),
                expected=_("a column %(name)r", name=field),
            )
    return rows
