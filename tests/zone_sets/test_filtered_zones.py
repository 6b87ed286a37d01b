"""Filtered change of custom zones: sets, posted areas, their pages and files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from django.contrib.gis.geos import Polygon
from django.core.cache import cache
from django.test import Client

from analytics import queries
from analytics.custom_zones import batch
from analytics.grid import EPSG
from analytics.patches import preset_groups
from analytics.patches.mask_codes import GAIN, LOSS
from clcplus.actions.change import filter_plans, pairs
from clcplus.actions.zone_sets import computation, missing_figures, set_publication
from clcplus.database import read_side
from clcplus.jobs import runner
from clcplus.models import FilteredPair, Layer, Run, ZoneFilteredChange, ZoneSet
from tests import oracle
from tests.actions.test_filtered_change import accepted
from tests.api.test_posted_zone import ADDRESS, geojson
from tests.blocks import make_blocks
from tests.region import NORTH, SIDE, WEST, Region
from tests.runs import committed
from tests.zone_sets.layers import drain, layer_of, planned

(PRESETS,) = preset_groups(confident=False)
pytestmark = pytest.mark.django_db(transaction=True)

CORNER = shapely.Point(WEST + SIDE * 5 + 0.3, NORTH - SIDE * 5 - 0.7)
AREAS = (
    CORNER.buffer(170),
    # Whole squares of a kilometre, and what lies beyond both editions.
    shapely.box(WEST - 4_001, NORTH - 6_003, WEST + 5_007, NORTH + 3_001),
    CORNER.buffer(260).difference(CORNER.buffer(95)),
    shapely.box(5_000_000, 3_000_000, 5_000_400, 3_000_400),
)
Flows = dict[str, tuple[int, int]]


@pytest.fixture
def blocks(tmp_path: Path, store: Path, quiet_broker: object) -> Iterator[Region]:
    """Editions of blocks of change, published and not filtered yet."""
    with committed(make_blocks(tmp_path), store=store) as region:
        yield region


def filter_all() -> None:
    runs = filter_plans.plan_missed() or filter_plans.request(pairs.all_pairs())
    for run in Run.objects.filter(pk__in=[run.pk for run in runs]) | Run.objects.filter(
        kind=Run.Kind.FILTER, state=Run.State.QUEUED
    ):
        assert runner.work(run.kind, run.pk)


def expected(region: Region, area: shapely.Geometry) -> Flows:
    """Cells of accepted patches of 2021 to 2023 whose centres lie in an area."""
    inside = oracle.mask(area, shape=(SIDE, SIDE), x0=WEST, y0=NORTH)
    found = {}
    for preset in PRESETS:
        cells = accepted(region, preset)
        found[preset] = (int((inside & cells[GAIN]).sum()), int((inside & cells[LOSS]).sum()))
    return found


def stored(layer: Layer, code: str) -> Flows:
    rows = ZoneFilteredChange.objects.filter(
        zone__layer=layer, zone__code=code, earlier__year=2021, later__year=2023
    )
    return {row.preset: (row.gain, row.loss) for row in rows}


@pytest.mark.parametrize("small", [batch.SMALL, 0], ids=["read-whole", "by-tiles"])
def test_zones_have_the_cells_of_accepted_patches(
    blocks: Region, small: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "SMALL", small)
    filter_all()
    layer = layer_of(AREAS)
    assert drain(planned(layer)).state == Run.State.SUCCEEDED
    for position, area in enumerate(AREAS):
        assert stored(layer, str(position)) == expected(blocks, area)
    assert all(min(flows) > 0 for flows in stored(layer, "1").values())
    # Nothing is observed there, and that is known: rows of nought, shown as not observed.
    assert stored(layer, "3") == dict.fromkeys(PRESETS, (0, 0))
    assert computation.plan(layer=layer, by=None) is None


def test_a_set_that_is_counted_gets_it_when_a_pair_is_filtered(blocks: Region) -> None:
    layer = layer_of(AREAS[:1])
    drain(planned(layer))
    assert stored(layer, "0") == {}
    filter_all()
    run = Run.objects.get(kind=Run.Kind.ZONES, layer=layer, state=Run.State.QUEUED)
    assert all(not lack.pairs for lack in missing_figures.of_layer(layer.pk))
    drain(run)
    assert stored(layer, "0") == expected(blocks, AREAS[0])
    assert computation.plan_missed() == 0
    # Filtered again, as after a new preset: the set is counted again, to the same.
    filter_plans.request(pairs.all_pairs())
    filter_all()
    assert stored(layer, "0") == {}
    drain(Run.objects.get(kind=Run.Kind.ZONES, layer=layer, state=Run.State.QUEUED))
    assert stored(layer, "0") == expected(blocks, AREAS[0])


def test_a_process_that_ended_too_early_is_made_up_for(
    blocks: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = layer_of(AREAS[:1])
    drain(planned(layer))
    with monkeypatch.context() as patch:
        patch.setattr(computation, "after_publication", lambda: None)
        filter_all()
    assert computation.plan_missed() == 1
    drain(Run.objects.get(kind=Run.Kind.ZONES, layer=layer, state=Run.State.QUEUED))
    assert computation.plan_missed() == 0
    assert stored(layer, "0") == expected(blocks, AREAS[0])


def _published(blocks: Region) -> ZoneSet:
    layer = layer_of(AREAS[:3])
    drain(planned(layer))
    # As accepting a set gives it.
    extent = Polygon.from_bbox(shapely.total_bounds(AREAS[:3]).tolist())
    extent.srid = EPSG
    Layer.objects.filter(pk=layer.pk).update(extent=extent, zones_total=3)
    found = ZoneSet.objects.get(layer=layer)
    set_publication.publish(zone_set=found, by=found.owner)
    cache.clear()
    return found


def test_pages_and_files_of_a_set_have_it(blocks: Region, client: Client) -> None:
    filter_all()
    zone_set = _published(blocks)
    flows = [expected(blocks, area)["0.25ha"] for area in AREAS[:3]]
    path = f"/api/v1/change/?level={zone_set.slug}&from=clcplus-2021&to=clcplus-2023&format=csv"
    for address in (path, f"/zones/{zone_set.pk}/tables/change.csv"):
        text = client.get(address).getvalue().decode()
        found = {
            row["code"]: row
            for row in csv.DictReader(io.StringIO(text))
            if row["indicator"] == "sealed_gain_filtered_0_25ha"
            and row["edition"] == "clcplus-2021/clcplus-2023"
        }
        assert {code: float(row["value"]) for code, row in found.items()} == {
            str(place): gain * 100 for place, (gain, _) in enumerate(flows)
        }
    with read_side.snapshot() as connection:
        whole = next(
            item.change
            for item in queries.set_changes(connection, level=zone_set.slug)
            if (item.change.earlier.year, item.change.later.year) == (2021, 2023)
        )
    assert {preset: (f.gain, f.loss) for preset, f in whole.filtered.items()} == {
        preset: tuple(
            int(total)
            for total in np.sum([expected(blocks, area)[preset] for area in AREAS[:3]], axis=0)
        )
        for preset in PRESETS
    }
    page = client.get(f"/territories/{zone_set.slug}/1/?from=clcplus-2021&to=clcplus-2023")
    assert "patches of at least 0.25 ha" in page.content.decode()
    page = client.get(zone_set.get_absolute_url())
    assert "patches of at least 0.25 ha" in page.content.decode()


def test_a_set_of_which_some_are_counted_has_no_sum(blocks: Region) -> None:
    """Nor does what is not filtered yet read as nought."""
    filter_all()
    zone_set = _published(blocks)
    ZoneFilteredChange.objects.filter(zone__layer=zone_set.layer, zone__code="1").delete()
    with read_side.snapshot() as connection:
        found = queries.set_changes(connection, level=zone_set.slug)
    assert found
    assert [dict(item.change.filtered) for item in found] == [{}] * len(found)


def test_a_posted_area_has_it(blocks: Region, client: Client) -> None:
    query = "?from=clcplus-2021&to=clcplus-2023"
    body = json.dumps(geojson(AREAS[0]))

    def posted() -> dict[str, Any]:
        answer = client.post(f"{ADDRESS}{query}", body, content_type="application/geo+json")
        assert answer.status_code == 200, answer.content
        (change,) = answer.json()["changes"]
        return dict(change)

    assert posted()["filtered"] is None
    filter_all()
    found = posted()
    flows = expected(blocks, AREAS[0])
    assert {
        name: (one["gain"]["cells"], one["loss"]["cells"])
        for name, one in found["filtered"].items()
    } == flows
    assert found["raw"]["gain"]["cells"] >= max(gain for gain, _ in flows.values()) > 0
    answer = client.post(f"{ADDRESS}{query}&format=csv", body, content_type="application/geo+json")
    rows = csv.DictReader(io.StringIO(answer.content.decode()))
    values = {row["indicator"]: row["value"] for row in rows if row["rule"] == "centre"}
    assert float(values["sealed_loss_filtered_0_25ha"]) == flows["0.25ha"][1] * 100
    FilteredPair.objects.all().delete()
    assert posted()["filtered"] is None
