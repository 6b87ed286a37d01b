"""Tiles of maps: territories as vectors from PostGIS, editions as pictures from the store."""
