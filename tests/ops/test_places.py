"""Data and sockets have a place the servers can use, wherever the clone lies."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ops import account, places
from ops.places import Place
from ops.problems import Problem

LIMIT_OF_A_SOCKET_PATH = 107

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root has another account to drop to")


def test_sockets_of_a_deep_clone_have_short_paths(open_folder: Path) -> None:
    deep = open_folder / ("a" * 90) / ("b" * 90) / ".local"
    deep.mkdir(parents=True)
    place = Place(deep, account.of_servers())
    longest = place.runtime / ".s.PGSQL.5432.lock"
    assert len(str(deep)) > LIMIT_OF_A_SOCKET_PATH > len(str(longest))


def test_two_clones_share_nothing(open_folder: Path) -> None:
    one, other = (Place(open_folder / name, account.of_servers()) for name in ("one", "other"))
    assert one.runtime != other.runtime
    assert one.fallback != other.fallback


def test_data_lies_in_the_clone_where_the_account_can_go(place: Place) -> None:
    assert place.data("postgresql") == place.home / "postgresql"
    assert place.account.owns(place.home / "postgresql")
    assert not place.fallback.exists()


@root_only
def test_data_of_a_clone_that_only_root_can_enter_lies_elsewhere(
    open_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    place = Place(closed / ".local", account.of_servers())
    data = place.data("redis")
    assert data == place.fallback / "redis"
    assert place.account.owns(data)
    assert (place.home / "redis").readlink() == data
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert place.data("redis") == data
    assert capsys.readouterr().out == ""
    place.remove()
    assert not place.fallback.exists()


def test_a_socket_folder_somebody_else_has_made_is_refused(
    place: Place, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "SHORT", open_folder)
    place.runtime.mkdir(mode=0o755)
    place.runtime.chmod(0o755)
    with pytest.raises(Problem, match="is not a closed folder"):
        place.make_runtime()


def test_a_socket_folder_that_is_a_link_is_refused(
    place: Place, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "SHORT", open_folder)
    target = open_folder / "target"
    target.mkdir(mode=0o700)
    place.runtime.symlink_to(target)
    with pytest.raises(Problem, match="is not a closed folder"):
        place.make_runtime()
