"""`load_real`: from nothing to published figures of a place, by a real worker and local servers."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from clcplus.models import Edition, Layer, Run, Zone
from tests.public_services import check_figures, public_services
from tests.region import Region
from tests.sources.misbehaviour import Reply, Request, Served, served
from tests.workers import environment, kill, wait_for, worker

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("store", "empty_queue"),
]


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
    """The public services, and processes that ask them."""
    with served(public_services(region, tmp_path, gate=gate)) as found:
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
