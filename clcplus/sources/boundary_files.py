"""Vector files of boundaries by address: downloaded, recognised by their first bytes, unpacked."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from urllib.parse import parse_qsl, unquote, urlsplit

from analytics.uploads import UploadError, check_geopackage
from clcplus.sources import archives
from clcplus.sources.client import Client, described
from clcplus.sources.downloads import download
from clcplus.sources.errors import SourceError

_ARCHIVE = b"PK\3\4"
_SEVEN_ZIP = b"7z\xbc\xaf\x27\x1c"
_SUFFIXES = {
    b"SQLite format 3\0": ".gpkg",
    b"{": ".geojson",
    b"PAR1": ".parquet",
    b"fgb": ".fgb",
}
_STARTS = {
    **{suffix: start for start, suffix in _SUFFIXES.items()},
    ".json": b"{",
    ".shp": b"\0\0\x27\x0a",
    ".shx": b"\0\0\x27\x0a",
}
"""First bytes by the ending of a name; the other parts of a Shapefile are opened with the .shp."""
_READ_BY_THEMSELVES = {".gpkg", ".geojson", ".json", ".parquet", ".fgb", ".shp"}
_MATCHED = re.compile(rb'"(?:numberMatched|totalFeatures)"\s*:\s*(\d+)')
_RETURNED = re.compile(rb'"numberReturned"\s*:\s*(\d+)')
_EDGE_BYTES = 4096


def is_address(text: str) -> bool:
    """Whether a person means an address of the web, not a file."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", text) is not None


def fetch_boundaries(
    client: Client,
    url: str,
    folder: Path,
    *,
    most_bytes: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Path]:
    """Download a file of boundaries into the folder of its address; the vector files that it is or
    that it holds. What is there already is kept, and a download that stopped is resumed.

    Raises SourceError for what is no such file, for an archive beyond the limits, and for a part
    of what a service has matched.
    """
    digest = hashlib.sha256(url.encode()).hexdigest()[:16]
    place = folder / digest
    ready = place / "ready"
    if ready.is_dir():
        return _vectors(ready, url)
    arrived = place / "arrived"
    download(
        client,
        url,
        arrived,
        begins=(_ARCHIVE, _SEVEN_ZIP, *_SUFFIXES),
        most_bytes=most_bytes,
        progress=progress,
    )
    unpacked = place / "unpacked"
    # What an attempt has left that ended here is not mixed with this one.
    shutil.rmtree(unpacked, ignore_errors=True)
    unpacked.mkdir()
    try:
        _bring(arrived, unpacked, url=url, most_bytes=most_bytes)
        found = _vectors(unpacked, url)
    except SourceError:
        # The same bytes would be refused again: the address may have others by then.
        arrived.unlink(missing_ok=True)
        raise
    os.replace(unpacked, ready)
    arrived.unlink(missing_ok=True)
    return [ready / path.name for path in found]


def _bring(arrived: Path, folder: Path, *, url: str, most_bytes: int) -> None:
    with arrived.open("rb") as file:
        begins = file.read(16)
    if begins.startswith(_SEVEN_ZIP):
        raise SourceError(
            url,
            found="a 7z archive",
            expected="a vector file, or a zip archive of one",
            hint="Unpack it, and import the file in it",
        )
    if begins.startswith(_ARCHIVE):
        named = arrived.with_name(f"{_name(url)}.zip")
        os.replace(arrived, named)
        try:
            archives.unpack(named, folder, suffixes=archives.VECTORS, most_bytes=most_bytes)
        finally:
            os.replace(named, arrived)
        return
    suffix = next(end for start, end in _SUFFIXES.items() if begins.startswith(start))
    os.link(arrived, folder / f"{_name(url)}{suffix}")


def _check(path: Path, url: str) -> None:
    """Raise SourceError for a file that is not what its name says, or that could lead GDAL to read
    other files: it recognises formats by their first bytes, and some only point elsewhere."""
    suffix = path.suffix.lower()
    starts = _STARTS.get(suffix)
    with path.open("rb") as file:
        begins = file.read(16)
    if starts is not None and not begins.startswith(starts):
        raise SourceError(
            url,
            found=f"{path.name}, which begins with {described(begins)}",
            expected=f"a file of the kind {suffix}",
        )
    if suffix == ".gpkg":
        try:
            check_geopackage(path)
        except UploadError as error:
            raise SourceError(
                url, found=error.found, expected=error.expected, hint=error.hint
            ) from error
    if suffix in {".geojson", ".json"}:
        _check_whole(path, url)


def _check_whole(path: Path, url: str) -> None:
    """Raise SourceError where a feature service has sent a part of what it matched."""
    with path.open("rb") as file:
        edges = file.read(_EDGE_BYTES)
        file.seek(max(_EDGE_BYTES, path.stat().st_size - _EDGE_BYTES))
        edges += file.read()
    matched, returned = _MATCHED.search(edges), _RETURNED.search(edges)
    if matched and returned and int(returned[1]) < int(matched[1]):
        raise SourceError(
            url,
            found=f"{int(returned[1])} of {int(matched[1])} features",
            expected="all of them",
            hint="Ask for fewer, or for more at a time (COUNT)",
        )


def _vectors(folder: Path, url: str) -> list[Path]:
    found = sorted(p for p in folder.iterdir() if p.suffix.lower() in _READ_BY_THEMSELVES)
    if not found:
        raise SourceError(url, found="no vector file", expected="a GeoPackage or Shapefile")
    for path in sorted(folder.iterdir()):
        _check(path, url)
    return found


def _name(url: str) -> str:
    """A plain name for the file, in which a year stays readable."""
    parts = urlsplit(url)
    # A feature service has one path for all its layers.
    query = {name.upper(): value for name, value in parse_qsl(parts.query)}
    stem = query.get("TYPENAMES") or PurePosixPath(unquote(parts.path)).stem
    return re.sub(r"[^A-Za-z0-9_-]+", "-", stem).strip("-")[:80] or "boundaries"
