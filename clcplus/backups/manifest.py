"""The manifest of a backup: what it has, with a checksum of each file and of each table.

It is written last, and under its name only when it is whole: a folder without it is no backup.
"""

from __future__ import annotations

import hashlib
import json
import os
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, NonNegativeInt, StringConstraints
from pydantic import ValidationError as Invalid

from clcplus.backups.errors import UnusableBackup

NAME = "manifest.json"
DUMP = "database.dump"
PARTS = ("store", "checkpoints", "imagery", "predictions", "inbox")
"""What lies outside the database, each in a folder of its own."""
SECRETS = "secrets"
_LARGEST = 1 << 30


def inside(text: str) -> str:
    """A path that cannot lead out of the backup's folder, and that text can hold. Raises
    ValueError."""
    text.encode()
    path = PurePosixPath(text)
    names = path.parts
    plain = bool(names) and not path.is_absolute() and ".." not in names and str(path) == text
    if not plain or "\x00" in text or (text != DUMP and names[0] not in (*PARTS, SECRETS)):
        raise ValueError("a path inside the backup")
    return text


Checksum = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class StoredFile(_Record):
    """A file of the backup."""

    path: Annotated[str, AfterValidator(inside)]
    bytes: NonNegativeInt
    sha256: Checksum


class TableSum(_Record):
    """A table of the database: its rows in whatever order."""

    rows: NonNegativeInt
    checksum: Checksum


class Manifest(_Record):
    """What a backup has."""

    form: Literal[1] = 1
    made_at: datetime
    release: str
    server: str
    """Version of the PostgreSQL that was dumped."""
    server_major: int
    tool_major: int
    """Version of the pg_dump that wrote the dump; an older pg_restore may not read it."""
    postgis: str
    migrations: list[str]
    left_out: list[str]
    files: list[StoredFile]
    tables: dict[str, TableSum]


def write(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, whole or not at all, so that it outlasts a loss of power."""
    content = manifest.model_dump_json(indent=1)
    kept = {"sha256": _checksum(content), "manifest": content}
    part = folder / f".{NAME}.part"
    number = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "w", encoding="utf-8") as file:
        json.dump(kept, file)
        file.flush()
        os.fsync(file.fileno())
    part.rename(folder / NAME)
    sync_folder(folder)


def read(folder: Path) -> Manifest:
    """The manifest of a whole backup. Raises UnusableBackup."""
    file = folder / NAME
    try:
        if not folder.is_dir():
            raise UnusableBackup(str(folder), found="no folder", expected="the folder of a backup")
        with file.open("rb") as opened:
            text = opened.read(_LARGEST)
    except FileNotFoundError:
        raise UnusableBackup(
            str(folder),
            found=f"no {NAME}",
            expected="a whole backup",
            hint="It was interrupted, or never finished: take another one",
        ) from None
    except OSError as error:
        raise UnusableBackup(str(file), found=str(error), expected="a readable file") from None
    try:
        kept = json.loads(text)
        content = kept["manifest"]
        if _checksum(content) != kept["sha256"]:
            raise UnusableBackup(
                str(file), found="another content than its checksum says", expected="the same"
            )
        return Manifest.model_validate_json(content)
    except Invalid as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise UnusableBackup(
            str(file), found=f"{place}: {first['msg']}", expected="a manifest of form 1"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UnusableBackup(
            str(file), found="no manifest that can be read", expected="a manifest of form 1"
        ) from None


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _checksum(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()
