"""The world of the pages' tests."""

from __future__ import annotations

from tests.world import world

__all__ = ["world"]
