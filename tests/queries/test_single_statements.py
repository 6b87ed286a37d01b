"""Threads that ask for a statement at the same time get the same one."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import Subquery, column, select, table

from analytics import queries
from analytics.queries.single_statements import made_once

TIMES = 8


@pytest.fixture
def _eager_threads() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("_eager_threads")
def test_threads_share_what_is_made_of_others() -> None:
    made = []

    @made_once
    def zones(name: str = "zone") -> Subquery:
        made.append(name)
        time.sleep(0.05)
        return select(table("zones", column("id"))).subquery(name)

    @made_once
    def joined() -> Subquery:
        one, other = zones(), zones(name="other")
        return select(one.c.id).join(other, other.c.id == one.c.id).subquery("joined")

    together = Barrier(TIMES)

    def ask(number: int) -> tuple[int, int]:
        together.wait()
        if number % 2:
            joined()
        statement = select(zones().c.id).join(joined(), joined().c.id == zones().c.id)
        assert " JOIN " in str(statement)
        return id(zones()), id(joined())

    with ThreadPoolExecutor(TIMES) as threads:
        assert len(set(threads.map(ask, range(TIMES)))) == 1
    assert sorted(made) == ["other", "zone"]


def test_arguments_are_told_apart() -> None:
    @made_once
    def rows(*, chosen: bool) -> Subquery:
        return select(table("rows", column("chosen" if chosen else "all"))).subquery()

    assert [*rows(chosen=True).c.keys(), *rows(chosen=False).c.keys()] == ["chosen", "all"]
    assert rows(chosen=True) is rows(chosen=True)


def test_no_statement_of_this_room_is_cached_otherwise() -> None:
    folder = Path(queries.__file__).parent
    modules = [path.read_text(encoding="utf-8") for path in folder.glob("*.py")]
    assert sum("@made_once" in text for text in modules) > 5
    assert not any("functools.cache\n" in text for text in modules)
