"""The world of these tests, with a modelled edition."""

from __future__ import annotations

from tests.modelled_edition import modelled
from tests.world import world

__all__ = ["modelled", "world"]
