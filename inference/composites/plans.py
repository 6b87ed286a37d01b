"""The plan of a composite: area, bands, mask, and scenes sorted into seasons and overpasses."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from analytics.grid import Window
from inference.composites.area import Area
from inference.composites.bands import INDEX_OF, INDICES, OBSERVATIONS, REFLECTANCE
from inference.composites.observation import Masking
from inference.composites.scenes import Asset, Overpass, Scene
from inference.composites.seasons import Season
from inference.errors import MissingBand, NothingObserved

BLOCK = 1024
"""Side in cells of a block, the unit of work and of resumption: two blocks of a COG."""

_METHOD = 1
"""Increased when the same plan would give another composite."""


@dataclass(frozen=True, slots=True)
class SeasonPlan:
    """A season and its overpasses."""

    season: Season
    overpasses: tuple[Overpass, ...]

    @property
    def scenes(self) -> list[Scene]:
        """Scenes of all overpasses."""
        return [scene for overpass in self.overpasses for scene in overpass]


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that determines a composite. ``bands`` are bands of reflectance."""

    area: Area
    bands: tuple[str, ...]
    seasons: tuple[SeasonPlan, ...]
    masking: Masking

    @property
    def indices(self) -> tuple[str, ...]:
        """Indices that follow from the bands."""
        return tuple(index for index in INDICES if set(INDEX_OF[index]) <= set(self.bands))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the composite's bands, in order."""
        return tuple(
            f"{plan.season.name}.{band}" if plan.season.name else band
            for plan in self.seasons
            for band in (*self.bands, *self.indices, OBSERVATIONS)
        )

    @property
    def scenes(self) -> list[Scene]:
        """Scenes of all seasons."""
        return [scene for plan in self.seasons for scene in plan.scenes]

    def blocks(self) -> Iterator[Window]:
        """Blocks that touch the area, row by row from its upper left corner."""
        whole = self.area.window
        for row in range(whole.row, whole.row_stop, BLOCK):
            for column in range(whole.column, whole.column_stop, BLOCK):
                block = Window(row, column, BLOCK, BLOCK).intersection(whole)
                if block is not None and self.area.touches(block):
                    yield block

    def overpasses(self, block: Window) -> list[tuple[int, Overpass]]:
        """Overpasses that may have seen a block, each with the position of its season."""
        return [
            (position, overpass)
            for position, plan in enumerate(self.seasons)
            for overpass in plan.overpasses
            if any(scene.footprint.intersection(block) for scene in overpass)
        ]

    @property
    def identity(self) -> str:
        """sha256 of the whole plan. Plans with the same identity give the same composite."""
        document = {
            "method": _METHOD,
            "window": self.area.window.bounds,
            "zones": self.area.zones.wkb_hex if self.area.zones is not None else "",
            "bands": self.bands,
            "masked": [sorted(self.masking.codes), self.masking.margin],
            "seasons": [
                [
                    plan.season.name,
                    [list(map(_described, overpass)) for overpass in plan.overpasses],
                ]
                for plan in self.seasons
            ],
        }
        return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def make(
    *,
    area: Area,
    seasons: Sequence[tuple[Season, Sequence[Scene]]],
    bands: Sequence[str] | None,
    masking: Masking,
) -> Plan:
    """Plan a composite from seasons and their scenes. Scenes outside the area are left out.

    ``bands=None`` takes the bands that all scenes have. Raises NothingObserved for a season
    without a scene, and MissingBand for a scene without one of the bands.
    """
    chosen: list[tuple[Season, list[Scene]]] = []
    for season, found in seasons:
        near = [scene for scene in found if scene.footprint.intersection(area.window)]
        if not near:
            raise NothingObserved(
                season.title,
                found="no scene of the area",
                expected="one at least",
                hint="Check the area, the dates and the collection",
            )
        chosen.append((season, near))
    everything = [scene for _, near in chosen for scene in near]
    if bands is None:
        bands = [band for band in REFLECTANCE if all(band in scene.bands for scene in everything)]
        if not bands:
            raise MissingBand(
                everything[0].name,
                found=f"bands {', '.join(everything[0].bands)}",
                expected="a band that all of the imagery has",
            )
    for scene in everything:
        scene.check(bands)
    return Plan(
        area=area,
        bands=tuple(band for band in REFLECTANCE if band in bands),
        seasons=tuple(SeasonPlan(season, _overpasses(near)) for season, near in chosen),
        masking=masking,
    )


def _overpasses(scenes: Sequence[Scene]) -> tuple[Overpass, ...]:
    together: defaultdict[str, dict[str, Scene]] = defaultdict(dict)
    for scene in scenes:
        together[scene.overpass].setdefault(scene.name, scene)
    return tuple(
        tuple(sorted(same.values(), key=lambda s: (s.baseline, s.name), reverse=True))
        for _, same in sorted(together.items())
    )


def _described(scene: Scene) -> list[object]:
    assets = {**scene.bands}
    if scene.classification is not None:
        assets["SCL"] = scene.classification
    return [scene.name, scene.baseline, {band: _identified(a) for band, a in assets.items()}]


def _identified(asset: Asset) -> list[object]:
    """An asset without the signature in its address, which changes every hour. A local file with
    its size and time of change."""
    described = asdict(asset)
    path = described.pop("path")
    stat = Path(path).stat() if not path.startswith("/vsi") else None
    facts = [stat.st_size, stat.st_mtime_ns] if stat is not None else []
    return [path.partition("?")[0], facts, described]
