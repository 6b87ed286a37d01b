"""Real CLC+ Backbone 2023 of six Polish national parks; skipped where the data are absent."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.errors import RasterError, WrongReferenceSystem
from analytics.nomenclature import CODES
from analytics.products import valid_codes
from analytics.rasters import sources
from clcplus.actions.editions import registration
from clcplus.actions.territories.zones import import_zones
from clcplus.models import Run, TileSums, Zone, ZoneStatistics
from tests import oracle
from tests.runs import drain

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store", "quiet_broker")]

CLIP = "CLCplusBB_Ojcowski_National_Park_3035.tif"
RING = "CLCplusBB_Ojcowski_National_Park_3035_BUFFER_1km.tif"
BUFFERED = "CLCplusBB_Ojcowski_National_Park_3035_BUFFERED_1km.tif"
LONLAT = "CLCplusBB_Ojcowski_National_Park_4326_BUFFERED_1km.tif"
OUTSIDE = frozenset({0})


@pytest.fixture
def poland(shared_data: Path) -> Path:
    return shared_data / "clcplus_poland"


def import_parks(poland: Path) -> None:
    imported = import_zones(
        paths=sorted((poland / "zones").glob("*.geojson")),
        level="park",
        vintage=2025,
        code_field="localId",
        name_field="siteName",
    )
    assert imported.layer.zones_total == 6


def ingest(*paths: Path) -> Run:
    sources = registration.check_sources(paths=paths, product="clcplus", year=2023, missing=OUTSIDE)
    run = registration.register_edition(sources=sources, product="clcplus", year=2023, publish=True)
    return drain(run)


def test_ojcow_has_2254_sealed_cells_on_its_own_clip(poland: Path) -> None:
    import_parks(poland)
    assert ingest(poland / "raster" / CLIP).state == Run.State.SUCCEEDED
    assert ZoneStatistics.objects.get(zone__code="PN.1").sealed == 2254


def test_ring_and_park_make_the_buffered_clip(poland: Path) -> None:
    import_parks(poland)
    sealed = {}
    for name in (CLIP, RING, BUFFERED):
        run = ingest(poland / "raster" / name)
        rows = TileSums.objects.filter(edition=run.edition).values_list("sums", flat=True)
        sealed[name] = sum(sums[-1][0] for sums in rows)
    assert sealed == {CLIP: 2254, RING: 34_324, BUFFERED: 36_578}


def test_all_six_parks_equal_the_oracle(poland: Path) -> None:
    import_parks(poland)
    paths = sorted((poland / "raster").glob("*_3035_BUFFERED_1km.tif"))
    assert len(paths) == 6
    run = ingest(*paths)
    assert run.state == Run.State.SUCCEEDED, run.message
    for source in registration.sources_of(run.edition):
        codes = sources.read_sources([source], source.window)
        west, south, east, north = source.window.bounds
        zone = next(
            z for z in Zone.objects.all()
            if west < z.geometry.centroid.x < east and south < z.geometry.centroid.y < north
        )  # fmt: skip
        inside = oracle.quick_mask(zone.geometry.wkb, shape=source.window.shape, x0=west, y0=north)
        row = ZoneStatistics.objects.get(zone=zone)
        found = {code: n for code, n in zip(CODES, row.cells, strict=True) if n}
        assert found == oracle.class_counts(codes, inside), zone
        assert row.not_observed == 0


def test_another_reference_system_is_refused_with_its_reason(shared_data: Path) -> None:
    for path, found in (
        (
            f"clcplus_poland/raster/{LONLAT}",
            "EPSG:4326",
        ),
        ("parma/parma_consumo_suolo_2012.tif", "EPSG:32632"),
        ("rasters_odd/broken_georef/osm_data_0.tif", "EPSG:4326"),
    ):
        with pytest.raises(WrongReferenceSystem, match=f"found {found}; expected EPSG:3035"):
            sources.inspect(shared_data / path, codes=valid_codes("clcplus", 2023))


def test_an_undeclared_zero_is_refused_with_the_hint(poland: Path) -> None:
    with pytest.raises(RasterError, match=r"code 0 in .* cells.*say --missing 0"):
        sources.inspect(poland / "raster" / CLIP, codes=valid_codes("clcplus", 2023))


def test_every_odd_raster_is_refused_in_one_line(shared_data: Path) -> None:
    odd = sorted((shared_data / "rasters_odd").rglob("*.tif"))
    assert len(odd) >= 10
    for path in odd:
        with pytest.raises(RasterError) as refusal:
            sources.inspect(path, codes=valid_codes("clcplus", 2023), missing=OUTSIDE)
        text = str(refusal.value)
        assert text.startswith(f"{path.name}: found ")
        assert "; expected " in text
        assert "\n" not in text
