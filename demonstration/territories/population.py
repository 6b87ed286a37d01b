"""Inhabitants of each commune in two years, estimated from its buildings."""

import numpy as np
from rasterio import features

from analytics.grid import CELL_SIZE
from analytics.nomenclature import SEALED
from demonstration.grids.drawing import BUSINESS, NEW_BUSINESS, NEW_ROAD, ROAD, Marks
from demonstration.grids.fields import Field, sample_at
from demonstration.grids.frame import Frame
from demonstration.landscape.settlements import DEVELOPED_FROM
from demonstration.territories.communes import Commune, Movement
from demonstration.truth.land_cover import Cells

FIRST_YEAR, LAST_YEAR = 2018, 2023


def count_people(
    frame: Frame, communes: list[Commune], truth: dict[int, Cells], marks: Marks, density: Field
) -> dict[int, dict[str, int]]:
    """Inhabitants by year and code of the earlier vintage of communes."""
    rng = frame.generator("population")
    # Position of the commune that holds each cell's centre, plus one; 0: none.
    commune_of = features.rasterize(
        ((c.geometry, k + 1) for k, c in enumerate(communes)),
        out_shape=(frame.cells, frame.cells),
        transform=frame.transform,
        dtype=np.uint16,
    )
    # Nobody lives on roads and in business zones.
    empty = marks & (ROAD | NEW_ROAD | BUSINESS | NEW_BUSINESS) != 0
    housed = {}
    for year in (FIRST_YEAR, LAST_YEAR):
        rows, columns = np.nonzero((truth[year] == SEALED) & ~empty & (commune_of > 0))
        dense = sample_at(density, np.stack([columns + 0.5, rows + 0.5], axis=1) * CELL_SIZE)
        dense = np.clip(dense - DEVELOPED_FROM + 0.1, 0, 1)
        # Persons per built cell of 100 m²: cottages and barns at the fringe, flats in the centre.
        persons = 0.07 + 0.55 * dense + 3.0 * dense**3
        housed[year] = np.bincount(commune_of[rows, columns], persons, len(communes) + 1)[1:]
    custom = rng.lognormal(0, 0.13, len(communes))
    yards = rng.uniform(20, 45, len(communes))
    first = np.maximum(np.round(housed[FIRST_YEAR] * custom + yards), 41)
    # People follow houses only in part; some communes lose inhabitants while they build.
    built = housed[LAST_YEAR] / np.maximum(housed[FIRST_YEAR], 1)
    trend = rng.normal(0.002, 0.022, len(communes))
    last = np.maximum(np.round(first * (1 + 0.8 * (built - 1) + trend)), 40)
    return {
        year: {c.code: int(count) for c, count in zip(communes, people, strict=True)}
        for year, people in ((FIRST_YEAR, first), (LAST_YEAR, last))
    }


def merged(people: dict[str, int], movements: list[Movement]) -> dict[str, int]:
    """The same inhabitants by code of the later vintage."""
    target = {m.old_code: m.new_code for m in movements}
    later: dict[str, int] = {}
    for code, inhabitants in people.items():
        code = target.get(code, code)
        later[code] = later.get(code, 0) + inhabitants
    return dict(sorted(later.items()))
