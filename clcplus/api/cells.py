"""Cells of files that spreadsheets open: text that no program takes for a formula, numbers as a
spreadsheet of continental Europe reads them."""

from __future__ import annotations

from decimal import Decimal

from clcplus.api.tidy import Value

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet calculate a cell instead of showing it."""

TEXT_NOTE = (
    "A code or name that begins with = + - @ has an apostrophe before it, so that no spreadsheet "
    "takes it for a formula; JSON, Parquet, GeoJSON and GeoPackage have it as it is."
)


def harmless(text: str) -> str:
    """Text from outside; with an apostrophe before it where it would start a formula. Names come
    with uploaded layers: one of them must not run anything on a reader's computer."""
    return f"'{text}" if text.startswith(_STARTS) else text


def with_comma(value: Value) -> str:
    """A number with a decimal comma, never with an exponent; empty where there is none."""
    if value is None:
        return ""
    return format(Decimal(repr(value)), "f").replace(".", ",")
