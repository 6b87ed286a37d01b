"""A bare number in a template is a coordinate or a width of a drawing: it keeps its point.

Figures are written by clcplus/presentation/numbers.py, in the language's habit.
"""

DECIMAL_SEPARATOR = "."
# E is the month as it stands after a day: października, not październik.
DATE_FORMAT = "j E Y"
DATETIME_FORMAT = "j E Y, H:i"
