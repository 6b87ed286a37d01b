"""Three editions round the corner of four 100 km tiles, published, for zones to be counted in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from analytics.nomenclature import CODES, OBSERVED_CODES
from clcplus.models import Run
from tests.zone_sets.landscape import HEIGHT, WIDTH, Landscape
from tests.zone_sets.stored_state import StoredState


@pytest.fixture(scope="session")
def landscape(tmp_path_factory: pytest.TempPathFactory) -> Landscape:
    """Random codes of three editions, and the files that hold them."""
    random = np.random.default_rng(23)
    codes: dict[int, np.ndarray] = {}
    before = random.choice(np.array(OBSERVED_CODES, dtype=np.uint8), (HEIGHT, WIDTH))
    for year in (2021, 2022, 2023):
        changed = random.random((HEIGHT, WIDTH)) < 0.2
        before = np.where(changed, random.choice(CODES, (HEIGHT, WIDTH)), before).astype(np.uint8)
        codes[year] = before
    folder: Path = tmp_path_factory.mktemp("landscape")
    return Landscape(folder, codes)


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> StoredState:
    """The editions, once a test has had them ingested."""
    return StoredState(tmp_path_factory.mktemp("kept") / "store")


@pytest.fixture
def published(
    landscape: Landscape, kept: StoredState, store: Path, quiet_broker: object
) -> Landscape:
    """All three editions, ingested and published."""
    if kept.rows:
        kept.restore(store)
        return landscape
    for year in landscape.codes:
        landscape.publish(year)
    # No test here is about filtered change; its runs wait for a worker that there is not.
    Run.objects.filter(kind=Run.Kind.FILTER).delete()
    kept.keep(store)
    return landscape
