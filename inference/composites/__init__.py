"""Sentinel-2 L2A to one composite on the 10 m grid.

A source (``catalogue``, ``safe``, ``local``) gives scenes; ``plans`` sorts them into seasons and
overpasses; ``composing`` reads them block by block, takes medians and writes the composite.
"""
