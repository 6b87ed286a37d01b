"""Published samples that the estimators must reproduce."""

from __future__ import annotations

CLCPLUS_2021 = [
    [2910, 2, 19, 3, 3, 54, 13, 0, 111, 3, 0],
    [2, 4456, 36, 10, 37, 49, 0, 0, 2, 2, 0],
    [4, 39, 5024, 30, 41, 55, 4, 0, 1, 2, 0],
    [7, 16, 24, 1745, 45, 44, 6, 0, 1, 0, 0],
    [12, 30, 114, 99, 3154, 162, 32, 2, 28, 3, 0],
    [48, 42, 124, 53, 111, 6689, 281, 45, 57, 17, 0],
    [10, 0, 8, 21, 14, 125, 5072, 0, 14, 2, 0],
    [0, 2, 1, 0, 1, 28, 0, 464, 14, 0, 0],
    [82, 3, 7, 9, 68, 81, 42, 40, 3601, 40, 10],
    [0, 4, 3, 0, 0, 12, 0, 0, 10, 3508, 0],
    [0, 0, 0, 0, 0, 0, 0, 1, 79, 4, 1210],
]
"""Product user manual of CLC+ Backbone 2021, table 9: rows map, columns reference, 1..11."""
CLCPLUS_2021_KM2 = [
    164291.41,
    972504.79,
    894508.77,
    206503.77,
    265351.77,
    1673943.65,
    1079767.56,
    27033.24,
    233655.77,
    247860.14,
    16544.71,
]
CLCPLUS_CLASSES = [str(code) for code in range(1, 12)]
CLCPLUS_2021_USERS = "93.33 97.00 96.62 92.43 86.74 89.58 96.32 90.98 90.41 99.18 93.51"
CLCPLUS_2021_PRODUCERS = "88.27 97.85 94.56 85.88 81.64 95.42 93.71 66.14 88.78 96.94 96.35"
"""Table 8, per cent."""

OLOFSSON_2014 = [[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]]
"""Olofsson et al. 2014, table 8: deforestation, forest gain, stable forest, stable non-forest."""
OLOFSSON_2014_HECTARES = [cells * 0.09 for cells in (200_000, 150_000, 3_200_000, 6_450_000)]
OLOFSSON_2014_CLASSES = ["deforestation", "forest gain", "stable forest", "stable non-forest"]

STEHMAN_2014 = [
    *[("1", "A", reference) for reference in "AAAAACB"],
    *[("1", "B", reference) for reference in "ABC"],
    ("2", "A", "A"),
    *[("2", "B", reference) for reference in "BBBBBAABB"],
    *[("3", "B", reference) for reference in "CC"],
    *[("3", "C", reference) for reference in "CCCDDB"],
    *[("3", "B", reference) for reference in "BA"],
    *[("4", "D", reference) for reference in "DDDDDDDCCB"],
]
"""Stehman 2014, table 2: stratum, class of the map and of the reference of 40 points."""
STEHMAN_2014_UNITS = {"1": 40_000, "2": 30_000, "3": 20_000, "4": 10_000}
