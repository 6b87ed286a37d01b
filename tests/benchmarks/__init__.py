"""Benchmarks beside the peers: ``python -m tests.benchmarks --help``.

Every row of the table is a module of its own that lists its ROWS; registry.py knows them all.
"""
