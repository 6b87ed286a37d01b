"""Counts of any area: running sums of inner tiles, and the cells along its border."""
