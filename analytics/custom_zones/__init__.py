"""Counts of any area: running sums of inner tiles, and the cells along its border."""

from analytics.change.patterns import Pair
from analytics.custom_zones.batch import ZoneCounts, count_zone, count_zones, load_kernels
from analytics.custom_zones.coverage_fractions import SMALL_M2, sum_fractions, sum_fractions_of_zone

__all__ = [
    "SMALL_M2",
    "Pair",
    "ZoneCounts",
    "count_zone",
    "count_zones",
    "load_kernels",
    "sum_fractions",
    "sum_fractions_of_zone",
]
