"""Evaluation: how well a map agrees with a reference. No torch."""

__all__ = ["evaluator", "metrics"]
