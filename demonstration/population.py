"""Inhabitants of each commune in two years, estimated from its buildings."""

import numpy as np
import numpy.typing as npt
from rasterio import features

from analytics.nomenclature import SEALED

from . import drawing
from .communes import Commune, Movement
from .fields import Field, fill_samples
from .frame import CELL_M, COARSE_M, Frame, generator
from .land_cover import Cells
from .settlements import DEVELOPED_FROM

YEARS = (2018, 2023)


def commune_grid(*, frame: Frame, communes: list[Commune]) -> npt.NDArray[np.uint16]:
    """Position in `communes` plus one of the commune that holds each cell's centre; 0: none."""
    return np.asarray(
        features.rasterize(
            ((c.geometry, k + 1) for k, c in enumerate(communes)),
            out_shape=(frame.cells, frame.cells),
            transform=frame.transform,
            dtype=np.uint16,
        )
    )


def count_people(
    *,
    frame: Frame,
    communes: list[Commune],
    grid: npt.NDArray[np.uint16],
    truth: dict[int, Cells],
    marks: Cells,
    density: Field,
    seed: int,
) -> dict[int, dict[str, int]]:
    """Inhabitants by year and code of the earlier vintage of communes."""
    rng = generator(seed, "population")
    # Nobody lives on roads and in business zones.
    empty = drawing.ROAD | drawing.NEW_ROAD | drawing.BUSINESS | drawing.NEW_BUSINESS
    housed = {}
    for year in YEARS:
        flat = np.flatnonzero((truth[year] == SEALED) & (marks & empty == 0) & (grid > 0))
        x = np.asarray((flat % frame.cells) * CELL_M + CELL_M / 2, dtype=np.float64)
        y = np.asarray((flat // frame.cells) * CELL_M + CELL_M / 2, dtype=np.float64)
        dense = np.empty(flat.size)
        fill_samples(dense, density, x, y, float(COARSE_M))
        dense = np.clip(dense - DEVELOPED_FROM + 0.1, 0, 1)
        # Persons per built cell of 100 m²: cottages and barns at the fringe, flats in the centre.
        persons = 0.07 + 0.55 * dense + 3.0 * dense**3
        housed[year] = np.bincount(grid.ravel()[flat], persons, minlength=len(communes) + 1)[1:]
    custom = rng.lognormal(0, 0.13, len(communes))
    first = np.maximum(np.round(housed[2018] * custom + rng.uniform(20, 45, len(communes))), 41)
    # People follow houses only in part; some communes lose inhabitants while they build.
    built = housed[2023] / np.maximum(housed[2018], 1)
    trend = rng.normal(0.002, 0.022, len(communes))
    last = np.maximum(np.round(first * (1 + 0.8 * (built - 1) + trend)), 40)
    codes = [c.code for c in communes]
    return {
        2018: dict(zip(codes, first.astype(int).tolist(), strict=True)),
        2023: dict(zip(codes, last.astype(int).tolist(), strict=True)),
    }


def merged(people: dict[str, int], movements: list[Movement]) -> dict[str, int]:
    """The same inhabitants by code of the later vintage."""
    target = {m.old_code: m.new_code for m in movements}
    later: dict[str, int] = {}
    for code, inhabitants in people.items():
        code = target.get(code, code)
        later[code] = later.get(code, 0) + inhabitants
    return dict(sorted(later.items()))
