"""Training examples, windows or cells, gathered once into files on disk.

Random windows of compressed rasters are slow to read, and each epoch reads them all. Here they are
read once, in the order of the files, and written as stored, int16. Memory holds one row of windows,
whatever the size of the rasters.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.format import open_memmap

from analytics.grid import Window, window_of_bounds
from analytics.rasters import read_sources
from inference.composites import MISSING, SCALE, open_bands
from inference.errors import TrainingError
from inference.output import write_text
from inference.training.configuration import Configuration
from inference.training.sources import Sources
from inference.training.split import Split

Stored = npt.NDArray[np.int16]
"""(examples, bands, height, width) as stored. A cell is MISSING in all bands or in none."""
Targets = npt.NDArray[np.uint8]
"""(examples, height, width): position of the label. IGNORED where the cell does not count."""

IGNORED = 255
"""Target of a cell that counts neither for the loss nor for metrics."""


@dataclass(frozen=True, slots=True)
class BandStatistics:
    """Mean and standard deviation of each band, in reflectance, and cells of each label."""

    mean: tuple[float, ...]
    std: tuple[float, ...]
    cells: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Examples:
    """Examples on disk, and the statistics of their labelled cells."""

    stored: Stored
    targets: Targets
    statistics: BandStatistics

    def __len__(self) -> int:
        return len(self.stored)


def gather(
    configuration: Configuration,
    sources: Sequence[Sources],
    parts: Split,
    part: str,
    *,
    folder: Path,
) -> Examples:
    """Gather examples into ``folder``, or open the examples gathered there before.

    ``part`` is "training" or "validation". Raises TrainingError if there is no example.
    """
    path = folder / f"{part}.json"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _Gatherer(configuration, sources, parts, part).write(folder)
    document = json.loads(path.read_text(encoding="utf-8"))
    count = document["examples"]
    facts = {key: tuple(value) for key, value in document["statistics"].items()}
    return Examples(
        stored=np.load(folder / f"{part}.stored.npy", mmap_mode="r")[:count],
        targets=np.load(folder / f"{part}.targets.npy", mmap_mode="r")[:count],
        statistics=BandStatistics(**facts),
    )


class _Gatherer:
    def __init__(
        self, configuration: Configuration, sources: Sequence[Sources], parts: Split, part: str
    ) -> None:
        self.configuration, self.sources, self.parts, self.part = (
            configuration,
            sources,
            parts,
            part,
        )
        self.side = configuration.window
        self.extent = window_of_bounds(*parts.extent) if math.isfinite(sum(parts.extent)) else None
        # From codes of the reference to positions of labels.
        self.position = np.full(256, IGNORED, dtype=np.uint8)
        for position, label in enumerate(configuration.labels):
            self.position[list(label.sources)] = position

    def write(self, folder: Path) -> None:
        """Count labelled cells, draw windows, and read the imagery of the drawn windows."""
        side = self.side
        counts = [
            int(count)
            for source in self.sources
            for _, targets, _ in self._strips(source)
            for count in _by_window(targets != IGNORED, side).sum(axis=(1, 2))
        ]
        chosen = self._draw(np.array(counts, dtype=np.int64))
        room = (
            sum(len(cells) for cells in chosen.values())
            if self.configuration.by_cell
            else len(chosen)
        )
        if not room:
            raise self._nothing()
        edge = 1 if self.configuration.by_cell else side
        bands, labels = len(self.configuration.bands), len(self.configuration.labels)
        path = folder / f"{self.part}.stored.npy"
        stored = open_memmap(path, "w+", np.int16, (room, bands, edge, edge))
        path = folder / f"{self.part}.targets.npy"
        targets = open_memmap(path, "w+", np.uint8, (room, edge, edge))
        # Sums over labelled cells in whole numbers, so that order and rounding do not matter.
        values, squares = np.zeros((2, bands), dtype=np.int64)
        cells = np.zeros(labels, dtype=np.int64)
        written = 0
        for imagery, target in self._drawn(chosen):
            labelled = target != IGNORED
            if not labelled.any():
                continue  # all cloud
            stop = written + len(imagery)
            stored[written:stop], targets[written:stop] = imagery, target
            written = stop
            of_bands = imagery.transpose(1, 0, 2, 3)[:, labelled].astype(np.int64)
            values += of_bands.sum(axis=1)
            squares += (of_bands * of_bands).sum(axis=1)
            cells += np.bincount(target[labelled], minlength=labels)
        if not written:
            raise self._nothing()
        stored.flush()
        targets.flush()
        statistics = _statistics(values.tolist(), squares.tolist(), cells.tolist())
        document = {"examples": written, "statistics": asdict(statistics)}
        # Written last: with this file there, the examples are complete.
        write_text(folder / f"{self.part}.json", json.dumps(document))

    def _draw(self, counts: npt.NDArray[np.int64]) -> dict[int, npt.NDArray[np.int64]]:
        """Numbers of the windows to read, in order, with the ranks of the cells to take from each.
        No ranks for whole windows."""
        configuration, training = self.configuration, self.part == "training"
        most = configuration.examples if training else configuration.validation_examples
        seeds = np.random.SeedSequence((configuration.seed, 0 if training else 1))
        generator = np.random.default_rng(int(seeds.generate_state(1)[0]))
        useful = np.flatnonzero(counts)
        if not self.configuration.by_cell:
            if most and len(useful) > most:
                useful = np.sort(generator.choice(useful, most, replace=False))
            nothing = np.empty(0, dtype=np.int64)
            return {int(number): nothing for number in useful}
        total = int(counts.sum())
        ranks = (
            np.sort(generator.choice(total, most, replace=False, shuffle=False))
            if most and total > most
            else np.arange(total, dtype=np.int64)
        )
        stops = np.cumsum(counts)
        starts = stops - counts
        first, last = np.searchsorted(ranks, starts), np.searchsorted(ranks, stops)
        return {
            int(number): ranks[first[number] : last[number]] - starts[number]
            for number in np.flatnonzero(last > first)
        }

    def _drawn(self, chosen: dict[int, npt.NDArray[np.int64]]) -> Iterator[tuple[Stored, Targets]]:
        """Imagery and targets of the drawn examples: one window, or the cells of one window."""
        side = self.side
        number = 0
        for source in self.sources:
            with open_bands(source.composite, self.configuration.bands) as reader:
                for strip, targets, hidden in self._strips(source):
                    parts = zip(_by_window(targets, side), _by_window(hidden, side), strict=True)
                    for column, (target, unseen) in enumerate(parts, start=strip.column // side):
                        if number in chosen:
                            imagery = reader.stored(Window(strip.row, column * side, side, side))
                            # A cell without one of the bands, or hidden, is MISSING in all.
                            missing = unseen | (imagery == MISSING).any(axis=0)
                            imagery[:, missing] = MISSING
                            if self.configuration.by_cell:
                                yield _cells(imagery, target, ranks=chosen[number])
                            else:
                                yield imagery[None], np.where(missing, IGNORED, target)[None]
                        number += 1

    def _strips(self, source: Sources) -> Iterator[tuple[Window, Targets, npt.NDArray[np.bool_]]]:
        """Rows of windows on the lattice of the grid, with their targets and hidden cells."""
        whole = source.window
        inside = whole.intersection(self.extent) if whole and self.extent else None
        if inside is None:
            return
        for strip in inside.snapped(self.side).strips(self.side):
            part = self.parts.part(self.part, strip)
            targets = self.position[read_sources(source.reference, strip)]
            targets[~part.labelled] = IGNORED
            yield strip, targets, part.hidden

    def _nothing(self) -> TrainingError:
        return TrainingError(
            f"{self.part} areas",
            found="no cell that has both imagery and one of the labels",
            expected="territories that lie in the composite and in the reference",
            hint="A buffer as wide as the territories leaves no cell of them",
        )


def _by_window(strip: npt.NDArray[Any], side: int) -> npt.NDArray[Any]:
    """A row of windows, shape (side, n × side), as (n, side, side)."""
    return strip.reshape(side, -1, side).transpose(1, 0, 2)


def _cells(
    imagery: Stored, target: Targets, *, ranks: npt.NDArray[np.int64]
) -> tuple[Stored, Targets]:
    """Cells of a window as examples: of its labelled cells those with ``ranks``, if observed."""
    places = np.flatnonzero(target.ravel() != IGNORED)[ranks]
    taken = imagery.reshape(len(imagery), -1)[:, places]
    observed = taken[0] != MISSING
    return (
        np.ascontiguousarray(taken[:, observed].T)[:, :, None, None],
        target.ravel()[places][observed][:, None, None],
    )


def _statistics(values: list[int], squares: list[int], cells: list[int]) -> BandStatistics:
    """Statistics from sums. Python's integers are exact for differences of large numbers."""
    count = sum(cells)
    spread = [
        math.sqrt(count * square - value**2) / count
        for value, square in zip(values, squares, strict=True)
    ]
    return BandStatistics(
        mean=tuple(value / count / SCALE for value in values),
        # A constant band has a deviation of 0. It is divided by 1 instead.
        std=tuple((value or SCALE) / SCALE for value in spread),
        cells=tuple(cells),
    )
