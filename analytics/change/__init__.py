"""Cells over several editions: patterns and their counts."""
