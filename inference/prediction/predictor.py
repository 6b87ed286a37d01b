"""From a checkpoint and a composite to rasters of codes and of the probability of sealed.

Reading, computing, blending and writing run at the same time. Finished pieces are kept, so a killed
prediction continues and ends with the same bytes. See docs/adr/0013.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from analytics.grid import Window
from analytics.nomenclature import MISSING_CODES, NO_DATA, SEALED
from inference.checkpoint import WEIGHTS, Checkpoint, load
from inference.composites import Composite, open_composite
from inference.errors import (
    ConfigurationError,
    CorruptWeights,
    NothingObserved,
    OutOfMemory,
    UnreadablePrediction,
    WrongClasses,
)
from inference.networks import devices
from inference.prediction import files as prediction_files
from inference.prediction.blend import STORED_ONE, Blend, Finished
from inference.prediction.files import MISSING_PROBABILITY, Prediction, Task
from inference.prediction.lattice import STRIP_CELLS, Lattice, Strip
from inference.prediction.mosaic import assemble
from inference.prediction.pieces import Counts, Piece, Pieces, open_pieces, remove_pieces
from inference.prediction.probabilities import Probabilities
from inference.prediction.slabs import Slab, slabs
from inference.prediction.threads import read_ahead, write_behind

__all__ = ["Prediction", "predict"]

Progress = Callable[[int, int], None]
"""Called with the cells done and the total."""


def predict(
    *,
    checkpoint: Path,
    composite: Path,
    out: Path,
    window: Window | None = None,
    batch_size: int | None = None,
    device: str = "auto",
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Prediction | None:
    """Predict the cells of a composite, or those of ``window``, into the folder ``out``.

    Returns None if ``cancelled`` returned True. After a kill or a cancellation, a second call
    continues. If the folder has the same prediction already, it is returned. ``progress`` and
    ``cancelled`` are called in the thread of the caller. Raises InferenceError.
    """
    chosen = devices.select(device)
    if batch_size is not None and batch_size < 1:
        raise ConfigurationError("batch", found=str(batch_size), expected="one window at least")
    description, network = load(checkpoint)
    _check(checkpoint, description, network)
    imagery = open_composite(composite)
    imagery.positions(description.bands)
    task = prediction_files.task_of(description, imagery, _part(imagery, window))
    found = _finished(out, task)
    if found is not None:
        return found
    with open_pieces(out, task, plan=f"1: strips of {STRIP_CELLS}") as pieces:
        work = _Work(description, network, imagery, pieces, task=task, device=chosen)
        try:
            done = work.done(
                batch_size=batch_size,
                progress=progress or (lambda _done, _all: None),
                cancelled=cancelled or (lambda: False),
            )
        except Exception as error:
            if not devices.is_out_of_memory(error):
                raise
        else:
            return _assembled(out, pieces, task, description) if done else None
        raise OutOfMemory(
            str(chosen),
            found="too little memory for a row of windows",
            expected=f"room for {STRIP_CELLS} cells by {description.window}, and the network",
            hint="End what else uses the device",
        )


class _Work:
    """The work on one task."""

    def __init__(
        self,
        description: Checkpoint,
        network: nn.Module,
        imagery: Composite,
        pieces: Pieces,
        *,
        task: Task,
        device: torch.device,
    ) -> None:
        self._description, self._network, self.device = description, network, device
        self._imagery, self._pieces, self._all = imagery, pieces, task.window.cells
        self._lattice = Lattice.of(description.window)
        self._codes = np.array(description.codes, dtype=np.uint8)
        self._left: list[tuple[Strip, int]] = []
        for strip in self._lattice.strips(task.window, cells=STRIP_CELLS):
            undone = [n for n in strip.bands if strip.band(n) not in pieces.done]
            if undone:
                self._left.append((strip, undone[0]))

    def done(
        self, *, batch_size: int | None, progress: Progress, cancelled: Callable[[], bool]
    ) -> bool:
        """Make all missing pieces. False if it was cancelled."""
        probabilities = self._probabilities(batch_size)
        cells = self._all - sum(
            strip.band(number).cells
            for strip, first in self._left
            for number in range(first, strip.bands.stop)
        )
        progress(cells, self._all)
        with (
            write_behind(self._write, depth=2) as written,
            write_behind(_Blender(self, written).take, depth=2) as blended,
            read_ahead(self._slabs(), depth=1) as read,
        ):
            for slab in read:
                if cancelled():
                    return False
                columns, seen = slab.columns, 0
                for batch, found in probabilities.of_windows(slab.cells, columns):
                    blended(_Computed(slab, batch, found))
                    seen += len(batch)
                    if slab.band is not None:
                        progress(cells + slab.band.cells * seen // len(columns), self._all)
                    if cancelled():
                        return False
                blended(_Computed(slab, (), None))
                if slab.band is not None:
                    cells += slab.band.cells
                    progress(cells, self._all)
        return True

    def _probabilities(self, batch_size: int | None) -> Probabilities:
        side = self._lattice.side
        return Probabilities(
            self._description,
            self._network,
            device=self.device,
            batch_size=batch_size or devices.windows_at_once(self.device, side=side),
            windows=sum(len(strip.rows(first)) * len(strip.columns) for strip, first in self._left),
        )

    def _slabs(self) -> Generator[Slab, None, None]:
        return slabs(
            self._imagery,
            self._description.bands,
            self._left,
            threads="ALL_CPUS" if self.device.type == "cuda" else "1",
            placed=lambda cells: devices.to_device(cells, self.device),
        )

    def blend(self, strip: Strip) -> Blend:
        """Empty sums for a strip."""
        return Blend(
            self._lattice,
            labels=len(self._codes),
            sealed=self._description.index_of(SEALED),
            width=strip.width,
            device=self.device,
        )

    def _write(self, row: _Row) -> None:
        """Write a finished row. Runs in the writing thread."""
        band, observed = row.slab.band, row.slab.observed_of_band
        assert band is not None, "a finished row"
        start = band.row - row.slab.number * self._lattice.stride
        column = band.column - row.slab.strip.column
        part = (slice(start, start + band.height), slice(column, column + band.width))
        labels = devices.to_host(row.finished.labels, row.after)[part]
        stored = devices.to_host(row.finished.stored, row.after)[part]
        counted = np.bincount(labels[observed], minlength=len(self._codes))
        self._pieces.add(
            Piece(
                window=band,
                codes=np.where(observed, self._codes[labels], np.uint8(NO_DATA)),
                stored=np.where(observed, stored, MISSING_PROBABILITY).astype(np.uint16),
                counts=Counts(
                    observed=int(counted.sum()),
                    cells=Counter(dict(zip(self._codes.tolist(), counted.tolist(), strict=True))),
                    stored_sum=int(stored[observed].sum(dtype=np.int64)),
                ),
            )
        )


@dataclass(frozen=True, slots=True)
class _Computed:
    """Probabilities of windows of a slab that start at ``columns``. None after the last window."""

    slab: Slab
    columns: Sequence[int]
    probabilities: Tensor | None


class _Blender:
    """Adds windows up in its own thread, while the next ones are computed."""

    def __init__(self, work: _Work, written: Callable[[_Row], None]) -> None:
        self._work, self._written = work, written
        self._strip: Strip | None = None

    def take(self, computed: _Computed) -> None:
        """Add windows. After the last one of a slab, pass on the finished rows."""
        slab = computed.slab
        if slab.strip != self._strip:
            self._strip, self._blend = slab.strip, self._work.blend(slab.strip)
        if computed.probabilities is not None:
            self._blend.add(computed.probabilities, computed.columns)
            return
        finished = self._blend.finish()
        if slab.band is not None:
            self._written(_Row(slab, finished, devices.mark(self._work.device)))


@dataclass(frozen=True, slots=True)
class _Row:
    """Rows finished with a slab, available once the device has reached ``after``."""

    slab: Slab
    finished: Finished
    after: torch.cuda.Event | None


def _check(folder: Path, description: Checkpoint, network: nn.Module) -> None:
    description.index_of(SEALED)
    wrong = [code for code in description.codes if code in MISSING_CODES or not 0 <= code <= 255]
    if wrong:
        raise WrongClasses(
            str(folder),
            found=f"labels {', '.join(map(str, wrong))}",
            expected="codes from 0 to 252; 253 to 255 are for what is missing",
        )
    if not all(bool(torch.isfinite(tensor).all()) for tensor in network.state_dict().values()):
        raise CorruptWeights(
            str(folder / WEIGHTS),
            found="weights that are no numbers",
            expected="finite ones",
            hint="Its training diverged: train again",
        )


def _part(imagery: Composite, window: Window | None) -> Window:
    """The requested cells of the composite."""
    if window is None:
        return imagery.window
    part = window.intersection(imagery.window)
    if part is None:
        west, south, east, north = imagery.window.bounds
        raise NothingObserved(
            imagery.path.name,
            found="no cell in the part that was requested",
            expected=f"a part of {west} {south} {east} {north} (west, south, east, north)",
        )
    return part


def _finished(out: Path, task: Task) -> Prediction | None:
    """The same prediction, if the folder has it."""
    try:
        found = prediction_files.read(out)
    except UnreadablePrediction:
        return None
    return found if found.task == task else None


def _assembled(out: Path, pieces: Pieces, task: Task, description: Checkpoint) -> Prediction:
    counts = sum(pieces.done.values(), Counts())
    if not counts.observed:
        remove_pieces(out)
        raise NothingObserved(
            task.composite,
            found=f"none of {task.window.cells} cells observed in every band",
            expected="at least one",
            hint="Is all of it cloud? Compose with a longer season",
        )
    prediction = Prediction(
        folder=out,
        task=task,
        labels=description.labels,
        observed=counts.observed,
        cells={code: counts.cells[code] for code in description.codes},
        probability_sum=counts.stored_sum / STORED_ONE,
    )
    assemble(pieces, prediction)
    remove_pieces(out)
    return prediction
