"""Files out of zip archives of services elsewhere, within limits."""

from __future__ import annotations

import shutil
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from analytics.files import printable, replacement
from clcplus.sources.errors import SourceError

RASTERS = (".tif", ".tiff")
VECTORS = (".gpkg", ".geojson", ".json", ".parquet", ".shp", ".dbf", ".shx", ".prj", ".cpg")
_MOST_MEMBERS = 20_000


def unpack(
    archive: Path, folder: Path, *, suffixes: Collection[str], most_bytes: int
) -> list[Path]:
    """Unpack the files of some kinds into a folder, under their own names; sorted paths.

    A file that is there in its full size is kept. Raises SourceError for an archive that is
    damaged, has no such file, two of one name, or more than ``most_bytes`` in all.
    """
    name = archive.name
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(archive) as opened:
            members = _members(opened, name=name, suffixes=suffixes, most_bytes=most_bytes)
            for file_name, info in members.items():
                path = folder / file_name
                if not (path.exists() and path.stat().st_size == info.file_size):
                    # The checksum of a member is checked at its end: until then it has no name.
                    with (
                        opened.open(info) as source,
                        replacement.replacing(path) as target,
                    ):
                        shutil.copyfileobj(source, target, 1 << 20)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise SourceError(
            name, found=f"a damaged archive ({printable(str(error))})", expected="a whole zip file"
        ) from error
    return sorted(folder / file_name for file_name in members)


def _members(
    archive: zipfile.ZipFile, *, name: str, suffixes: Collection[str], most_bytes: int
) -> dict[str, zipfile.ZipInfo]:
    members = archive.infolist()
    if len(members) > _MOST_MEMBERS:
        raise SourceError(
            name, found=f"{len(members)} members", expected=f"at most {_MOST_MEMBERS}"
        )
    found: dict[str, zipfile.ZipInfo] = {}
    for info in members:
        # The last part alone: a member may name folders above the one that it is unpacked into.
        file_name = PurePosixPath(info.filename.replace("\\", "/")).name
        if not file_name.lower().endswith(tuple(suffixes)) or info.is_dir():
            continue
        if file_name != printable(file_name) or file_name.startswith("."):
            raise SourceError(
                name, found=f"the member {printable(file_name)}", expected="an ordinary name"
            )
        if file_name in found:
            raise SourceError(name, found=f"{file_name} twice", expected="each file once")
        found[file_name] = info
    total = sum(info.file_size for info in found.values())
    if total > most_bytes:
        raise SourceError(name, found=f"{total} bytes", expected=f"at most {most_bytes}")
    if not found:
        raise SourceError(name, found="no such file", expected=f"files {', '.join(suffixes)}")
    return found
