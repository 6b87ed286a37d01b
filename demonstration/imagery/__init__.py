"""Imagery of the demonstration region: what Sentinel-2 would have seen of its known truth.

The door is `demonstration.imagery.making.make_imagery`. It writes one summer composite for
each year asked for, in the format that `inference` reads, and the truth of 2024, a year of growth
after the last edition. `spectra` says what materials reflect, `surfaces` which materials a cell is
made of, `sensing` what a satellite makes of it, `following_year` how the towns grew by 2024.

Nothing here decides a class by its colour alone: dry fields look like concrete, rock and sand like
roofs, gardens reach into sealed cells and light spreads from cell to cell.
"""
