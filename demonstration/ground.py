"""The layout of a region that decides its cells, and the cells before towns grow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .drawing import Marks
from .fields import Field
from .frame import Frame
from .hydrology import Waters, draw_waters, find_waters
from .land_cover import Cells, Cover, cover_land, plan_land
from .roads import Roads, build_roads, density_along, draw_roads
from .settlements import Settlements, settle, town_density
from .terrain import Terrain, shape_terrain
from .urban import draw_business

Progress = Callable[[str, float], None]


@dataclass(frozen=True, kw_only=True)
class Ground:
    terrain: Terrain
    waters: Waters
    settlements: Settlements
    roads: Roads
    density: Field  # of building, planning grid
    pull: Field  # of growth, planning grid


def lay_out(*, frame: Frame, seed: int, report: Progress) -> Ground:
    report("terrain", 0.0)
    terrain = shape_terrain(frame=frame, seed=seed)
    waters = find_waters(frame=frame, terrain=terrain, seed=seed)
    report("settlements", 0.06)
    settlements = settle(frame=frame, terrain=terrain, seed=seed)
    density, pull = town_density(frame=frame, settlements=settlements, terrain=terrain, seed=seed)
    report("roads", 0.10)
    roads = build_roads(
        frame=frame, terrain=terrain, settlements=settlements, density=density, seed=seed
    )
    return Ground(
        terrain=terrain,
        waters=waters,
        settlements=settlements,
        roads=roads,
        density=density_along(frame=frame, density=density, roads=roads),
        pull=pull,
    )


def cover_ground(*, frame: Frame, ground: Ground, inside: Cells, seed: int) -> tuple[Marks, Cover]:
    """The drawn marks, and the class of each cell before towns grow. `inside` is 1 on land."""
    marks: Marks = np.zeros((frame.cells, frame.cells), dtype=np.uint8)
    draw_waters(marks=marks, waters=ground.waters, seed=seed)
    draw_business(
        marks=marks,
        frame=frame,
        terrain=ground.terrain,
        settlements=ground.settlements,
        roads=ground.roads,
        density=ground.density,
        seed=seed,
    )
    draw_roads(marks=marks, roads=ground.roads)
    plan = plan_land(frame=frame, terrain=ground.terrain, density=ground.density, seed=seed)
    return marks, cover_land(frame=frame, plan=plan, inside=inside, marks=marks, seed=seed)
