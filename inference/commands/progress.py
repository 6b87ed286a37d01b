"""Progress of long commands."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(unit: str, *, scaled: bool = False) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr if that is a terminal. Gives the function that takes done and total."""
    from tqdm import tqdm

    with tqdm(unit=unit, unit_scale=scaled, disable=None, file=sys.stderr) as bar:

        def show(done: int, total: int) -> None:
            if bar.total is None:
                # What an earlier call has done must not count for this one's speed.
                bar.reset(total=total)
                bar.initial = bar.n = done
            bar.update(done - bar.n)

        yield show
