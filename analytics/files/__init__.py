"""Tables of counts as files of text."""

from analytics.files import replacement, tidy
from analytics.files.csv_tables import read_table
from analytics.files.formulas import harmless, harmless_at_start
from analytics.files.strict_tables import StrictTable, printable, read_strict_table, shown

__all__ = [
    "StrictTable",
    "harmless",
    "harmless_at_start",
    "printable",
    "read_strict_table",
    "read_table",
    "replacement",
    "shown",
    "tidy",
]
