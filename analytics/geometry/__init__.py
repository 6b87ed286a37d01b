"""Plane geometry: areas by the even-odd rule, sides of a line, reference systems."""
