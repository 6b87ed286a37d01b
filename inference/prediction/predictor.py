"""From a checkpoint and a composite to rasters of codes and of the probability of sealed.

Reading, computing, blending and writing run at the same time. Finished pieces are kept, so a killed
prediction continues and ends with the same bytes. See docs/adr/0013.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from analytics.grid import Window
from analytics.nomenclature import MISSING_CODES, NO_DATA, SEALED
from analytics.rasters import Progress
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
from inference.prediction.blend import Blend, Finished
from inference.prediction.files import MISSING_PROBABILITY, STORED_ONE, Prediction, Task
from inference.prediction.lattice import STRIP_CELLS, Lattice, Strip
from inference.prediction.pieces import Pieces, assemble, open_pieces, remove_pieces
from inference.prediction.probabilities import Probabilities
from inference.prediction.slabs import Slab, slabs
from inference.threads import read_ahead, write_behind


def predict(
    *,
    checkpoint: Path,
    composite: Path,
    out: Path,
    window: Window | None = None,
    batch_size: int | None = None,
    device: str = "auto",
    progress: Progress | None = None,
    cancelled: Callable[[], bool] = lambda: False,
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
    with suppress(UnreadablePrediction):
        found = prediction_files.read(out)
        if found.task == task:
            return found
    with open_pieces(out, task, plan=f"1: strips of {STRIP_CELLS}") as pieces:
        work = _Work(description, network, imagery, pieces, task=task, device=chosen)
        try:
            done = work.done(
                batch_size=batch_size,
                progress=progress or (lambda done, total: None),
                cancelled=cancelled,
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
        self._description, self._network, self._device = description, network, device
        self._imagery, self._pieces, self._all = imagery, pieces, task.window.cells
        self._lattice = Lattice.of(description.window)
        self._codes = np.array(description.codes, dtype=np.uint8)
        self._strip: Strip | None = None
        self._left: list[tuple[Strip, int]] = []
        for strip in self._lattice.strips(task.window, cells=STRIP_CELLS):
            undone = [n for n in strip.bands if strip.band(n) not in pieces.done]
            if undone:
                self._left.append((strip, undone[0]))

    def done(
        self, *, batch_size: int | None, progress: Progress, cancelled: Callable[[], bool]
    ) -> bool:
        """Make all missing pieces. False if it was cancelled."""
        probabilities = Probabilities(
            self._description,
            self._network,
            device=self._device,
            batch_size=batch_size or devices.windows_at_once(self._device, side=self._lattice.side),
            windows=sum(len(strip.rows(first)) * len(strip.columns) for strip, first in self._left),
        )
        cells = self._all - sum(
            strip.band(number).cells
            for strip, first in self._left
            for number in range(first, strip.bands.stop)
        )
        progress(cells, self._all)
        coming = slabs(
            self._imagery,
            self._description.bands,
            self._left,
            threads="ALL_CPUS" if self._device.type == "cuda" else "1",
            placed=lambda cells: devices.to_device(cells, self._device),
        )
        with (
            write_behind(self._write, depth=2) as written,
            write_behind(partial(self._blend, written), depth=2) as blended,
            read_ahead(coming, depth=2) as read,
        ):
            for slab in read:
                if cancelled():
                    return False
                columns, seen = slab.columns, 0
                for batch, found in probabilities.of_windows(slab.cells, columns):
                    blended(slab, batch, found)
                    seen += len(batch)
                    if slab.band is not None:
                        progress(cells + slab.band.cells * seen // len(columns), self._all)
                    if cancelled():
                        return False
                blended(slab, (), None)
                if slab.band is not None:
                    cells += slab.band.cells
                    progress(cells, self._all)
        return True

    def _blend(
        self,
        written: Callable[[Slab, Finished], None],
        slab: Slab,
        columns: Sequence[int],
        probabilities: Tensor | None,
    ) -> None:
        """Add up windows that start at ``columns``, in a thread of its own. None after the last
        window of a slab: then the finished rows are passed on."""
        if slab.strip != self._strip:
            self._strip = slab.strip
            self._sums = Blend(
                self._lattice,
                labels=len(self._codes),
                sealed=self._description.index_of(SEALED),
                width=slab.strip.width,
                device=self._device,
            )
        if probabilities is not None:
            self._sums.add(probabilities, columns)
            return
        finished = self._sums.finish()
        if slab.band is not None:
            written(slab, finished)

    def _write(self, slab: Slab, finished: Finished) -> None:
        """Write finished rows, in a thread of its own."""
        assert slab.band is not None, "finished rows"
        part = slab.place_of_band
        observed = slab.observed[part]
        labels = devices.to_host(finished.labels, finished.after)[part]
        stored = devices.to_host(finished.stored, finished.after)[part]
        counted = np.bincount(labels[observed], minlength=len(self._codes))
        self._pieces.add(
            slab.band,
            codes=np.where(observed, self._codes[labels], np.uint8(NO_DATA)),
            stored=np.where(observed, stored, MISSING_PROBABILITY).astype(np.uint16),
            cells=Counter(dict(zip(self._codes.tolist(), counted.tolist(), strict=True))),
            stored_sum=int(stored[observed].sum(dtype=np.int64)),
        )


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


def _assembled(out: Path, pieces: Pieces, task: Task, description: Checkpoint) -> Prediction:
    cells: Counter[int] = sum((of_piece for of_piece, _ in pieces.done.values()), Counter())
    if not cells.total():
        remove_pieces(out)
        raise NothingObserved(
            task.composite.name,
            found=f"none of {task.window.cells} cells observed in every band",
            expected="at least one",
            hint="Is all of it cloud? Compose with a longer season",
        )
    prediction = Prediction(
        folder=out,
        task=task,
        labels=description.labels,
        observed=cells.total(),
        cells={code: cells[code] for code in description.codes},
        probability_sum=sum(stored for _, stored in pieces.done.values()) / STORED_ONE,
    )
    assemble(pieces, prediction)
    remove_pieces(out)
    return prediction
