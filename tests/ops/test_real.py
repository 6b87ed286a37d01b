"""`make real`, with real servers and stubs for the platform's own processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ops.clone import Clone
from tests.ops.test_demo import ALL
from tests.ops.test_running_demonstration import manage

AREA = {"AREA": "nuts:EL301"}


@pytest.fixture
def clone(open_folder: Path) -> Iterator[Clone]:
    clone = Clone(open_folder)
    yield clone
    clone.run("stop")


def test_it_has_servers_and_folders_of_its_own(clone: Clone) -> None:
    (clone.folder / "a b.gpkg").touch()
    asked = {"BOUNDARIES": "'a b.gpkg' https://example.org/x.gpkg", "VINTAGE": "2024"}
    started = clone.run("real", DETACH="1", **AREA, **asked)
    assert started.returncode == 0, started.stderr
    local = clone.folder.resolve() / ".local-real"
    (told,) = [line for line in started.stdout.splitlines() if line.startswith("load_real")]
    assert told.split("|") == [
        *("load_real", "nuts:EL301", "--boundaries", "a b.gpkg", "https://example.org/x.gpkg"),
        *("--vintage", "2024", "DEMONSTRATION=0", "CLCPLUS_COUNTRY=GR"),
        f"CLCPLUS_INBOX={local / 'inbox'}",
        f"RASTER_STORE={local / 'rasters'}",
    ]
    assert "real data of nuts:EL301" in started.stdout
    assert ".local-real/admin-password" in started.stdout
    assert clone.running(local=".local-real") == ALL
    assert clone.running() == []
    again = clone.run("real", DETACH="1", **AREA)
    assert "`make real AREA=nuts:EL301` runs already at" in again.stdout
    done = manage(clone, "check")
    assert f"the site of real data at http://127.0.0.1:{clone.port}" in done.stderr
    assert f"RASTER_STORE={local / 'rasters'}" in done.stdout
    assert clone.run("stop").stdout == "stopped\n"
    assert clone.running(local=".local-real") == []


def test_what_cannot_be_loaded_stops_everything(clone: Clone) -> None:
    failed = clone.run("real", DETACH="1", NO_NETWORK="1", **AREA)
    assert failed.returncode == 1
    assert "no network" in failed.stderr
    assert "real data of nuts:EL301: not loaded, see above" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert clone.running(local=".local-real") == []


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ({}, "AREA= names no area"),
        ({"AREA": "38"}, "AREA=38 names no area"),
        ({"AREA": "nuts:FR; rm -r x"}, "names no area"),
        ({**AREA, "BOUNDARIES": "gone.gpkg"}, "BOUNDARIES=gone.gpkg: found nothing"),
        ({**AREA, "BOUNDARIES": "'gone.gpkg"}, "BOUNDARIES"),
        ({**AREA, "VINTAGE": "soon"}, "VINTAGE=soon is not a year"),
    ],
)
def test_bad_input_is_one_line_before_anything_starts(
    clone: Clone, said: dict[str, str], line: str
) -> None:
    started = clone.run("real", DETACH="1", **said)
    assert started.returncode == 1
    assert line in started.stderr
    assert len(started.stderr.splitlines()) == 1
    assert not (clone.folder / ".local-real").exists()
