"""The small random region with three published editions, committed for a module's tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.region import Region
from tests.runs import committed


@pytest.fixture(scope="module")
def loaded(
    django_db_setup: None,
    django_db_blocker: Any,
    region: Region,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Region]:
    store = tmp_path_factory.mktemp("samples") / "store"
    with django_db_blocker.unblock(), committed(region, store=store):
        yield region
