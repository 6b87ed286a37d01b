"""Reference samples: planned, drawn from rasters, written for interpreters, read back with labels.

allocation, sample_sizes    points of each stratum, half-widths
buffer_share, expected_shares    the size of the buffer and what is expected, for plans
strata, samples         schemes of strata, points with their probabilities
draws                   stratified, simple, systematic and two-stage samples
zone_strata             cells of zones by stratum
point_tables, point_files, geopackage    files of points
labels                  what interpreters found
"""

# These are modules, which load when they are imported: `draws` needs Numba, and `geopackage` and
# `labels` need pyogrio.
__all__ = [
    "allocation",
    "buffer_share",
    "draws",
    "expected_shares",
    "geopackage",
    "labels",
    "point_files",
    "point_tables",
    "row_blocks",
    "sample_sizes",
    "samples",
    "strata",
    "zone_strata",
]
