"""Subcommands of ``python -m analytics``, one a file; slow imports wait until it is run."""

__all__ = [
    "accuracy",
    "change",
    "sample",
    "startup",
    "zonal",
]
