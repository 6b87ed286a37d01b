"""A bare number in a template is a coordinate or a width of a drawing: it keeps its point.

Figures are written by clcplus/presentation/numbers.py, in the language's habit.
"""

DECIMAL_SEPARATOR = "."
DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j F Y, H:i"
