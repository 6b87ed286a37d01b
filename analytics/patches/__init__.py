"""Patches of change: connected cells that were sealed, or unsealed, between two editions; and the
filters that accept or reject a patch as a whole."""

from analytics.patches.filters import (
    DEFAULT_FILTER,
    MOST_CONFIDENT,
    PRESETS,
    RAW,
    ChangeFilter,
    InvalidFilter,
    preset_groups,
)

# Most of the others load Numba or rasterio when they are imported.
__all__ = [
    "DEFAULT_FILTER",
    "MOST_CONFIDENT",
    "PRESETS",
    "RAW",
    "ChangeFilter",
    "InvalidFilter",
    "accepted_change",
    "filter_sets",
    "kernels",
    "mask_codes",
    "mask_file",
    "patch_records",
    "preset_groups",
    "set_mask",
    "set_squares",
    "set_zones",
    "vector_files",
    "zone_change",
    "zone_tables",
]
