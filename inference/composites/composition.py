"""From a plan to a composite, block by block. Finished blocks survive a kill, and the result is the
same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from analytics.grid import Window
from analytics.rasters import Progress
from inference.composites import medians
from inference.composites.assets import Patience
from inference.composites.bands import INDEX_OF, MISSING
from inference.composites.blocks import Blocks
from inference.composites.composite import Composite, open_composite
from inference.composites.medians import Stored
from inference.composites.observation import observe
from inference.composites.plans import Overpass, Plan
from inference.composites.stacks import Stack
from inference.errors import NothingObserved, UnwritableOutput

JOBS = 4
"""Overpasses read at a time. Most of that time is spent waiting for answers."""


def compose(
    *,
    plan: Plan,
    out: Path,
    jobs: int = JOBS,
    patience: Patience | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Composite | None:
    """Write the composite of a plan to ``out``. Returns None if it was cancelled.

    A second call with the same plan and ``out`` continues where the first one stopped. ``progress``
    gets the number of overpasses done, summed over blocks, and their total. Raises
    UnreachableSource, UnreadableImagery, OffGrid, NothingObserved and UnwritableOutput.
    """
    blocks = Blocks(out, identity=plan.identity, names=plan.names)
    windows = list(plan.blocks())
    work = _Work(plan, patience or Patience(), cancelled or (lambda: False))
    total = sum(len(plan.overpasses(block)) for block in windows)
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total)

    with ThreadPoolExecutor(jobs) as pool:
        for block in windows:
            if blocks.is_done(block):
                for _ in plan.overpasses(block):
                    step()
                continue
            try:
                cells = work.block(block, pool=pool, folder=blocks.folder, step=step)
            except OSError as error:
                raise UnwritableOutput(
                    str(blocks.folder),
                    found=error.strerror or str(error),
                    expected="room for the observations of a block",
                ) from error
            if cells is None:
                return None
            blocks.write(block, cells)
    _check_observed(plan, blocks.observed(windows), blocks)
    blocks.assemble(plan.area.window, windows, tags=_tags(plan))
    return open_composite(out)


class _Work:
    """Makes blocks of one plan."""

    def __init__(self, plan: Plan, patience: Patience, cancelled: Callable[[], bool]) -> None:
        self._plan = plan
        self._patience = patience
        self._cancelled = cancelled

    def block(
        self,
        block: Window,
        *,
        pool: ThreadPoolExecutor,
        folder: Path,
        step: Callable[[], None],
    ) -> Stored | None:
        """All bands of the composite in a block. None if it was cancelled."""
        plan = self._plan
        with ExitStack() as open_stacks:
            stacks = [
                open_stacks.enter_context(Stack(folder, bands=len(plan.bands), shape=block.shape))
                for _ in plan.seasons
            ]
            futures = [
                pool.submit(self._observe, overpass, block, stacks[season])
                for season, overpass in plan.overpasses(block)
            ]
            try:
                for future in as_completed(futures):
                    future.result()
                    step()
                    if self._cancelled():
                        return None
            finally:
                _end(futures)
            return np.concatenate([self._composed(stack, block) for stack in stacks])

    def _observe(self, overpass: Overpass, block: Window, stack: Stack) -> None:
        cells = observe(
            overpass,
            block,
            bands=self._plan.bands,
            masking=self._plan.masking,
            patience=self._patience,
        )
        if cells is not None:
            stack.add(cells)

    def _composed(self, stack: Stack, block: Window) -> Stored:
        plan = self._plan
        bands, indices = plan.bands, plan.indices
        cells = np.full((len(bands) + len(indices) + 1, *block.shape), MISSING, dtype=np.int16)
        for band in range(len(bands)):
            for rows, observations in stack.strips(band):
                # A cell has all bands of an observation or none, so all bands have the same count.
                cells[band, rows], cells[-1, rows] = medians.median(observations)
        for position, name in enumerate(indices, start=len(bands)):
            first, second = (cells[bands.index(band)] for band in INDEX_OF[name])
            cells[position] = medians.index(first, second)
        return cells


def _end(futures: Sequence[Future[None]]) -> None:
    """Cancel what has not started and wait for the others, which write into open stacks."""
    for future in futures:
        future.cancel()
    for future in futures:
        try:
            future.exception()
        except CancelledError:
            continue


def _check_observed(plan: Plan, observed: Sequence[bool], blocks: Blocks) -> None:
    for season, seen in zip(plan.seasons, observed, strict=True):
        if seen:
            continue
        blocks.remove()
        scenes = sum(len(overpass.scenes) for overpass in season.overpasses)
        raise NothingObserved(
            f"season {season.season.name or season.season.interval}"
            if season.season.interval
            else "the imagery",
            found=f"no cell of the area without cloud in {scenes} scene(s)",
            expected="one at least",
            hint="Take a longer season, or mask fewer classes",
        )


def _tags(plan: Plan) -> dict[str, str]:
    """Metadata of a composite: its seasons, scenes and mask."""
    return {
        "SEASONS": " ".join(
            f"{p.season.name}={p.season.interval}" if p.season.name else p.season.interval
            for p in plan.seasons
        ),
        "SCENES": " ".join(sorted({scene.name for scene in plan.scenes})),
        "SCL_MASKED": " ".join(map(str, sorted(plan.masking.codes))),
        "SCL_MARGIN": f"{plan.masking.margin:g}",
    }
