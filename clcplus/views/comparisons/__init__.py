"""Territories side by side, as a page and as a file."""
