"""What is done of a composite outlives a kill, and memory does not grow with the area."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from inference.composites import composition, local, plans
from inference.composites.area import of_footprints
from inference.composites.observation import Masking
from inference.composites.plans import Plan
from inference.composites.seasons import Season
from tests.inference.compose_command import SUMMER, bands_of
from tests.inference.sentinel import WEST_TILE, Shot, Tile
from tests.inference.stac_server import Catalogue, serving

WIDE = Tile("32UQA", 32632, WEST_TILE.west, WEST_TILE.north, side=12_000)
BBOX = "--bbox=12.02,49.945,12.135,49.975"
"""Some 800 × 340 cells: four blocks of 256 cells by two."""

PROGRAM = """
import sys
from inference.__main__ import main
from inference.composites import plans
plans.BLOCK = 256
status = main(sys.argv[1:])
# Not ru_maxrss, in which the process that started this one counts too.
lines = open("/proc/self/status").read().splitlines()
print(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
sys.exit(status)
"""


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with serving(tmp_path / "served") as served:
        for day, factor in (("2024-06-01", 1), ("2024-06-11", 2), ("2024-06-21", 3)):

            def numbers(eastings: Any, northings: Any, factor: int = factor) -> Any:
                return 1000 + factor * 997 * eastings % 4001 + northings % 1009

            served.add(Shot(day, numbers, tile=WIDE, bands=("B04",)))
        yield served


def start(catalogue: Catalogue, out: Path) -> subprocess.Popen[str]:
    arguments = ["--stac", catalogue.address, BBOX, "--bands", "B04", "--season", SUMMER, "-j", "1"]
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "compose", *arguments, "-o", str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> str:
    """What a process said, once it ended well."""
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    return said


def test_a_killed_composition_goes_on_and_ends_the_same(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    whole, cut = tmp_path / "whole.tif", tmp_path / "cut.tif"
    assert "8 blocks" in ended(start(catalogue, whole))

    blocks = tmp_path / ".cut.tif.blocks"
    held, released = threading.Event(), threading.Event()

    def hold_after_two_blocks(path: str) -> None:
        if not released.is_set() and len(list(blocks.glob("*[0-9].tif"))) >= 2:
            held.set()
            released.wait(60)

    catalogue.before_asset = hold_after_two_blocks
    process = start(catalogue, cut)
    try:
        assert held.wait(60)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        released.set()
    assert process.returncode == -signal.SIGKILL
    assert not cut.exists()
    done = len(list(blocks.glob("*[0-9].tif")))
    assert 2 <= done < 8

    assert f"{done} of them done before" in ended(start(catalogue, cut))
    expected, found = bands_of(whole), bands_of(cut)
    assert list(found) == list(expected)
    assert len(np.unique(expected["B04"])) > 1000
    for band, cells in expected.items():
        assert found[band].tobytes() == cells.tobytes()
    assert not blocks.exists()


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Plan]:
    """A plan of two local files, in four blocks."""
    monkeypatch.setattr("inference.composites.plans.BLOCK", 40)
    paths = [write(tmp_path / f"{number}.tif", number) for number in (1000, 3000)]
    scenes = local.scenes(paths, names=["B04"])

    def make(margin: float = 0) -> Plan:
        return plans.make(
            area=of_footprints([scene.footprint for scene in scenes]),
            seasons=[(Season(), scenes)],
            bands=None,
            masking=Masking(margin=margin),
        )

    return make


def write(path: Path, numbers: Any, *, side: int = 60, bands: int = 1) -> Path:
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=side,
        height=side,
        count=bands,
        dtype="uint16",
        crs="EPSG:3035",
        transform=from_origin(4_000_000, 3_000_000, 10, 10),
        tiled=side > 256,
        compress="zstd",
    ) as dataset:
        dataset.write(np.broadcast_to(numbers, (bands, side, side)).astype(np.uint16))
    return path


@pytest.fixture
def observed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Blocks that overpasses were read for, one entry each."""
    calls: list[tuple[int, int]] = []
    observe = composition.observe

    def noting(overpass: Any, window: Any, **options: Any) -> Any:
        calls.append((window.row, window.column))
        return observe(overpass, window, **options)

    monkeypatch.setattr("inference.composites.composition.observe", noting)
    return calls


def test_what_is_done_is_not_done_again(
    plan: Callable[..., Plan], tmp_path: Path, observed: list[tuple[int, int]]
) -> None:
    out = tmp_path / "composite.tif"
    seen: list[tuple[int, int]] = []

    def cancelled() -> bool:
        return len(seen) >= 5  # two files in each of two blocks, and one in the third

    result = composition.compose(
        plan=plan(), out=out, jobs=1, progress=lambda *p: seen.append(p), cancelled=cancelled
    )
    assert result is None
    assert not out.exists()
    assert seen == [(step, 8) for step in range(1, 6)]
    before = set(observed[:4])
    observed.clear()
    seen.clear()

    result = composition.compose(plan=plan(), out=out, progress=lambda *p: seen.append(p))
    assert result is not None
    assert len(before) == 2
    assert not before & set(observed)
    assert seen[-1] == (8, 8)
    bands = bands_of(out)
    assert set(np.unique(bands["B04"])) == {2000}
    assert set(np.unique(bands["observations"])) == {2}


@pytest.mark.parametrize("change", ["plan", "file"])
def test_blocks_of_another_plan_or_file_are_not_taken(
    plan: Callable[..., Plan], tmp_path: Path, observed: list[tuple[int, int]], change: str
) -> None:
    out = tmp_path / "composite.tif"
    steps: list[int] = []
    composition.compose(
        plan=plan(),
        out=out,
        progress=lambda done, _: steps.append(done),
        cancelled=lambda: len(steps) > 4,
    )
    assert list(tmp_path.glob(".composite.tif.blocks/*.tif"))
    observed.clear()
    if change == "file":
        write(tmp_path / "3000.tif", 5000)
    result = composition.compose(plan=plan(10 if change == "plan" else 0), out=out)
    assert result is not None
    assert len(observed) == 8
    assert set(np.unique(bands_of(out)["B04"])) == {2000 if change == "plan" else 3000}


def test_a_block_that_was_half_written_is_written_anew(
    plan: Callable[..., Plan], tmp_path: Path
) -> None:
    out = tmp_path / "composite.tif"
    steps: list[int] = []
    composition.compose(
        plan=plan(),
        out=out,
        progress=lambda done, _: steps.append(done),
        cancelled=lambda: len(steps) > 2,
    )
    done = next(tmp_path.glob(".composite.tif.blocks/*.tif"))
    done.rename(done.with_suffix(".partial.tif"))
    assert composition.compose(plan=plan(), out=out) is not None
    assert set(np.unique(bands_of(out)["observations"])) == {2}


def test_memory_does_not_grow_with_the_area(tmp_path: Path) -> None:
    peaks = []
    for side in (300, 2000):
        numbers = np.random.default_rng(side).integers(1000, 5000, (2, side, side))
        paths = [
            write(tmp_path / f"{side}-{i}.tif", numbers + i, side=side, bands=2) for i in range(3)
        ]
        arguments = ["--files", *paths, "--file-bands", "B04,B08", "-o", tmp_path / "out.tif"]
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, "compose", *map(str, arguments)],
            capture_output=True,
            text=True,
            env={**os.environ, "GDAL_CACHEMAX": "8"},
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        peaks.append(int(done.stdout) / 1024)
    # Six bands of observations and four of the composite, as stored, are 80 MB.
    assert peaks[1] - peaks[0] < 55, peaks
