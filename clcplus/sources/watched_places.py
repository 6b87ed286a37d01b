"""Places into which editions are copied: a folder, or a bucket of an S3 server."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Protocol
from urllib.parse import urlsplit

from analytics.files import printable
from clcplus.sources.errors import SourceChanged, SourceError, SourceUnavailable

_MOST_FILES = 20_000
_LONGEST_NAME = 500
_CHUNK = 1 << 20
_UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload")
"""Endings that programs give to files which they still write."""


@dataclass(frozen=True, slots=True, order=True)
class WatchedFile:
    """A file of a place, in one state."""

    name: str
    """Path within the place, with slashes."""
    size: int
    stamp: str
    """Changes with the content: the time of the last change, or the ETag."""

    @property
    def file_name(self) -> str:
        """The last part of the name."""
        return PurePosixPath(self.name).name


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies in a place: files, sorted, and by name why something else is none."""

    files: list[WatchedFile]
    others: dict[str, str]


class Place(Protocol):
    """What a watched place does."""

    def listing(self) -> Listing:
        """The files. Raises SourceError."""

    def bring(
        self,
        files: Sequence[WatchedFile],
        folder: Path,
        *,
        progress: Callable[[int, int], None],
    ) -> list[Path]:
        """Local paths of the files, which are copied into a folder where they are elsewhere.

        Raises SourceChanged for a file that is gone or in another state.
        """


@dataclass(frozen=True, slots=True)
class WatchedFolder:
    """A folder of this machine, or of a network drive. Links are not followed: one could lead to
    any file that the platform may read."""

    folder: Path

    def listing(self) -> Listing:
        files: list[WatchedFile] = []
        others: dict[str, str] = {}
        try:
            for entry in _entries(self.folder):
                name = Path(entry.path).relative_to(self.folder).as_posix()
                try:
                    state = entry.stat(follow_symlinks=False)
                except FileNotFoundError:  # it has just gone
                    continue
                if not stat.S_ISREG(state.st_mode):
                    others[_shown(name)] = "a link, or no ordinary file"
                elif wrong := _wrong_name(name):
                    others[_shown(name)] = wrong
                else:
                    files.append(WatchedFile(name, state.st_size, str(state.st_mtime_ns)))
                _check_number(len(files) + len(others), str(self.folder))
        except OSError as error:
            raise SourceUnavailable(
                str(self.folder), found=error.strerror or str(error), expected="a folder"
            ) from error
        return Listing(sorted(files), others)

    def bring(
        self,
        files: Sequence[WatchedFile],
        folder: Path,
        *,
        progress: Callable[[int, int], None],
    ) -> list[Path]:
        now = {file.name: file for file in self.listing().files}
        for file in files:
            if now.get(file.name) != file:
                raise _changed(f"{self.folder}/{file.name}", now.get(file.name))
        progress(1, 1)
        return [self.folder / file.name for file in files]


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """All that lies in a folder and in those below it, hidden and unfinished files excepted."""
    with os.scandir(folder) as opened:
        entries = sorted(opened, key=lambda entry: entry.name)
    for entry in entries:
        if _is_hidden(entry.name):
            continue
        if entry.is_dir(follow_symlinks=False):
            try:
                yield from _entries(Path(entry.path))
            except FileNotFoundError:  # the folder has just gone
                continue
        else:
            yield entry


@dataclass(frozen=True, slots=True)
class WatchedBucket:
    """A bucket of an S3 server; address and credentials come from the environment (AWS_…)."""

    bucket: str
    prefix: str

    def listing(self) -> Listing:
        files: list[WatchedFile] = []
        others: dict[str, str] = {}
        client = _s3()
        try:
            pages = client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=self.prefix
            )
            for page in pages:
                for found in page.get("Contents", ()):
                    name = str(found["Key"])[len(self.prefix) :]
                    parts = PurePosixPath(name).parts
                    if name.endswith("/") or any(_is_hidden(part) for part in parts):
                        continue
                    if wrong := _wrong_name(name):
                        others[_shown(name)] = wrong
                    else:
                        files.append(WatchedFile(name, int(found["Size"]), str(found["ETag"])))
                _check_number(len(files) + len(others), str(self))
        except _failures() as error:
            raise SourceUnavailable(
                str(self), found=printable(str(error))[:200], expected="a bucket"
            ) from error
        return Listing(sorted(files), others)

    def bring(
        self,
        files: Sequence[WatchedFile],
        folder: Path,
        *,
        progress: Callable[[int, int], None],
    ) -> list[Path]:
        folder.mkdir(parents=True, exist_ok=True)
        client = _s3()
        total, done = sum(file.size for file in files), 0
        paths = []
        for file in files:
            path = folder / file.file_name
            if not path.exists():
                self._receive(client, file, path, before=done, total=total, progress=progress)
            done += file.size
            progress(done, total)
            paths.append(path)
        return paths

    def _receive(
        self,
        client: Any,
        file: WatchedFile,
        path: Path,
        *,
        before: int,
        total: int,
        progress: Callable[[int, int], None],
    ) -> None:
        """Fetch an object in the state that it had when it was listed, and go on where an earlier
        attempt has stopped."""
        # Another state is another part: states are not mixed.
        part = path.with_name(f"{path.name}.{_plain(file.stamp)}.part")
        have = part.stat().st_size if part.exists() else 0
        try:
            if have < file.size:
                found = client.get_object(
                    Bucket=self.bucket,
                    Key=self.prefix + file.name,
                    IfMatch=file.stamp,
                    Range=f"bytes={have}-",
                )
                with part.open("ab") as target:
                    for chunk in found["Body"].iter_chunks(_CHUNK):
                        target.write(chunk)
                        have += len(chunk)
                        progress(before + have, total)
        except _failures() as error:
            status = getattr(error, "response", {}).get("Error", {}).get("Code", "")
            if status in {"404", "412", "NoSuchKey", "PreconditionFailed"}:
                part.unlink(missing_ok=True)
                raise _changed(f"{self}{file.name}", None) from error
            raise SourceUnavailable(
                f"{self}{file.name}", found=printable(str(error))[:200], expected="the object"
            ) from error
        if have != file.size:
            part.unlink(missing_ok=True)
            raise SourceUnavailable(
                f"{self}{file.name}", found=f"{have} bytes", expected=f"{file.size} bytes"
            )
        os.replace(part, path)

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"


def place_at(address: str) -> Place:
    """The place at an address: a folder's path, or ``s3://bucket/prefix``. Raises SourceError."""
    parts = urlsplit(address)
    if parts.scheme == "s3" and parts.netloc:
        prefix = parts.path.strip("/")
        return WatchedBucket(parts.netloc, f"{prefix}/" if prefix else "")
    if parts.scheme and parts.scheme != "file":
        raise SourceError(
            printable(address)[:200], found=f"{parts.scheme}://", expected="a folder or s3://bucket"
        )
    return WatchedFolder(Path(parts.path if parts.scheme == "file" else address).absolute())


def _s3() -> Any:
    # Not imported where the place is a folder: it takes 0.3 s.
    import boto3

    return boto3.Session().client("s3")


def _failures() -> tuple[type[Exception], ...]:
    from botocore.exceptions import BotoCoreError, ClientError

    return (BotoCoreError, ClientError)


def _wrong_name(name: str) -> str:
    """Why a name cannot be that of a raster; it may hold anything that a file system allows."""
    if name != printable(name):
        return "a name that cannot be printed"
    return f"a name of more than {_LONGEST_NAME} letters" if len(name) > _LONGEST_NAME else ""


def _shown(name: str) -> str:
    return printable(name)[:_LONGEST_NAME]


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name.lower().endswith(_UNFINISHED)


def _plain(stamp: str) -> str:
    return "".join(letter for letter in stamp if letter.isalnum())[:64]


def _check_number(files: int, place: str) -> None:
    if files > _MOST_FILES:
        raise SourceError(
            place, found=f"more than {_MOST_FILES} files", expected="the files of editions"
        )


def _changed(name: str, now: WatchedFile | None) -> SourceChanged:
    return SourceChanged(
        printable(name)[:200],
        found="another state" if now else "nothing, or another state",
        expected="the file as it was when it was found",
    )
