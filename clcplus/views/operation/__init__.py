"""Health, jobs, and whom to tell of a weakness."""
