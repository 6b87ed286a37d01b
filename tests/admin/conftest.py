"""The landscape that zones are counted in."""

from __future__ import annotations

from tests.zone_sets.conftest import landscape

__all__ = ["landscape"]
