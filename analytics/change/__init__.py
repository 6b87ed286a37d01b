"""Cells over several editions: patterns and their counts."""

from analytics.change.patterns import Pair, Pattern

# The others load Numba when they are imported.
__all__ = [
    "Pair",
    "Pattern",
    "accounts",
    "flicker",
    "joint_counts",
    "pattern_counts",
    "patterns",
    "tile_pass",
]
