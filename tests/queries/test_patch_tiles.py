"""Patches in vector tiles: those of presets with a least confidence are others."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon

from analytics import queries
from analytics.patches import PRESETS
from clcplus.database import read_side
from clcplus.models import ChangePatch, Edition
from tests.maps.pictures import address_at
from tests.maps.test_filtered_change import layers_of

WEST, SOUTH = 3_800_000, 2_300_000


def patch(editions: tuple[Edition, Edition], *, side: int, **fields: object) -> None:
    square = Polygon.from_bbox((WEST, SOUTH, WEST + 10 * side, SOUTH + 10 * side))
    square.srid = 3035
    ChangePatch.objects.create(
        earlier=editions[0],
        later=editions[1],
        number=1,
        kind=ChangePatch.Kind.GAIN,
        former_class=2,
        later_class=1,
        cells=side**2,
        side=side,
        geometry=MultiPolygon(square, srid=3035),
        **fields,
    )


@pytest.mark.django_db(transaction=True)
def test_a_preset_has_its_own_patches_and_their_confidence(tmp_path: Path) -> None:
    first, last = (
        Edition.objects.create(
            slug=f"clcplus-{year}", product="clcplus", year=year, status="published"
        )
        for year in (2021, 2023)
    )
    patch((first, last), side=10)
    patch((first, last), side=7, min_confidence=50, confidence=71.4)
    address = address_at(WEST + 30, SOUTH + 30, 12)
    drawn = {}
    with read_side.snapshot() as connection:
        for preset in ("0.25ha", "0.25ha-confidence50"):
            tile = queries.patch_tile(
                connection,
                earlier_id=first.pk,
                later_id=last.pk,
                chosen=PRESETS[preset],
                place=queries.TilePlace(12, address.column, address.row),
            )
            drawn[preset] = layers_of(tile, tmp_path)["patches"]
    read_side.dispose()
    shared = {"kind": "gain", "former": 2, "later": 1}
    assert drawn["0.25ha"] == [{**shared, "hectares": 1.0, "width": 100}]
    assert drawn["0.25ha-confidence50"] == [
        {**shared, "hectares": 0.49, "width": 70, "confidence": 71}
    ]
