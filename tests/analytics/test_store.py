"""The store of rasters: a folder, and a bucket of a real S3 server."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from analytics.errors import StoreError
from analytics.grid import Window
from analytics.rasters import sources
from analytics.rasters.store import BucketStore, FolderStore, Store, open_store

WINDOW = Window(769_000, 379_000, 100, 100)


@pytest.fixture(scope="module")
def s3_address() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Store]:
    if request.param == "folder":
        yield open_store(str(tmp_path / "store"))
        return
    monkeypatch.setenv("AWS_ENDPOINT_URL", request.getfixturevalue("s3_address"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    open_store.cache_clear()
    store = open_store("s3://rasters/below/here")
    assert isinstance(store, BucketStore)
    store.client.create_bucket(Bucket="rasters")
    yield store
    open_store.cache_clear()


def a_cog(folder: Path, value: int = 1) -> tuple[Path, np.ndarray]:
    codes = np.full((100, 100), value, dtype=np.uint8)
    codes[3, 4] = 11
    path = folder / f"cog-{value}.tif"
    sources.write_cog(codes, window=WINDOW, path=path)
    return path, codes


def test_what_is_put_can_be_read(store: Store, tmp_path: Path) -> None:
    store.check()
    path, codes = a_cog(tmp_path)
    store.put(path, "edition/tile.tif")
    assert not path.exists()
    with store.open("edition/tile.tif") as dataset:
        assert (sources.read_part(dataset, origin=WINDOW, part=WINDOW) == codes).all()


def test_a_file_that_is_no_raster_is_read_whole(store: Store, tmp_path: Path) -> None:
    draft = tmp_path / "draft.pdf"
    draft.write_bytes(b"%PDF-1.7 \x00\xff")
    store.put(draft, "reports/7f/a.pdf")
    assert store.read("reports/7f/a.pdf") == b"%PDF-1.7 \x00\xff"
    with pytest.raises(StoreError, match=r"reports/b\.pdf"):
        store.read("reports/b.pdf")


def test_what_is_not_there_is_an_error(store: Store) -> None:
    with pytest.raises(StoreError, match=r"nothing\.tif"), store.open("nothing.tif"):
        pass


def test_what_is_deleted_is_gone(store: Store, tmp_path: Path) -> None:
    path, _ = a_cog(tmp_path)
    store.put(path, "a.tif")
    store.delete("a.tif")
    with pytest.raises(StoreError), store.open("a.tif"):
        pass
    store.delete("a.tif")


def test_a_folder_that_becomes_empty_is_removed(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    for key in ("uploads/ab/one/file", "uploads/ab/one/zones", "uploads/ab/two/file"):
        source = tmp_path / "source"
        source.write_bytes(b"x")
        store.put(source, key)
    store.delete("uploads/ab/one/zones")
    assert store.read("uploads/ab/one/file") == b"x"
    store.delete("uploads/ab/one/file")
    assert [path.name for path in (tmp_path / "store" / "uploads" / "ab").iterdir()] == ["two"]
    store.delete("uploads/ab/two/file")
    store.delete("uploads/ab/two/zones")
    assert list((tmp_path / "store").iterdir()) == []


def test_files_come_in_while_others_of_their_folder_go(tmp_path: Path) -> None:
    """A folder may be taken away between its making and the file in it."""
    store = FolderStore(tmp_path / "store")

    def come_and_go(name: str) -> int:
        for number in range(300):
            source = tmp_path / f"{name}-{number}"
            source.write_bytes(name.encode())
            store.put(source, f"uploads/ab/{name}")
            assert store.read(f"uploads/ab/{name}") == name.encode()
            store.delete(f"uploads/ab/{name}")
        return 300

    with ThreadPoolExecutor(4) as workers:
        assert sum(workers.map(come_and_go, "abcd")) == 1200
    assert list((tmp_path / "store").iterdir()) == []


def test_a_file_in_a_folder_never_changes(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    store.put(a_cog(tmp_path, 1)[0], "a.tif")
    before = store.path("a.tif").read_bytes()
    store.put(a_cog(tmp_path, 2)[0], "a.tif")
    assert store.path("a.tif").read_bytes() == before
    assert [p.name for p in store.folder.iterdir()] == ["a.tif"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="file/store"):
        FolderStore(tmp_path / "file" / "store").check()


def test_other_addresses_are_refused() -> None:
    with pytest.raises(StoreError, match="found ftp://"):
        open_store("ftp://somewhere/else")
