"""Real data of an area, step by step in this process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings
from pyproj import Transformer

from clcplus.actions import real_data
from clcplus.actions.territories.presets import LAU_ADDRESS, NUTS_ADDRESS
from clcplus.jobs import runner, runs
from clcplus.models import Edition, Layer, Run, Zone
from clcplus.sources.errors import ForbiddenAddress
from tests.public_services import check_figures, public_services
from tests.region import NORTH, WEST, Region
from tests.runs import drain
from tests.sources.misbehaviour import Served, served

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store", "quiet_broker")]


@pytest.fixture
def server(region: Region, tmp_path: Path) -> Iterator[Served]:
    with (
        served(public_services(region, tmp_path)) as found,
        override_settings(
            IMAGE_SERVER_URL=found.url,
            SOURCE_HOSTS=(found.host,),
            CLCPLUS_INBOX=tmp_path / "inbox",
        ),
    ):
        yield found


def work(run: Run) -> Run:
    runner.handle_work(run.kind, run.pk)
    run.refresh_from_db()
    return run


def named(text: str, server: Served) -> real_data.Area:
    return real_data.read_area(text, files=[f"{server.url}/boundaries_2024.gpkg"])


def load(area: real_data.Area) -> None:
    imported = work(real_data.request_zones(area))
    assert imported.state == Run.State.SUCCEEDED, imported.message
    for year in real_data.YEARS:
        fetched = work(real_data.request_edition(area, year=year, imported=imported))
        assert fetched.state == Run.State.SUCCEEDED, fetched.message
        real_data.publish(drain(real_data.ingest_of(fetched)))


def test_a_rectangle_takes_whole_communes(server: Served, region: Region) -> None:
    to_degrees = Transformer.from_crs(3035, 4326, always_xy=True)
    bounds = to_degrees.transform_bounds(WEST + 150, NORTH - 450, WEST + 450, NORTH - 150)
    area = named(f"bbox:{','.join(map(str, bounds))}", server)
    load(area)
    codes = list(Zone.objects.values_list("code", flat=True))
    assert 0 < len(codes) < 9
    # Communes of which an inner point lies in it are observed in full.
    check_figures(region, codes)
    assert real_data.is_loaded(area)


def test_an_ingest_that_failed_is_taken_up(server: Served, region: Region) -> None:
    area = named("departement:0V", server)
    imported = work(real_data.request_zones(area))
    fetched = work(real_data.request_edition(area, year=2021, imported=imported))
    ingest = real_data.ingest_of(fetched)
    runs.fail(ingest.pk, "a disk was full")
    assert not real_data.is_loaded(area)
    assert real_data.request_edition(area, year=2021, imported=imported) == fetched
    assert real_data.ingest_of(fetched).state == Run.State.QUEUED
    edition = real_data.publish(drain(ingest))
    assert edition.status == Edition.Status.PUBLISHED


def test_an_edition_that_was_not_published_is(server: Served) -> None:
    area = named("departement:0V", server)
    imported = work(real_data.request_zones(area))
    fetched = work(real_data.request_edition(area, year=2021, imported=imported))
    ingest = real_data.ingest_of(fetched)
    Run.objects.filter(pk=ingest.pk).update(publish=False)
    edition = drain(ingest).edition
    assert edition is not None
    assert edition.status == Edition.Status.LOADED
    assert real_data.publish(ingest).status == Edition.Status.PUBLISHED


def test_another_area_of_the_same_vintage_is_refused(server: Served) -> None:
    assert work(real_data.request_zones(named("departement:0V", server))).state == "succeeded"
    run = work(real_data.request_zones(named("departement:1W", server)))
    assert run.state == Run.State.FAILED
    assert "that were imported from" in run.message
    assert Layer.objects.count() == 2


def test_the_public_addresses_are_those_of_the_publishers() -> None:
    assert real_data.read_area("nuts:FRK24").files == (NUTS_ADDRESS, LAU_ADDRESS)
    assert real_data.read_area("nuts:FR").zone == "nuts0:FR"
    assert real_data.read_area("nuts:FRK24").zone == "nuts3:FRK24"
    assert real_data.read_area("bbox:5,45,6,46").files == (LAU_ADDRESS,)
    department = real_data.read_area("departement:2A")
    assert all(file.startswith("https://data.geopf.fr/") for file in department.files)
    assert all("%272A%27" in file for file in department.files)


def test_services_that_may_not_be_asked_are_told_before_anything_is_queued() -> None:
    with (
        override_settings(IMAGE_SERVER_URL="http://127.0.0.1:9"),
        pytest.raises(ForbiddenAddress),
    ):
        real_data.check_sources(real_data.read_area("nuts:FRK24", files=["x.gpkg"]))


def test_a_state_that_cannot_be_published_is_told(server: Served) -> None:
    area = named("departement:0V", server)
    imported = work(real_data.request_zones(area))
    fetched = work(real_data.request_edition(area, year=2021, imported=imported))
    ingest = real_data.ingest_of(fetched)
    drain(ingest)
    Edition.objects.update(status=Edition.Status.WITHDRAWN)
    # Somebody has withdrawn it: it is not brought back.
    assert real_data.publish(ingest).status == Edition.Status.WITHDRAWN
