"""From a plan to a composite, block by block. A kill costs one block and changes no value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed, wait
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np

from analytics.grid import Window
from analytics.rasters import Progress
from inference.composites import medians
from inference.composites.assets import Patience
from inference.composites.bands import INDEX_OF, MISSING
from inference.composites.blocks import Blocks
from inference.composites.composite import Composite, open_composite
from inference.composites.medians import Stack, Stored
from inference.composites.observation import observe
from inference.composites.plans import Plan
from inference.composites.scenes import Overpass
from inference.errors import NothingObserved
from inference.output import writing


def compose(
    *,
    plan: Plan,
    out: Path,
    jobs: int = 4,
    patience: Patience | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Composite | None:
    """Write the composite of a plan to ``out``. Returns None if it was cancelled.

    A second call with the same plan and ``out`` continues where the first one stopped. ``jobs``
    overpasses are read at a time; most of that time is spent waiting for answers. ``progress`` gets
    the number of overpasses done, summed over blocks, and their total. Raises UnreachableSource,
    UnreadableImagery, OffGrid, NothingObserved and UnwritableOutput.
    """
    blocks = Blocks(out, identity=plan.identity, names=plan.names)
    overpasses = {block: plan.overpasses(block) for block in plan.blocks()}
    total, done = sum(map(len, overpasses.values())), 0

    def step() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total)

    def add(stack: Stack, overpass: Overpass, block: Window) -> None:
        cells = observe(
            overpass, block, bands=plan.bands, masking=plan.masking, patience=patience or Patience()
        )
        if cells is not None:
            stack.add(cells)

    with ThreadPoolExecutor(jobs) as pool:
        for block, seen in overpasses.items():
            if blocks.is_done(block):
                for _ in seen:
                    step()
                continue
            room = writing(blocks.folder, expected="room for the observations of a block")
            with room, ExitStack() as ending:
                bands = len(plan.bands)
                stacks = [
                    ending.enter_context(closing(Stack(blocks.folder, bands, block.shape)))
                    for _ in plan.seasons
                ]
                futures = [
                    pool.submit(add, stacks[season], overpass, block) for season, overpass in seen
                ]
                # What has started still writes into the stacks.
                ending.callback(wait, futures)
                for future in futures:
                    ending.callback(future.cancel)
                for future in as_completed(futures):
                    future.result()
                    step()
                    if cancelled():
                        return None
                cells = np.concatenate([_composed(plan, stack, block) for stack in stacks])
            blocks.write(block, cells)
    _check_observed(plan, blocks, list(overpasses))
    blocks.assemble(plan.area.window, list(overpasses), tags=_tags(plan))
    return open_composite(out)


def _composed(plan: Plan, stack: Stack, block: Window) -> Stored:
    """All bands of a season in a block."""
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


def _check_observed(plan: Plan, blocks: Blocks, windows: Sequence[Window]) -> None:
    for part, seen in zip(plan.seasons, blocks.observed(windows), strict=True):
        if not seen:
            blocks.remove()
            raise NothingObserved(
                part.season.title,
                found=f"no cell of the area without cloud in {len(part.scenes)} scene(s)",
                expected="one at least",
                hint="Take a longer season, or mask fewer classes",
            )


def _tags(plan: Plan) -> dict[str, str]:
    """Metadata of a composite: its seasons, scenes and mask."""
    seasons = [part.season for part in plan.seasons]
    return {
        "SEASONS": " ".join(f"{s.name}={s.interval}" if s.name else s.interval for s in seasons),
        "SCENES": " ".join(sorted({scene.name for scene in plan.scenes})),
        "SCL_MASKED": " ".join(map(str, sorted(plan.masking.codes))),
        "SCL_MARGIN": f"{plan.masking.margin:g}",
    }
