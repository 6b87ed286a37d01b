"""Formats of vector files: which one a file has, and layers as they are stored."""
