"""Cells over several editions: patterns and their counts."""

from analytics.change.patterns import Pattern

# `pattern_counts` loads Numba when it is imported.
__all__ = [
    "Pattern",
    "pattern_counts",
    "patterns",
]
