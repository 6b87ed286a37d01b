"""Layers of zones: read from files, checked, repaired."""
