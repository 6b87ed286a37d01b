"""``python -m analytics accuracy``: area and accuracy from an error matrix or a sample."""

from analytics.commands.accuracy.arguments import add_to, run

__all__ = ["add_to", "run"]
