"""Territories: layers of zones, their names and their inhabitants."""
