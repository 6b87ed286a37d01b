"""Composites of a year: found in the folder of imagery."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from analytics.grid import Window
from clcplus.errors import NoImagery
from inference.composites import Composite, open_composite


def composites_of(year: int) -> list[Path]:
    """Files of a year's composites, by name."""
    folder: Path = settings.CLCPLUS_IMAGERY
    return sorted(folder.glob(f"composite-{year}*.tif")) if folder.is_dir() else []


def all_composites() -> list[Path]:
    """Composites of all years, by name."""
    folder: Path = settings.CLCPLUS_IMAGERY
    return sorted(folder.glob("composite-*.tif")) if folder.is_dir() else []


def sample_of(year: int) -> Path | None:
    """The reference sample of a year, a table of points with their true codes, if there is one."""
    path: Path = settings.CLCPLUS_IMAGERY / f"sample-{year}.csv"
    return path if path.is_file() else None


def find_composite(*, year: int, window: Window | None) -> Composite | None:
    """The composite of a year that shares most cells with a window, or the first; None for none.

    Raises errors of imagery for a file that is no composite.
    """
    found = [open_composite(path) for path in composites_of(year)]
    if window is None:
        return found[0] if found else None
    shared = [(composite.window.intersection(window), composite) for composite in found]
    overlapping = [(part.cells, composite) for part, composite in shared if part is not None]
    return max(overlapping, key=lambda pair: pair[0])[1] if overlapping else None


def no_imagery(year: int, *, where: str = "") -> NoImagery:
    """The error of a year without a composite."""
    area = f" over {where}" if where else ""
    return NoImagery(
        f"imagery of {year}",
        found=f"no composite{area} in {settings.CLCPLUS_IMAGERY}",
        expected=f"composite-{year}.tif, or one of its kind",
        hint="Make one with `python -m inference compose`, or set CLCPLUS_STAC",
    )
