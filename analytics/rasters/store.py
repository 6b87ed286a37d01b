"""The store of rasters: a folder, or a bucket of an S3 server. Files in it never change."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import rasterio
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.session import AWSSession

from analytics.errors import StoreError

_TRIES = 100
"""At a folder that another process removes because it is empty."""


class Store(Protocol):
    """What a store of rasters does. Keys are relative, such as ``clcplus-2021/x.tif``."""

    def put(self, file: Path, key: str) -> None:
        """Move a finished local file into the store; what is there under the key stays."""

    def open(self, key: str) -> Any:
        """A context manager that yields the raster, opened for reading."""

    def read(self, key: str) -> bytes:
        """The bytes of a file of a few megabytes, such as a report. Raises StoreError."""

    def delete(self, key: str) -> None:
        """Remove a file, and what folders it leaves empty; nothing happens where there is none."""

    def check(self) -> None:
        """Raise StoreError where the store cannot be used."""


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
        target = self.path(key)
        try:
            if target.exists():
                file.unlink()
                return
            # Copied beside its place first: a reader sees the whole file or none.
            with _incoming(target.parent) as part:
                with file.open("rb") as source:
                    shutil.copyfileobj(source, part, 1 << 20)
                part.close()
                os.replace(part.name, target)
            file.unlink()
        except OSError as error:
            raise StoreError(
                str(target), found=str(error), expected="a folder that can be written"
            ) from error

    @contextmanager
    def open(self, key: str) -> Iterator[DatasetReader]:
        try:
            with rasterio.open(self.path(key)) as dataset:
                yield dataset
        except RasterioError as error:
            raise StoreError(
                key, found=str(error), expected=f"a raster in the store {self.folder}"
            ) from error

    def read(self, key: str) -> bytes:
        try:
            return self.path(key).read_bytes()
        except OSError as error:
            raise StoreError(
                key, found=str(error), expected=f"a file in the store {self.folder}"
            ) from error

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
        try:
            _make_closed(self.folder)
        except OSError as error:
            raise StoreError(str(self.folder), found=str(error), expected="a folder") from error
        if not os.access(self.folder, os.R_OK | os.W_OK | os.X_OK):
            raise StoreError(
                str(self.folder), found="no permission", expected="a folder that can be written"
            )


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
    for left in reversed(range(_TRIES)):
        try:
            _make_closed(folder)
            return tempfile.NamedTemporaryFile(dir=folder, prefix=".incoming-", delete=False)
        except (FileNotFoundError, FileExistsError):
            # Another process may have taken the folder away, in which nothing was yet.
            if not left:
                raise
    raise AssertionError("unreachable")


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
        import boto3  # not wanted where the store is a folder: its import takes 0.3 s

        self.bucket = bucket
        self.prefix = f"{prefix}/" if prefix else ""
        self.session = boto3.Session()
        self.client = self.session.client("s3")

    def put(self, file: Path, key: str) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self.client.upload_file(str(file), self.bucket, self.prefix + key)
        except (BotoCoreError, ClientError, OSError) as error:
            raise StoreError(
                f"s3://{self.bucket}/{self.prefix}{key}", found=str(error), expected="an upload"
            ) from error
        file.unlink()

    @contextmanager
    def open(self, key: str) -> Iterator[DatasetReader]:
        options: dict[str, str] = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR"}
        address = urlsplit(str(self.client.meta.endpoint_url))
        endpoint = None
        if not address.netloc.endswith("amazonaws.com"):
            endpoint = address.netloc
            options["AWS_VIRTUAL_HOSTING"] = "FALSE"
            options["AWS_HTTPS"] = "YES" if address.scheme == "https" else "NO"
        try:
            with (
                rasterio.Env(AWSSession(self.session, endpoint_url=endpoint), **options),
                rasterio.open(f"/vsis3/{self.bucket}/{self.prefix}{key}") as dataset,
            ):
                yield dataset
        except RasterioError as error:
            raise StoreError(
                key, found=str(error), expected=f"a raster in the bucket {self.bucket}"
            ) from error

    def read(self, key: str) -> bytes:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            found = self.client.get_object(Bucket=self.bucket, Key=self.prefix + key)
            return bytes(found["Body"].read())
        except (BotoCoreError, ClientError) as error:
            raise StoreError(
                key, found=str(error), expected=f"a file in the bucket {self.bucket}"
            ) from error

    def delete(self, key: str) -> None:
        self.client.delete_object(Bucket=self.bucket, Key=self.prefix + key)

    def check(self) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self.client.head_bucket(Bucket=self.bucket)
        except (BotoCoreError, ClientError) as error:
            raise StoreError(
                f"s3://{self.bucket}", found=str(error), expected="a bucket that can be reached"
            ) from error


@lru_cache(maxsize=4)
def open_store(address: str) -> Store:
    """The store at an address: a folder's path, or ``s3://bucket/prefix``."""
    parts = urlsplit(address)
    if parts.scheme == "s3":
        return BucketStore(bucket=parts.netloc, prefix=parts.path.strip("/"))
    if parts.scheme and parts.scheme != "file":
        raise StoreError(address, found=f"{parts.scheme}://", expected="a folder or s3://bucket")
    return FolderStore(Path(parts.path if parts.scheme == "file" else address).absolute())
