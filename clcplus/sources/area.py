"""An area of an ImageServer, fetched window by window into files: resumable, compared at the
seams, and complete or not there at all."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import reduce
from itertools import groupby
from pathlib import Path

import numpy as np
from cachetools import LRUCache, cached

from analytics.files import replacement
from analytics.grid import StoreTile, Window, store_tiles
from analytics.nomenclature import NO_DATA
from analytics.rasters import Codes, write_cog
from clcplus.sources import image_server, windows
from clcplus.sources.client import Client
from clcplus.sources.errors import SourceChanged
from clcplus.sources.image_server import ImageService

_ROUNDS = 2
"""How often windows that disagree are fetched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaFetch:
    """What to fetch: the needed windows of an area, with these codes, into a folder."""

    client: Client
    service: ImageService
    area: Window
    needed: Callable[[Window], bool]
    codes: frozenset[int]
    folder: Path
    connections: int = 2
    """Requests at a time: few, since the service is everybody's."""

    def windows(self) -> list[Window]:
        """The windows, from tile to tile."""
        inside = self.area.intersection(self.service.area)
        if inside is None:
            return []
        return windows.plan(
            inside,
            most_rows=self.service.most_rows,
            most_columns=self.service.most_columns,
            needed=self.needed,
        )


def fetch_area(fetch: AreaFetch, *, progress: Callable[[int, int], None]) -> list[Path]:
    """Fetch what the folder lacks, compare the seams, and write a COG for each 100 km tile.

    A window that an earlier attempt has fetched from the same service is kept. ``progress`` gets
    cells fetched and cells in all; what it raises stops the fetch. Raises SourceError;
    SourceChanged where windows disagree at a seam, or the service describes itself anew.
    """
    # Another description is another folder: windows of different states are not mixed.
    parts = fetch.folder / f"windows-{fetch.service.fingerprint[:16]}"
    parts.mkdir(parents=True, exist_ok=True)
    planned = fetch.windows()
    for _ in range(_ROUNDS):
        _fetch_missing(fetch, planned, parts, progress=progress)
        wrong = _disagreeing(fetch, planned, parts)
        if not wrong:
            break
        for window in wrong:
            _file_of(window, parts).unlink()
    else:
        raise SourceChanged(
            fetch.service.url,
            found=f"other cells in {len(wrong)} windows each time that they are fetched",
            expected="equal cells where windows overlap",
        )
    if image_server.describe(fetch.client, fetch.service.url) != fetch.service:
        raise SourceChanged(
            fetch.service.url,
            found="another description than before the fetch",
            expected="data that stay the same meanwhile",
        )
    tiles = _write_tiles(fetch, planned, parts)
    shutil.rmtree(parts)
    return tiles


def _fetch_missing(
    fetch: AreaFetch,
    planned: Sequence[Window],
    parts: Path,
    *,
    progress: Callable[[int, int], None],
) -> None:
    total = sum(window.cells for window in planned)
    missing = [window for window in planned if _read(fetch, window, parts) is None]
    done = total - sum(window.cells for window in missing)
    progress(done, total)

    def one(window: Window) -> int:
        grown = windows.with_margin(window, area=fetch.service.area)
        codes = image_server.fetch(fetch.client, fetch.service, grown, codes=fetch.codes)
        _write(codes, _file_of(window, parts))
        return window.cells

    left = list(reversed(missing))
    with ThreadPoolExecutor(fetch.connections) as pool:
        running = {pool.submit(one, left.pop()) for _ in range(min(fetch.connections, len(left)))}
        while running:
            ended, running = wait(running, timeout=1.0, return_when=FIRST_COMPLETED)
            for future in ended:
                done += future.result()
            progress(done, total)
            while left and len(running) < fetch.connections:
                running.add(pool.submit(one, left.pop()))


def _disagreeing(fetch: AreaFetch, planned: Sequence[Window], parts: Path) -> set[Window]:
    """Windows that have other cells than a neighbour where both have them."""

    @cached(LRUCache(maxsize=64))
    def codes(index: int) -> Codes:
        found = _read(fetch, planned[index], parts)
        if found is None:
            raise SourceChanged(
                str(parts), found="a window that is gone", expected="the fetched windows"
            )
        return found

    area = fetch.service.area
    grown = [windows.with_margin(window, area=area) for window in planned]
    wrong: set[Window] = set()
    for one, other in windows.seams(planned, area=area):
        at = grown[one], grown[other]
        if windows.differing_cells(codes(one), codes(other), at=at):
            wrong |= {planned[one], planned[other]}
    return wrong


def _write_tiles(fetch: AreaFetch, planned: Sequence[Window], parts: Path) -> list[Path]:
    """A COG for each tile; cells of its windows' rectangle that were not needed are "no data"."""
    written = []
    for tile, of_tile in groupby(planned, key=_tile_of):
        inside = list(of_tile)
        whole = reduce(Window.union, inside)
        codes = np.full(whole.shape, NO_DATA, dtype=np.uint8)
        for window in inside:
            part = _read(fetch, window, parts)
            assert part is not None
            row, column = window.row - whole.row, window.column - whole.column
            codes[row : row + window.height, column : column + window.width] = part[
                : window.height, : window.width
            ]
        path = fetch.folder / f"{tile.name}.tif"
        with replacement.replaced(path) as unfinished:
            write_cog(codes, window=whole, path=unfinished)
        written.append(path)
    return written


def _tile_of(window: Window) -> StoreTile:
    (tile,) = store_tiles(window)
    return tile


def _file_of(window: Window, parts: Path) -> Path:
    return parts / f"{window.row}-{window.column}-{window.height}-{window.width}.npz"


def _write(codes: Codes, file: Path) -> None:
    with replacement.replaced(file) as unfinished:
        np.savez_compressed(unfinished, codes=codes)


def _read(fetch: AreaFetch, window: Window, parts: Path) -> Codes | None:
    """The codes of a fetched window with its margin; None where there is no such file, or a
    damaged one."""
    shape = windows.with_margin(window, area=fetch.service.area).shape
    try:
        with (
            _file_of(window, parts).open("rb") as raw,
            np.load(raw, allow_pickle=False) as file,
        ):
            codes: Codes = file["codes"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    return codes if codes.shape == shape and codes.dtype == np.uint8 else None
