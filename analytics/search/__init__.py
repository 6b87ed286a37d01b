"""Names of places: how they are compared, and how far they are from what was typed."""
