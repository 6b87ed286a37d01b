"""The refresh: what is new elsewhere is fetched, counted, checked, and published where it holds."""
