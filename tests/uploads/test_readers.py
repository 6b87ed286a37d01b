"""The process that readers are forked from: shared, killed, left alone, asked by many at once."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import shapely

from analytics.uploads.confinement import fork_client
from analytics.uploads.confinement.process import read_upload
from analytics.uploads.errors import LimitMet
from analytics.uploads.limits import Limits
from analytics.uploads.records import Choice
from tests.uploads import files
from tests.uploads.test_confinement import tangle

KNOWN = Choice(crs="EPSG:3035")
PATIENCE = 30.0


@pytest.fixture
def server(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[fork_client.ForkServer]:
    """A fork server of this test's own."""
    monkeypatch.setattr(fork_client, "_shared", None)
    fork_client.start()
    server = fork_client._shared
    assert server is not None
    # While it starts, it has a child that is no reader: it tries what the kernel confines.
    assert area(square(tmp_path_factory.mktemp("first"), 0)) == 1e4
    yield server
    server.close()
    if fork_client._shared not in {None, server}:
        fork_client._close()


def square(folder: Path, number: int) -> Path:
    path = folder / f"{number}.geojson"
    side = 100 * (number + 1)
    path.write_bytes(
        files.geojson(files.feature(shapely.box(4e6, 2.5e6, 4e6 + side, 2.5e6 + side)))
    )
    return path


def area(path: Path) -> float:
    return float(shapely.area(read_upload(path, choice=KNOWN).zones[0]))


def readers_of(server: fork_client.ForkServer) -> list[int]:
    number = server._process.pid
    children = Path(f"/proc/{number}/task/{number}/children").read_text()
    return [int(word) for word in children.split()]


def until(condition: object) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.usefixtures("server")
def test_many_at_once_get_their_own_answers(tmp_path: Path) -> None:
    paths = [square(tmp_path, number) for number in range(24)]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(area, paths)) == [1e4 * (n + 1) ** 2 for n in range(24)]


def test_children_of_the_worker_ask_the_same_one(
    tmp_path: Path, server: fork_client.ForkServer
) -> None:
    path = square(tmp_path, 2)
    mine, theirs = os.pipe()
    child = os.fork()
    if not child:
        try:
            same = fork_client._shared is server
            os.write(theirs, f"{same} {area(path):.0f}".encode())
        finally:
            os._exit(0)
    os.close(theirs)
    with os.fdopen(mine) as answer:
        assert answer.read() == "True 90000"
    os.waitpid(child, 0)
    assert area(path) == 90_000


def test_one_that_was_killed_is_started_again(
    tmp_path: Path, server: fork_client.ForkServer
) -> None:
    path = square(tmp_path, 0)
    assert area(path) == 1e4
    os.kill(server._process.pid, signal.SIGKILL)
    assert area(path) == 1e4
    assert fork_client._shared is not server


def test_one_that_is_killed_while_a_file_is_read(
    tmp_path: Path, server: fork_client.ForkServer
) -> None:
    """The reader ends with it, and the file is read again."""
    path = tmp_path / "tangle"
    path.write_bytes(tangle())
    ended: list[object] = []

    def read() -> None:
        try:
            read_upload(path, choice=KNOWN, limits=Limits(cpu_seconds=2))
        except LimitMet as error:
            ended.append(error.code)

    asking = threading.Thread(target=read)
    asking.start()
    until(lambda: readers_of(server))
    (reader,) = readers_of(server)
    os.kill(server._process.pid, signal.SIGKILL)
    until(lambda: not Path(f"/proc/{reader}").exists())
    asking.join(PATIENCE)
    assert ended == ["cpu-time"]


def test_a_reader_whose_time_is_up_is_ended(tmp_path: Path, server: fork_client.ForkServer) -> None:
    path = tmp_path / "tangle"
    path.write_bytes(tangle())
    with pytest.raises(LimitMet) as caught:
        read_upload(path, choice=KNOWN, limits=Limits(wall_seconds=0.5))
    assert caught.value.code == "wall-time"
    until(lambda: not readers_of(server))


def test_a_reader_that_nobody_waits_for_is_ended(
    tmp_path: Path, server: fork_client.ForkServer
) -> None:
    """As where the worker is killed that has asked."""
    path = tmp_path / "tangle"
    path.write_bytes(tangle())
    child = os.fork()
    if not child:
        read_upload(path, choice=KNOWN)
        os._exit(0)
    until(lambda: readers_of(server))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    until(lambda: not readers_of(server))
    (left,) = Path(tempfile.gettempdir()).iterdir()  # by the one that was killed
    shutil.rmtree(left)


def test_it_ends_when_nobody_is_left(tmp_path: Path, server: fork_client.ForkServer) -> None:
    area(square(tmp_path, 0))  # it has loaded its libraries
    server.close()
    assert server._process.returncode == 0
