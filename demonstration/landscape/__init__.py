"""The layout of a region: terrain, waters, settlements, roads and business zones."""
