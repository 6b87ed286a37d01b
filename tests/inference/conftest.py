"""Fixtures of the tests of the model."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Networks of tests are small: threads that wait for each other cost more than they do."""
    torch = sys.modules.get("torch")
    if torch is None:  # no test of this run has a network
        yield
        return
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
