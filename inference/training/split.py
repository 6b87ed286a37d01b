"""Training, validation and test cells: split by territory, with a buffer in between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from analytics.grid import Window
from inference.errors import ConfigurationError
from inference.territories import Painter, Territories, read_territories
from inference.training.configuration import Areas

Mask = npt.NDArray[np.bool_]

# Buffers have corners with few sides. They reach a few metres less far than a circle.
_QUARTER_SEGMENTS = 4


@dataclass(frozen=True, slots=True)
class Codes:
    """Codes of the territories of each part. A territory is in at most one part."""

    training: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Cells of a window with a label to learn, and cells whose imagery must stay hidden."""

    labelled: Mask
    hidden: Mask


class Split:
    """The parts of the territories, for any window.

    Training and validation never see imagery of a test territory, not even at the edge of a window
    of its neighbour. Training never sees imagery of a validation territory.
    """

    def __init__(self, territories: Territories, codes: Codes, *, buffer_m: float) -> None:
        self.codes = codes
        validation, test, training = (
            shapely.union_all(
                territories.only(getattr(codes, name), subject=f"areas.{name}").geometries
            )
            for name in ("validation", "test", "training")
        )
        held = shapely.union(validation, test)
        self.extent = tuple(float(edge) for edge in shapely.union(training, validation).bounds)
        self._held_out = {"validation": _painter(test), "training": _painter(held)}
        self._labelled = {
            "validation": _painter(shapely.difference(validation, _buffered(test, buffer_m))),
            "training": _painter(shapely.difference(training, _buffered(held, buffer_m))),
        }

    def part(self, name: str, window: Window) -> Part:
        """Cells of a window for "training" or for "validation"."""
        hidden = self._held_out[name].covers(window)
        return Part(labelled=self._labelled[name].covers(window) & ~hidden, hidden=hidden)


def split(areas: Areas) -> Split:
    """The split of a configuration. Raises ConfigurationError and ZoneError."""
    territories = read_territories(areas.file, code_field=areas.code_field, layer=areas.layer)
    codes = (
        Codes(areas.training, areas.validation, areas.test)
        if areas.training
        else draw(territories.codes, areas)
    )
    return Split(territories, codes, buffer_m=areas.buffer_m)


def draw(codes: tuple[str, ...], areas: Areas) -> Codes:
    """Draw codes by the seed and the shares. The order of the file does not matter.

    A part with a share has at least one territory. Raises ConfigurationError if none is left for
    training.
    """
    order = sorted(codes)
    np.random.default_rng(areas.seed).shuffle(order)
    sizes = [
        max(1, round(share * len(order))) if share else 0
        for share in (areas.test_share, areas.validation_share)
    ]
    if sum(sizes) >= len(order):
        raise ConfigurationError(
            "areas",
            found=f"{len(order)} territories",
            expected="enough of them for training, validation and test",
        )
    test, validation = order[: sizes[0]], order[sizes[0] : sum(sizes)]
    training = order[sum(sizes) :]
    return Codes(*(tuple(sorted(part)) for part in (training, validation, test)))


def _buffered(geometry: Any, metres: float) -> Any:
    return shapely.buffer(geometry, metres, quad_segs=_QUARTER_SEGMENTS)


def _painter(geometry: Any) -> Painter:
    parts = shapely.get_parts(geometry)
    return Painter(parts[shapely.get_type_id(parts) == 3])
