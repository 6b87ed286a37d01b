"""Bounds of the classes that maps shade territories and squares in."""

BREAKS = (0.02, 0.05, 0.10, 0.20, 0.40)
"""Lower bounds of the classes of sealed share after the first, which starts at nought."""
CHANGE_BREAKS = (-0.5, -0.1, 0.1, 0.5, 1.0)
"""Lower bounds of the classes of net change after the first, in percentage points. Land is sealed
far more often than freed: there is one class more of it."""
PER_INHABITANT_BREAKS = (150, 300, 500, 800, 1500)
"""Lower bounds of the classes of sealed square metres per inhabitant after the first."""
