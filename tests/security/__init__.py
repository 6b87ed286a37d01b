"""Attacks that worked once, each with the test that keeps it from working again."""
