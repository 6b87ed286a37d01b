"""A raster behind a local ImageServer, and a client that does not wait long."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from analytics.grid import Window
from clcplus.sources.client import Client, Pace
from tests.sources.image_service import ImageService
from tests.sources.misbehaviour import Served, served

# Across the corner of four 100 km tiles: E39N29, E40N29, E39N30, E40N30.
AREA = Window(700_000 - 130, 400_000 - 90, 250, 170)


@pytest.fixture
def raster() -> ImageService:
    generator = np.random.default_rng(2021)
    codes = generator.choice([1, 2, 6, 7, 10, 253, 254, 255], size=AREA.shape).astype(np.uint8)
    return ImageService(codes, AREA)


@pytest.fixture
def server(raster: ImageService) -> Iterator[Served]:
    with served(raster) as found:
        yield found


@pytest.fixture
def client_of() -> Callable[..., Client]:
    def client(server: Served, **pace: float) -> Client:
        quick = {"pause_seconds": 0.001, "silence_seconds": 20.0, "longest_pause": 0.01, **pace}
        return Client(trusted=frozenset({server.host}), pace=Pace(**quick))  # type: ignore[arg-type]

    return client
