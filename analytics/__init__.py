"""The statistics engine: grid, rasters, exact counts, change, indicators. No Django, no torch."""
