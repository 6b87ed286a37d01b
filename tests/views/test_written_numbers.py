"""The server writes numbers as the scripts of the pages do: both are held to one table, which
frontend/tests/numbers.test.js reads as well."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.conf import settings
from django.utils import translation

from clcplus.presentation import numbers
from ops.layout import ROOT

WRITERS = {
    "number": numbers.number,
    "signed": numbers.signed,
    "per_cent": numbers.per_cent,
    "percent": numbers.percent,
    "hectares": numbers.hectares,
    "file_size": numbers.file_size,
    "square_kilometres": numbers.square_kilometres,
}
TABLE: list[dict[str, Any]] = json.loads(
    (ROOT / "frontend" / "tests" / "written_numbers.json").read_text()
)


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
@pytest.mark.parametrize(
    "row", TABLE, ids=lambda row: f"{row['function']}-{row['value']}-{row.get('digits')}"
)
def test_numbers_are_written_as_in_the_table(row: dict[str, Any], language: str) -> None:
    digits = {"digits": row["digits"]} if "digits" in row else {}
    with translation.override(language):
        assert WRITERS[row["function"]](row["value"], **digits) == row[language]
