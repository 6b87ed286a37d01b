"""An area fetched by windows: whole, resumed, compared at its seams."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.grid import Window, store_tiles
from analytics.products import valid_codes
from analytics.rasters import inspect, read_sources
from clcplus.sources import image_server, windows
from clcplus.sources.area import AreaFetch, fetch_area
from clcplus.sources.client import Client
from clcplus.sources.errors import SourceChanged, SourceUnavailable
from tests.sources.conftest import AREA
from tests.sources.image_service import ImageService
from tests.sources.misbehaviour import Reply, Request, Served

CODES = valid_codes("clcplus", 2021)
Fetch = Callable[..., AreaFetch]


@pytest.fixture
def fetch_of(server: Served, client_of: Callable[..., Client], tmp_path: Path) -> Fetch:
    def fetch(*, needed: Callable[[Window], bool] = lambda _: True, tries: int = 6) -> AreaFetch:
        client = client_of(server, tries=tries)
        service = image_server.describe(client, server.url)
        return AreaFetch(
            client=client,
            service=service,
            area=AREA,
            needed=needed,
            codes=CODES,
            folder=tmp_path / "fetched",
        )

    return fetch


@pytest.fixture(autouse=True)
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "SIDE", 60)


class Stopped(Exception):
    pass


def fetched(
    fetch: AreaFetch, *, progress: Callable[[int, int], None] = lambda done, total: None
) -> list[Path]:
    return fetch_area(fetch, progress=progress)


def stopped(fetch: AreaFetch) -> None:
    """A fetch that is stopped when a fourth of the cells is there."""

    def progress(done: int, total: int) -> None:
        if done > total / 4:
            raise Stopped

    with pytest.raises(Stopped):
        fetch_area(fetch, progress=progress)


def cells(paths: list[Path]) -> np.ndarray:
    return read_sources([inspect(path, codes=CODES) for path in paths], AREA)


def is_image(request: Request) -> bool:
    return request.path.endswith("/exportImage")


def images(server: Served) -> int:
    return sum(is_image(request) for request in server.requests)


def test_the_area_comes_whole_in_a_file_for_each_tile(
    server: Served, raster: ImageService, fetch_of: Fetch
) -> None:
    seen: list[tuple[int, int]] = []
    paths = fetched(fetch_of(), progress=lambda *now: seen.append(now))
    assert [path.name for path in paths] == [f"{t.name}.tif" for t in store_tiles(AREA)]
    np.testing.assert_array_equal(cells(paths), raster.codes)
    assert seen[0] == (0, AREA.cells)
    assert seen[-1] == (AREA.cells, AREA.cells)
    assert server.most_at_once <= 2


def test_only_what_is_needed_is_fetched(
    server: Served, raster: ImageService, fetch_of: Fetch
) -> None:
    zone = Window(AREA.row, AREA.column, 30, 30)
    paths = fetched(fetch_of(needed=lambda window: window.intersection(zone) is not None))
    found = cells(paths)
    np.testing.assert_array_equal(found[:30, :30], raster.codes[:30, :30])
    assert images(server) == 1
    assert (found[-60:] == 255).all()


def test_a_fetch_continues_where_it_was_stopped(
    server: Served, raster: ImageService, fetch_of: Fetch
) -> None:
    stopped(fetch_of())
    before = images(server)
    paths = fetched(fetch_of())
    np.testing.assert_array_equal(cells(paths), raster.codes)
    in_all = len(fetch_of().windows())
    assert before < in_all
    assert images(server) == in_all


def test_a_damaged_window_is_fetched_again(
    server: Served, raster: ImageService, fetch_of: Fetch, tmp_path: Path
) -> None:
    stopped(fetch_of())
    files = sorted(tmp_path.rglob("*.npz"))
    assert len(files) >= 3
    files[0].write_bytes(files[0].read_bytes()[:50])
    files[1].write_bytes(b"")
    np.testing.assert_array_equal(cells(fetched(fetch_of())), raster.codes)


def test_a_failure_leaves_what_was_fetched(server: Served, fetch_of: Fetch, tmp_path: Path) -> None:
    fetch = fetch_of(tries=1)
    server.faulty = lambda request: is_image(request) and images(server) > 6
    server.faults = [Reply(status=503)]
    with pytest.raises(SourceUnavailable):
        fetched(fetch)
    assert list(tmp_path.rglob("*.npz"))
    assert not list(tmp_path.rglob("*.tif"))


def changed(reply: Reply) -> Reply:
    """The same place with other cells."""
    from rasterio.io import MemoryFile

    with MemoryFile(reply.body) as file, file.open() as dataset:
        profile, codes = dataset.profile, dataset.read(1)
    codes = np.where(codes == 1, 6, 1).astype(np.uint8)
    with MemoryFile() as file:
        with file.open(**profile) as dataset:
            dataset.write(codes, 1)
        return Reply(bytes(file.read()))


def test_windows_that_disagree_at_a_seam_are_fetched_again(
    server: Served, raster: ImageService, fetch_of: Fetch
) -> None:
    fetch = fetch_of()
    server.faulty, server.faults = is_image, [changed]
    np.testing.assert_array_equal(cells(fetched(fetch)), raster.codes)
    assert images(server) > len(fetch.windows())


def test_windows_that_go_on_disagreeing_are_refused(
    server: Served, fetch_of: Fetch, tmp_path: Path
) -> None:
    fetch = fetch_of()
    number = iter(range(10_000))
    server.faulty = is_image
    server.faults = [lambda reply: changed(reply) if next(number) % 2 else reply] * 1000
    with pytest.raises(SourceChanged, match="equal cells where windows overlap"):
        fetched(fetch)
    assert not list(tmp_path.rglob("*.tif"))


def test_a_service_that_changes_meanwhile_is_refused(
    raster: ImageService, fetch_of: Fetch, tmp_path: Path
) -> None:
    fetch = fetch_of()
    raster.description = {"currentVersion": 11}
    with pytest.raises(SourceChanged, match="another description"):
        fetched(fetch)
    assert not list(tmp_path.rglob("*.tif"))


rectangles = st.builds(
    Window,
    st.integers(699_900, 700_050),
    st.integers(399_900, 400_050),
    st.integers(1, 200),
    st.integers(1, 200),
)


@given(area=rectangles, rows=st.integers(20, 90), columns=st.integers(20, 90))
def test_windows_cover_the_area_once(area: Window, rows: int, columns: int) -> None:
    planned = windows.plan(area, most_rows=rows, most_columns=columns, needed=lambda _: True)
    times = np.zeros(area.shape, int)
    for window in planned:
        assert len(store_tiles(window)) == 1
        grown = windows.with_margin(window, area=area)
        assert grown.intersection(area) == grown
        assert grown.height <= rows
        assert grown.width <= columns
        row, column = window.row - area.row, window.column - area.column
        times[row : row + window.height, column : column + window.width] += 1
    assert (times == 1).all()


@given(area=rectangles, rows=st.integers(20, 90), columns=st.integers(20, 90))
def test_seams_are_all_pairs_that_overlap(area: Window, rows: int, columns: int) -> None:
    planned = windows.plan(area, most_rows=rows, most_columns=columns, needed=lambda _: True)
    grown = [windows.with_margin(window, area=area) for window in planned]
    every = {
        (one, other)
        for one in range(len(grown))
        for other in range(one + 1, len(grown))
        if grown[one].intersection(grown[other]) is not None
    }
    found = list(windows.seams(planned, area=area))
    assert {tuple(sorted(pair)) for pair in found} == every
    assert len(found) == len(every)
