"""The store of rasters: a folder, or a bucket of an S3 server. Files in it never change."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import rasterio
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.session import AWSSession

from analytics.errors import StoreError

_PIECE = 1 << 20
_INCOMING = ".incoming-"
"""Beginning of the names of files that are just coming in."""
_TRIES = 100
"""How often a file is made in a folder that other processes remove because it is empty."""


class Store(Protocol):
    """What a store of rasters does. Keys are relative, such as ``clcplus-2021/x.tif``."""

    def put(self, file: Path, key: str) -> None:
        """Move a finished local file into the store; what is there under the key stays."""

    def add(self, file: Path, key: str) -> None:
        """The same, and the local file stays where it is."""

    def keys(self) -> Iterator[str]:
        """Keys of all files that are whole, in no order. Raises StoreError."""

    def fetch(self, key: str, write: Callable[[bytes], Any]) -> None:
        """Hand on the bytes of a file, piece by piece. Raises StoreError."""

    def open(self, key: str) -> Any:
        """A context manager that yields the raster, opened for reading."""

    def names(self) -> AbstractContextManager[Callable[[str], str]]:
        """A context in which GDAL opens rasters of the store by name; it yields the name of a key.
        Threads that it starts may open them too; it is for the main thread of a process."""

    def read(self, key: str) -> bytes:
        """The bytes of a file of a few megabytes, such as a report. Raises StoreError."""

    def delete(self, key: str) -> None:
        """Remove a file, and what folders it leaves empty; nothing happens where there is none."""

    def check(self) -> None:
        """Raise StoreError where the store cannot be used."""


@contextmanager
def _explained(subject: str, *errors: type[Exception], expected: str) -> Iterator[None]:
    """Raise StoreError for errors of the file system, of GDAL or of an S3 client."""
    try:
        yield
    except errors as error:
        raise StoreError(subject, found=str(error), expected=expected) from error


class FolderStore:
    """A store in a folder of this machine, or of a network drive.

    Its files are the account's alone: uploads are among them. Web servers and workers run as one
    account.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, key: str) -> Path:
        """Where a key's file lies."""
        return self.folder / key

    def put(self, file: Path, key: str) -> None:
        self.add(file, key)
        file.unlink()

    def add(self, file: Path, key: str) -> None:
        target = self.path(key)
        with _explained(str(target), OSError, expected="a folder that can be written"):
            if not target.exists():
                # Copied beside its place first: a reader sees the whole file or none.
                with _incoming(target.parent) as part:
                    with file.open("rb") as source:
                        shutil.copyfileobj(source, part, 1 << 20)
                    part.close()
                    os.replace(part.name, target)

    def keys(self) -> Iterator[str]:
        with _explained(str(self.folder), OSError, expected="a folder that can be read"):
            for folder, _, names in os.walk(self.folder, onerror=_refuse):
                for name in names:
                    if not name.startswith(_INCOMING):
                        yield (Path(folder) / name).relative_to(self.folder).as_posix()

    def fetch(self, key: str, write: Callable[[bytes], Any]) -> None:
        explained = partial(_explained, key, OSError, expected=f"a file in the store {self.folder}")
        with ExitStack() as stack:
            with explained():
                file = stack.enter_context(self.path(key).open("rb"))
            while True:
                # What goes wrong where it is written is no error of the store.
                with explained():
                    piece = file.read(_PIECE)
                if not piece:
                    return
                write(piece)

    @contextmanager
    def open(self, key: str) -> Iterator[DatasetReader]:
        with (
            _explained(key, RasterioError, expected=f"a raster in the store {self.folder}"),
            rasterio.open(self.path(key)) as dataset,
        ):
            yield dataset

    @contextmanager
    def names(self) -> Iterator[Callable[[str], str]]:
        yield lambda key: str(self.path(key))

    def read(self, key: str) -> bytes:
        with _explained(key, OSError, expected=f"a file in the store {self.folder}"):
            return self.path(key).read_bytes()

    def delete(self, key: str) -> None:
        file = self.path(key)
        file.unlink(missing_ok=True)
        for folder in file.parents:
            if folder == self.folder:
                return
            try:
                folder.rmdir()
            except FileNotFoundError:
                continue
            except OSError:  # it holds something
                return

    def check(self) -> None:
        with _explained(str(self.folder), OSError, expected="a folder"):
            _make_closed(self.folder)
        if not os.access(self.folder, os.R_OK | os.W_OK | os.X_OK):
            raise StoreError(
                str(self.folder), found="no permission", expected="a folder that can be written"
            )


def _refuse(error: OSError) -> None:
    # A folder that was empty may be removed meanwhile.
    if not isinstance(error, FileNotFoundError):
        raise error


@contextmanager
def _incoming(folder: Path) -> Iterator[Any]:
    """A file beside the place of one that comes in; nothing is left of it."""
    part = _new_file(folder)
    try:
        yield part
    finally:
        part.close()
        Path(part.name).unlink(missing_ok=True)


def _new_file(folder: Path) -> Any:
    """A new file in a folder that is made where it is missing."""
    for _ in range(_TRIES - 1):
        # Another process may have removed the folder while it was empty.
        with suppress(FileNotFoundError, FileExistsError):
            return _make_file(folder)
    return _make_file(folder)


def _make_file(folder: Path) -> Any:
    _make_closed(folder)
    return tempfile.NamedTemporaryFile(dir=folder, prefix=_INCOMING, delete=False)


def _make_closed(folder: Path) -> None:
    """Create a folder, and those above it that are missing, for this account alone."""
    if not folder.is_dir():
        _make_closed(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


class BucketStore:
    """A store in a bucket: boto3 writes and GDAL reads, by ranges of bytes.

    Address and credentials come from the environment as for every S3 client (AWS_ENDPOINT_URL,
    AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION).
    """

    def __init__(self, *, bucket: str, prefix: str) -> None:
        # Not imported where the store is a folder: it takes 0.3 s.
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError

        self.bucket = bucket
        self.prefix = f"{prefix}/" if prefix else ""
        self.session = boto3.Session()
        self.client = self.session.client("s3")
        self._failures = (BotoCoreError, ClientError)

    def put(self, file: Path, key: str) -> None:
        self.add(file, key)
        file.unlink()

    def add(self, file: Path, key: str) -> None:
        address = f"s3://{self.bucket}/{self.prefix}{key}"
        with _explained(address, *self._failures, OSError, expected="an upload"):
            self.client.upload_file(str(file), self.bucket, self.prefix + key)

    def keys(self) -> Iterator[str]:
        address = f"s3://{self.bucket}/{self.prefix}"
        with _explained(address, *self._failures, expected="a list of its files"):
            pages = self.client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.bucket, Prefix=self.prefix):
                for found in page.get("Contents", ()):
                    yield found["Key"].removeprefix(self.prefix)

    def fetch(self, key: str, write: Callable[[bytes], Any]) -> None:
        # Reading may fail in the middle, with an error of the connection.
        explained = partial(
            _explained,
            key,
            *self._failures,
            OSError,
            expected=f"a file in the bucket {self.bucket}",
        )
        with ExitStack() as stack:
            with explained():
                found = self.client.get_object(Bucket=self.bucket, Key=self.prefix + key)
                body = stack.enter_context(closing(found["Body"]))
            while True:
                with explained():
                    piece = body.read(_PIECE)
                if not piece:
                    return
                write(piece)

    @contextmanager
    def open(self, key: str) -> Iterator[DatasetReader]:
        with (
            _explained(key, RasterioError, expected=f"a raster in the bucket {self.bucket}"),
            self.names() as name,
            rasterio.open(name(key)) as dataset,
        ):
            yield dataset

    @contextmanager
    def names(self) -> Iterator[Callable[[str], str]]:
        options: dict[str, str] = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR"}
        address = urlsplit(str(self.client.meta.endpoint_url))
        endpoint = None
        if not address.netloc.endswith("amazonaws.com"):
            endpoint = address.netloc
            options["AWS_VIRTUAL_HOSTING"] = "FALSE"
            options["AWS_HTTPS"] = "YES" if address.scheme == "https" else "NO"
        with rasterio.Env(AWSSession(self.session, endpoint_url=endpoint), **options):
            yield lambda key: f"/vsis3/{self.bucket}/{self.prefix}{key}"

    def read(self, key: str) -> bytes:
        with _explained(key, *self._failures, expected=f"a file in the bucket {self.bucket}"):
            found = self.client.get_object(Bucket=self.bucket, Key=self.prefix + key)
            return bytes(found["Body"].read())

    def delete(self, key: str) -> None:
        self.client.delete_object(Bucket=self.bucket, Key=self.prefix + key)

    def check(self) -> None:
        expected = "a bucket that can be reached"
        with _explained(f"s3://{self.bucket}", *self._failures, expected=expected):
            self.client.head_bucket(Bucket=self.bucket)


@lru_cache(maxsize=4)
def open_store(address: str) -> Store:
    """The store at an address: a folder's path, or ``s3://bucket/prefix``."""
    parts = urlsplit(address)
    if parts.scheme == "s3":
        return BucketStore(bucket=parts.netloc, prefix=parts.path.strip("/"))
    if parts.scheme and parts.scheme != "file":
        raise StoreError(address, found=f"{parts.scheme}://", expected="a folder or s3://bucket")
    return FolderStore(Path(parts.path if parts.scheme == "file" else address).absolute())
