"""PROVISIONAL, to be replaced as a whole by whoever owns this file: nothing is counted yet."""

from __future__ import annotations

from typing import Any

from clcplus.models import Layer, Run


def plan(*, layer: Layer, by: Any) -> Run | None:
    """PROVISIONAL."""
    return None


def work(*, batch_id: int) -> bool:
    """PROVISIONAL."""
    return False


def finalise(*, run_id: Any) -> None:
    """PROVISIONAL."""


def take_up(*, run: Run) -> None:
    """PROVISIONAL."""


def resume(*, at_once: bool = False) -> int:
    """PROVISIONAL."""
    return 0


def after_publication() -> None:
    """PROVISIONAL."""
