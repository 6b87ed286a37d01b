"""Backups of all that the platform keeps: made as a whole, restored into an empty place."""
