"""Health, jobs, checks of editions, and whom to tell of a weakness."""
