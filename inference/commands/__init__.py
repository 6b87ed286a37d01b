"""Subcommands of ``python -m inference``, one a file; torch waits until one is run."""
