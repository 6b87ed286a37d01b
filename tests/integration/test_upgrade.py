"""What a migration fills is what ingest would have stored. Real PostgreSQL."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.db import connection

from clcplus.models import TileChangeSums
from tests.region import Region
from tests.runs import load_editions, load_zones

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("store", "quiet_broker"),
]


def changed() -> dict[tuple[object, ...], list[list[int]]]:
    """Sums of changed cells by pair, row of tiles and first column."""
    keys = ("earlier_id", "later_id", "row", "first_column")
    return {tuple(key): sums for *key, sums in TileChangeSums.objects.values_list(*keys, "changed")}


def test_changed_cells_of_an_older_database(region: Region) -> None:
    load_zones(region)
    load_editions(region)
    stored = changed()
    assert len(stored) > 1
    assert len({str(lines) for lines in stored.values()}) > 1
    TileChangeSums.objects.update(changed=[[0, 0, 0]])
    with connection.cursor() as cursor:
        cursor.execute(import_module("migrations.0009_changed_cells").FILL)
    assert changed() == stored
