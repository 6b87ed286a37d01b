"""Large files: resumed, whole or not there, and unpacked with care."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from clcplus.sources.archives import RASTERS, unpack
from clcplus.sources.client import Client
from clcplus.sources.downloads import download
from clcplus.sources.errors import SourceError, SourceUnavailable
from tests.sources.download_service import DownloadService, zipped
from tests.sources.misbehaviour import Reply, Served, served

BODY = b"PK\x03\x04" + np.random.default_rng(7).bytes(300_000)


@pytest.fixture
def service() -> DownloadService:
    return DownloadService(archive=BODY)


@pytest.fixture
def server(service: DownloadService) -> Iterator[Served]:
    with served(service) as found:
        yield found


@pytest.fixture
def fetched(
    server: Served, client_of: Callable[..., Client], tmp_path: Path
) -> Callable[..., Path]:
    def fetch(*, tries: int = 6, **options: object) -> Path:
        path = tmp_path / "in" / "archive.zip"
        wanted = {"begins": (b"PK",), "most_bytes": 1_000_000, **options}
        url = f"{server.url}/archive.zip"
        download(client_of(server, tries=tries), url, path, **wanted)  # type: ignore[arg-type]
        return path

    return fetch


def cut(reply: Reply) -> Reply:
    """The first 100 000 bytes; then the connection ends."""
    return Reply(reply.body[:100_000], reply.status, reply.headers, claimed_length=len(reply.body))


def ranges(server: Served) -> list[str | None]:
    return [request.headers.get("range") for request in server.requests]


def test_a_file_comes_whole_and_once(fetched: Callable[..., Path], server: Served) -> None:
    seen: list[tuple[int, int]] = []
    path = fetched(progress=lambda *now: seen.append(now))
    assert path.read_bytes() == BODY
    assert seen[-1] == (len(BODY), len(BODY))
    assert [file.name for file in path.parent.iterdir()] == ["archive.zip"]
    fetched()
    assert len(server.requests) == 1


def test_a_truncated_file_is_continued(fetched: Callable[..., Path], server: Served) -> None:
    server.faults = [cut, cut]
    assert fetched().read_bytes() == BODY
    assert ranges(server) == [None, "bytes=100000-", "bytes=200000-"]


def test_a_later_attempt_continues(fetched: Callable[..., Path], server: Served) -> None:
    server.faults = [cut]
    with pytest.raises(SourceUnavailable):
        fetched(tries=1)
    assert fetched().read_bytes() == BODY
    assert ranges(server) == [None, "bytes=100000-"]


def test_a_file_that_changed_is_begun_anew(
    fetched: Callable[..., Path], server: Served, service: DownloadService
) -> None:
    server.faults = [cut]
    with pytest.raises(SourceUnavailable):
        fetched(tries=1)
    service.archive = BODY[::-1].replace(b"PK", b"", 0)
    service.archive = b"PK" + service.archive
    assert fetched().read_bytes() == service.archive


def test_a_file_that_became_shorter_is_begun_anew(
    fetched: Callable[..., Path], server: Served
) -> None:
    server.faults = [cut, Reply(status=416)]
    assert fetched().read_bytes() == BODY


def test_a_server_without_identity_is_not_resumed(
    fetched: Callable[..., Path], server: Served
) -> None:
    def bare(reply: Reply) -> Reply:
        reply.headers = {}
        return cut(reply)

    server.faults = [bare]
    assert fetched().read_bytes() == BODY
    assert ranges(server) == [None, None]


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Reply(b"<html><title>EU Login</title>" + b" " * 500), "EU Login"),
        (Reply(b""), "empty"),
        (Reply(b"no", status=404), "404"),
        (Reply(b"PK", claimed_length=2_000_000), "2000000 bytes"),
        (Reply(b"PKx", status=206, headers={"Content-Range": "bytes 5-7/8"}), "range"),
    ],
)
def test_what_is_not_the_file_leaves_nothing(
    fetched: Callable[..., Path], server: Served, fault: Reply, message: str, tmp_path: Path
) -> None:
    server.faults = [fault]
    with pytest.raises(SourceError, match=message):
        fetched()
    assert not list(tmp_path.rglob("archive.zip"))


def test_the_checksum_is_held(fetched: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="sha256"):
        fetched(sha256="0" * 64)
    assert not list(tmp_path.rglob("archive*"))
    assert fetched(sha256=hashlib.sha256(BODY).hexdigest().upper()).exists()


def test_rasters_are_unpacked_under_their_own_names(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    archive.write_bytes(
        zipped(
            **{"../../evil.TIF": b"II*\0a", "Results/x/b.tif": b"II*\0b", "read me.txt": b"text"}
        )
    )
    paths = unpack(archive, tmp_path / "out", suffixes=RASTERS, most_bytes=1000)
    assert [path.relative_to(tmp_path).as_posix() for path in paths] == [
        "out/b.tif",
        "out/evil.TIF",
    ]
    assert paths[0].read_bytes() == b"II*\0b"


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"a/x.tif": b"1", "b/x.tif": b"2"}, "x.tif twice"),
        ({"x.txt": b"1"}, "no such file"),
        ({"x.tif": b"0" * 1001}, "1001 bytes"),
        ({"a\nb.tif": b"1"}, "ordinary name"),
        ({".tif": b"1"}, "ordinary name"),
    ],
)
def test_bad_archives_are_refused(tmp_path: Path, members: dict[str, bytes], message: str) -> None:
    archive = tmp_path / "a.zip"
    archive.write_bytes(zipped(**members))
    with pytest.raises(SourceError, match=message) as found:
        unpack(archive, tmp_path / "out", suffixes=RASTERS, most_bytes=1000)
    assert "\n" not in str(found.value)


def test_a_damaged_member_leaves_no_raster(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    whole = bytearray(zipped(**{"x.tif": np.random.default_rng(1).bytes(5000)}))
    whole[2000] ^= 0xFF
    archive.write_bytes(whole)
    with pytest.raises(SourceError, match="damaged"):
        unpack(archive, tmp_path / "out", suffixes=RASTERS, most_bytes=10_000)
    assert not list((tmp_path / "out").iterdir())
    archive.write_bytes(whole[:500])
    with pytest.raises(SourceError, match="damaged"):
        unpack(archive, tmp_path / "out", suffixes=RASTERS, most_bytes=10_000)


def test_a_member_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    body = zipped(**{"x.tif": b"0" * 900_000})
    size = (900_000).to_bytes(4, "little")
    assert body.count(size) == 2
    archive.write_bytes(body.replace(size, (900).to_bytes(4, "little")))
    with pytest.raises(SourceError, match="damaged"):
        unpack(archive, tmp_path / "out", suffixes=RASTERS, most_bytes=1000)
    assert not [f for f in (tmp_path / "out").iterdir() if zipfile.is_zipfile(f) or f.suffix]
