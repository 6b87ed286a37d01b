"""Subcommands of ``python -m inference``, one in each file. torch loads when one runs."""
