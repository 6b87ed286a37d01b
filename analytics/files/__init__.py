"""Tables of counts as files of text."""

from analytics.files import replacement, tidy
from analytics.files.csv_tables import read_table
from analytics.files.formulas import harmless, harmless_at_start

__all__ = ["harmless", "harmless_at_start", "read_table", "replacement", "tidy"]
