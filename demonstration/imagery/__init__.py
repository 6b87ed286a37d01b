"""Simulated Sentinel-2 imagery of the demonstration region and its known truth.

`demonstration.imagery.composites.make_imagery` writes one summer composite for each requested year,
in the format of `inference`, and the truth of 2024, one year of growth after the last edition.
`materials` holds reflectances, `surfaces` mixes the materials of each cell, `sensor` models the
satellite, and `samples` writes reference samples.

Colour alone never decides a class: dry fields look like concrete, rock and sand like roofs. Gardens
reach into sealed cells, and light spreads from cell to cell.
"""
