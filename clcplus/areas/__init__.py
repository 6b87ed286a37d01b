"""Areas that a reader draws or sends: read from GeoJSON, counted at once, never kept."""
