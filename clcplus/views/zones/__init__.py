"""Pages of zone sets: upload, check, results, list."""
