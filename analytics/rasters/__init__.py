"""Rasters of classes: inspected, read by window, written, stored."""
