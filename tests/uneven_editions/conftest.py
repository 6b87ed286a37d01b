"""Editions that do not observe the same ground, for every test of this folder."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from clcplus.models import Zone
from clcplus.views.rankings.standings import standings
from tests.uneven_editions.world import uneven

__all__ = ["uneven"]

Reader = Callable[[str], str]


@pytest.fixture(autouse=True)
def _uneven(uneven: dict[str, Zone]) -> None:
    """Every test has the territories, and no table from before them."""
    standings.clear()


@pytest.fixture
def page(client: Client) -> Reader:
    """What a reader sees of an address: without tags, with plain spaces."""
    from tests.views.test_pages import text

    return lambda path: text(client, path)
