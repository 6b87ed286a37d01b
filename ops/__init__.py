"""How the platform is set up, started, stopped and tested on one machine.

Standard library only, but for ``catalogues``: most of this runs before the virtual environment
exists.
Run as modules from the project's root (``python3 -m ops.demo``); the Makefile names them all.
"""
