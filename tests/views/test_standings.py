"""Tables of levels that a process keeps: read once, bounded, emptied."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from threading import Barrier, Event, Thread
from typing import Any, cast

import pytest

from analytics.queries import DataVersion
from analytics.records import Edition
from clcplus.snapshots import Snapshot
from clcplus.views.rankings import standings
from clcplus.views.rankings.standings import Standings

EDITION = cast(Edition, type("Edition", (), {"id": 1}))


def snapshot(number: int = 1) -> Snapshot:
    """A snapshot of a publication, without a database."""
    return Snapshot(
        connection=cast(Any, None),
        data=DataVersion(number, None),
        release="1",
        showing=None,
        _opening=ExitStack(),
    )


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The levels whose tables were read, in that order."""
    levels: list[str] = []

    def level_table(connection: object, *, level: str, **_: object) -> str:
        levels.append(level)
        return level

    monkeypatch.setattr(standings, "level_table", level_table)
    monkeypatch.setattr(standings, "Standing", lambda table, *_, **__: table)
    return levels


def asking(kept: Standings) -> Callable[..., Any]:
    def ask(level: str, *, number: int = 1) -> Any:
        return kept.standing(snapshot(number), level=level, edition=EDITION, pair=())

    return ask


def test_a_table_is_read_once_a_publication(read: list[str]) -> None:
    ask = asking(Standings(most=2))
    assert ask("commune") is ask("commune")
    ask("commune", number=2)
    assert read == ["commune", "commune"]


def test_the_longest_unasked_goes_first(read: list[str]) -> None:
    ask = asking(Standings(most=2))
    for level in ("commune", "region", "commune", "departement", "commune", "region"):
        ask(level)
    assert read == ["commune", "region", "departement", "region"]


def test_emptied_it_reads_again(read: list[str]) -> None:
    kept = Standings(most=2)
    asking(kept)("commune")
    kept.clear()
    asking(kept)("commune")
    assert read == ["commune", "commune"]


def test_who_comes_meanwhile_waits_for_the_one_who_reads(
    read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask, together, begun, may_end = asking(Standings(most=2)), Barrier(5), Event(), Event()

    def level_table(connection: object, *, level: str, **_: object) -> str:
        read.append(level)
        begun.set()
        assert may_end.wait(30)
        return level

    monkeypatch.setattr(standings, "level_table", level_table)
    found: list[Any] = []

    def asked() -> None:
        together.wait(30)
        found.append(ask("commune"))

    threads = [Thread(target=asked) for _ in range(4)]
    for thread in threads:
        thread.start()
    together.wait(30)
    assert begun.wait(30)
    may_end.set()
    for thread in threads:
        thread.join(30)
    assert (read, found) == (["commune"], ["commune"] * 4)
