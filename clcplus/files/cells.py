"""Cells of files that spreadsheets open: what is told of their text, and numbers as a spreadsheet
of continental Europe reads them."""

from __future__ import annotations

from decimal import Decimal

from clcplus.files.tidy import Value

TEXT_NOTE = (
    "Where a formula could begin in a code or name, which is at its start or after a separator, "
    "an apostrophe stands before the sign (= + - @), so that no spreadsheet calculates it; XLSX, "
    "JSON, Parquet, GeoJSON and GeoPackage have it as it is."
)
"""What :func:`analytics.files.formulas.harmless` does, told to who reads a file."""


def with_comma(value: Value) -> str:
    """A number with a decimal comma, never with an exponent; empty where there is none."""
    if value is None:
        return ""
    return format(Decimal(repr(value)), "f").replace(".", ",")
