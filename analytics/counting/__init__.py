"""Exact counts: which cells lie in which zone, and how many of them have which class."""
