"""Notices to operators: announced with what they tell of, and sent until they arrive."""
