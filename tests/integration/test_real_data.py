"""`load_real`: from nothing to published figures of a place, by a real worker and local servers."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import shapely
from django.core.management import CommandError, call_command
from django.test import override_settings
from pyproj import Transformer

from analytics.grid import window_of_bounds
from analytics.nomenclature import CODES
from clcplus.models import Edition, Layer, Run, Zone, ZoneStatistics
from tests.boundary_files import write_columns
from tests.region import NORTH, SIDE, WEST, Region
from tests.sources.image_service import ImageService
from tests.sources.misbehaviour import Reply, Request, Served, served
from tests.workers import environment, kill, wait_for, worker

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("store", "empty_queue"),
]
WHOLE = window_of_bounds(WEST, NORTH - 10 * SIDE, WEST + 10 * SIDE, NORTH)
COMMUNES = "code_insee nom_officiel code_insee_du_departement"
DEPARTEMENTS = "code_insee nom_officiel code_insee_de_la_region"


@pytest.fixture
def gate() -> threading.Event:
    """Open unless a test closes it: images wait behind it."""
    gate = threading.Event()
    gate.set()
    return gate


@pytest.fixture
def server(
    region: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gate: threading.Event
) -> Iterator[Served]:
    """Boundaries, and an ImageServer for each of two years."""
    communes = [
        (code, f"Saint-{code}", region.parents[code], zone) for code, zone in region.zones.items()
    ]
    departements = [
        (code, name, "07", shapely.union_all([c[-1] for c in communes if c[2] == code]))
        for code, name in (("0V", "Haut-Val"), ("1W", "L’Aval"))
    ]
    path = tmp_path / "boundaries.gpkg"
    write_columns(path, communes, columns=COMMUNES, layer="commune")
    write_columns(path, departements, columns=DEPARTEMENTS, layer="departement")
    body = path.read_bytes()
    years = {year: ImageService(region.codes[year], WHOLE) for year in (2018, 2021)}

    def answers(request: Request) -> Reply:
        if request.path == "/boundaries_2024.gpkg":
            return Reply(body)
        if request.path.endswith("exportImage"):
            gate.wait(60)
        (year,) = [year for year in years if f"_{year}_" in request.path]
        return years[year](request)

    with served(answers) as found:
        monkeypatch.setenv("IMAGE_SERVER_URL", found.url)
        monkeypatch.setenv("SOURCE_HOSTS", found.host)
        monkeypatch.setenv("CLCPLUS_INBOX", str(tmp_path / "inbox"))
        monkeypatch.setenv("SITE_URL", "http://sealing.example")
        monkeypatch.setenv("JOBS_LOOK_SECONDS", "1")
        yield found


def started(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "manage.py", "load_real", *words],
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def done(*words: str) -> tuple[int, str, str]:
    process = started(*words)
    out, errors = process.communicate(timeout=120)
    return process.returncode, out, errors


def images(server: Served) -> list[Request]:
    return [request for request in server.requests if request.path.endswith("exportImage")]


def check_figures(region: Region, codes: list[str]) -> None:
    for year in (2018, 2021):
        edition = Edition.objects.get(year=year)
        assert edition.status == Edition.Status.PUBLISHED
        for code in codes:
            row = ZoneStatistics.objects.get(zone__code=code, edition=edition)
            found = {code: n for code, n in zip(CODES, row.cells, strict=True) if n}
            assert found == region.counts(code, year)


def test_a_place_is_loaded_continued_and_then_found(
    server: Served, region: Region, tmp_path: Path, gate: threading.Event
) -> None:
    words = ["departement:0V", "--boundaries", f"{server.url}/boundaries_2024.gpkg"]
    gate.clear()
    with worker(log=tmp_path / "worker.log") as process:
        command = started(*words)
        # Everything ends in the midst of a fetch, as with Ctrl-C.
        wait_for(lambda: images(server), what="a window that is being fetched")
        command.kill()
        command.communicate()
        kill(process)
    gate.set()
    boundaries = len(server.requests)
    with worker(log=tmp_path / "worker.log"):
        status, out, errors = done(*words)
        assert status == 0, errors
        assert out.splitlines() == [
            "clcplus-2021: published",
            "clcplus-2018: published",
            "departement:0V: http://sealing.example/territories/departement/0V/",
        ]
        inside = sorted(code for code, parent in region.parents.items() if parent == "0V")
        assert (
            sorted(Zone.objects.filter(layer__level__slug="commune").values_list("code", flat=True))
            == inside
        )
        check_figures(region, inside)
        assert Edition.objects.get(year=2018).coast == Edition.objects.get(year=2021)
        assert Layer.objects.get(level__slug="departement").aggregated
        assert not any("boundaries" in r.path for r in server.requests[boundaries:])
        # Once more: there is nothing to do, also without the services.
        server.faulty = lambda request: True
        server.faults = [Reply(status=500)] * 99
        runs = Run.objects.exclude(kind=Run.Kind.FILTER).count()
        assert done(*words)[:2] == (status, out)
    assert Run.objects.exclude(kind=Run.Kind.FILTER).count() == runs
    assert Run.objects.filter(kind=Run.Kind.FETCH).count() == 2


def test_a_rectangle_takes_whole_communes(server: Served, region: Region, tmp_path: Path) -> None:
    # Around the inner points of some communes, in degrees.
    to_degrees = Transformer.from_crs(3035, 4326, always_xy=True)
    west, south, east, north = to_degrees.transform_bounds(
        WEST + 150, NORTH - 450, WEST + 450, NORTH - 150
    )
    rectangle = f"bbox:{west},{south},{east},{north}"
    words = [rectangle, "--boundaries", f"{server.url}/boundaries_2024.gpkg"]
    with worker(log=tmp_path / "worker.log"):
        status, out, errors = done(*words)
    assert status == 0, errors
    assert out.splitlines()[-1] == f"{rectangle}: http://sealing.example/"
    codes = list(Zone.objects.values_list("code", flat=True))
    assert 0 < len(codes) < 9
    check_figures(region, codes)


def test_without_network_it_is_one_line(tmp_path: Path) -> None:
    status, out, errors = done("nuts:FRK24", "--boundaries", "https://services.invalid/x.gpkg")
    assert (status, out) == (1, "")
    assert len(errors.strip().splitlines()) == 1, errors
    assert "services.invalid: found" in errors
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("area", "line"),
    [
        ("nuts:", "departement:38, nuts:FRK24"),
        ("departement:38' OR 1=1", "expected one such as 38 or 2A"),
        ("gmina:0201011", "need the file or address of their boundaries"),
        ("bbox:5,45,5,46", "WEST,SOUTH,EAST,NORTH"),
        ("", "found nothing"),
    ],
)
def test_an_area_that_is_none_is_one_line(area: str, line: str) -> None:
    with pytest.raises(CommandError, match=line) as found:
        call_command("load_real", area)
    assert "\n" not in str(found.value)
    assert not Run.objects.exists()


def test_services_that_may_not_be_asked_end_it_at_once() -> None:
    with (
        override_settings(IMAGE_SERVER_URL="http://127.0.0.1:9"),
        pytest.raises(CommandError, match="found the scheme http"),
    ):
        call_command("load_real", "nuts:FRK24", "--boundaries", "x.gpkg")
    assert not Run.objects.exists()
