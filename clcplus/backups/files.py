"""Files of a backup: copied with a checksum, and checked against it."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from clcplus.backups import manifest
from clcplus.backups.errors import BackupError, NoRoom, PlaceInUse, UnusableBackup
from clcplus.backups.manifest import StoredFile, sync_folder

CHUNK = 1 << 20
_UNFINISHED = ".incoming-"
"""Beginning of the names of files that are just coming into the store."""


@contextmanager
def explained(subject: object, *, expected: str) -> Iterator[None]:
    """Raise NoRoom for an error of the disk: full, closed, gone."""
    try:
        yield
    except OSError as error:
        raise NoRoom(
            str(error.filename or subject),
            found=str(error.strerror or error),
            expected=expected,
        ) from None


class Checked:
    """A file that is written, and hashed on the way."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self._bytes = 0

    def write(self, content: Any) -> int:
        self._hash.update(content)
        self._bytes += len(content)
        return self._file.write(content)

    def record(self, path: str) -> StoredFile:
        """What the manifest says of it."""
        return StoredFile(path=path, bytes=self._bytes, sha256=self._hash.hexdigest())


def written(target: Path, path: str, write: Callable[[Any], None]) -> StoredFile:
    """Make a file of the backup in ``target`` and have it on the disk."""
    try:
        manifest.inside(path)
    except ValueError:
        raise BackupError(
            ascii(path),
            found="a name that leads elsewhere, or is no text",
            expected="a file below its folder",
            hint="Rename it, or leave this part out",
        ) from None
    file = target / path
    make_closed(file.parent, below=target)
    with _closed_file(file) as opened:
        checked = Checked(opened)
        write(checked)
        opened.flush()
        os.fsync(opened.fileno())
    return checked.record(path)


def copied(source: Path, target: Path, path: str) -> StoredFile | None:
    """Copy a file into the backup; None if it was removed before it could be opened."""
    try:
        opened = source.open("rb")
    except FileNotFoundError:
        return None
    with opened:
        return written(target, path, lambda file: shutil.copyfileobj(opened, file, CHUNK))


def placed(source: Path, target: Path) -> None:
    """Put a file of the backup where the platform keeps it, for this account alone."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with source.open("rb") as opened, _closed_file(target) as file:
        shutil.copyfileobj(opened, file, CHUNK)
        file.flush()
        os.fsync(file.fileno())


def taken_back(file: Path, *, root: Path) -> None:
    """Remove what was placed, and the folders that it leaves empty."""
    file.unlink(missing_ok=True)
    for folder in file.parents:
        if folder == root or not folder.is_relative_to(root):
            return
        try:
            folder.rmdir()
        except OSError:  # it holds something, or was removed
            return


def recorded(target: Path, path: str) -> StoredFile:
    """What the manifest says of a file that a program has written."""
    file = target / path
    digest, size = _hashed(file)
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
    return StoredFile(path=path, bytes=size, sha256=digest)


def verify(source: Path, stored: StoredFile) -> None:
    """Raise UnusableBackup if a file is not the one that the manifest names."""
    file = source / stored.path
    for part in (file, *file.parents):
        if part == source:
            break
        if part.is_symlink():
            raise UnusableBackup(str(file), found="a symbolic link", expected="a file")
    try:
        size = file.stat().st_size
        if size != stored.bytes:
            raise UnusableBackup(str(file), found=f"{size} bytes", expected=f"{stored.bytes} bytes")
        digest, _ = _hashed(file)
    except FileNotFoundError:
        raise UnusableBackup(
            str(file), found="no such file", expected="a file of the backup"
        ) from None
    except OSError as error:
        raise UnusableBackup(
            str(file), found=str(error.strerror), expected="a file of the backup"
        ) from None
    if digest != stored.sha256:
        raise UnusableBackup(
            str(file), found=f"the sha256 {digest[:12]}…", expected=f"{stored.sha256[:12]}…"
        )


def below(folder: Path) -> Iterator[str]:
    """Paths of all files below a folder. Raises BackupError for a link to a folder, which would
    be left out."""
    if not folder.is_dir():
        return

    def refuse(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise error

    for place, folders, names in os.walk(folder, onerror=refuse):
        here = Path(place)
        for name in folders:
            if (here / name).is_symlink():
                raise BackupError(
                    str(here / name),
                    found="a symbolic link to a folder",
                    expected="a folder",
                    hint="Move what it leads to here, or leave this part out",
                )
        folders.sort()
        for name in sorted(names):
            if not name.startswith(_UNFINISHED):
                yield (here / name).relative_to(folder).as_posix()


def need_empty(folder: Path, *, name: str) -> None:
    """Raise PlaceInUse if anything is in a folder; it need not be there."""
    with explained(folder, expected="a folder that can be read"):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise PlaceInUse(
                f"{name} {folder}",
                found="files",
                expected="an empty folder, or none",
                hint="An interrupted backup or restore may have left them: look, and remove them",
            )


def make_closed(folder: Path, *, below: Path) -> None:
    """Make a folder, and those above it up to another, for this account alone."""
    if folder != below:
        make_closed(folder.parent, below=below)
    folder.mkdir(mode=0o700, exist_ok=True)


def sync_folders(target: Path) -> None:
    """Have all names below a folder on the disk."""
    for place, _, _ in os.walk(target):
        sync_folder(Path(place))


def _closed_file(file: Path) -> BinaryIO:
    number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    return os.fdopen(number, "wb")


def _hashed(file: Path) -> tuple[str, int]:
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256")
        return digest.hexdigest(), opened.tell()
