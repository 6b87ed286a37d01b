"""Territories: the lists, the page of each, and what other sites show of it."""
