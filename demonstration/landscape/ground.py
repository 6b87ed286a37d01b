"""The layout of a region that decides its cells."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from demonstration.grids.drawing import Marks
from demonstration.grids.fields import Field
from demonstration.grids.frame import Frame
from demonstration.landscape.business import draw_business
from demonstration.landscape.roads import Roads, build_roads, density_along, draw_roads
from demonstration.landscape.settlements import Settlements, settle, town_density
from demonstration.landscape.terrain import Terrain, shape_terrain
from demonstration.landscape.waters import Waters, draw_waters, find_waters

Progress = Callable[[str, float], None]


class Ground(NamedTuple):
    terrain: Terrain
    waters: Waters
    settlements: Settlements
    roads: Roads
    density: Field  # of building
    pull: Field  # of growth


def lay_out(frame: Frame, report: Progress) -> Ground:
    report("terrain", 0.0)
    terrain = shape_terrain(frame)
    waters = find_waters(frame, terrain)
    report("settlements", 0.06)
    settlements = settle(frame, terrain)
    density, pull = town_density(frame, settlements, terrain)
    report("roads", 0.10)
    roads = build_roads(frame, terrain, settlements, density)
    return Ground(terrain, waters, settlements, roads, density_along(density, roads), pull)


def draw_marks(frame: Frame, ground: Ground) -> Marks:
    """Waters, business zones and roads in the grid of marks."""
    marks: Marks = np.zeros((frame.cells, frame.cells), dtype=np.uint8)
    draw_waters(marks, frame, ground.waters)
    draw_business(marks, frame, ground.terrain, ground.settlements, ground.roads, ground.density)
    draw_roads(marks, ground.roads)
    return marks
