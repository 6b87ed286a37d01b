"""Exact counts: which cells lie in which zone, and how many of them have which class."""

# These are modules. They load when they are imported: all but `kernel_cache` load Numba.
__all__ = [
    "kernel_cache",
    "overview",
    "scanline",
    "tiles",
    "zone_cells",
]
