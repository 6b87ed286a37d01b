"""ZIP archives from strangers: looked through before anything is unpacked, unpacked under names of
our own, and never more than was allowed.
"""

from __future__ import annotations

import errno
import stat
import zipfile
import zlib
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from analytics.uploads.errors import HostileArchive, LimitMet, UploadError, refusal
from analytics.uploads.formats import detection, foreign_formats
from analytics.uploads.formats.detection import Format
from analytics.uploads.limits import MEGABYTE, Limits

SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_ARCHIVES = (".zip", ".kmz", ".7z", ".rar", ".gz", ".tar", ".tgz", ".bz2", ".xz")
_SUFFIXES = {Format.FLATGEOBUF: ".fgb"}
"""GDAL wants them; all else is read whatever it is called."""
_CHUNK = 1 << 18
_SYSTEMS_OWN = {"__macosx", ".ds_store", "thumbs.db"}


@dataclass(frozen=True, slots=True)
class Member:
    """A file with layers that an archive held, unpacked: of a Shapefile, its .shp."""

    title: str
    """What tells it from the others of the archive."""
    kind: Format
    path: Path


def unpack(path: Path, folder: Path, limits: Limits) -> list[Member]:
    """Unpack the files of an archive that can be read into a folder; one at least.

    Raises HostileArchive, LimitMet or UploadError.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            foreign = foreign_formats.of_members([_name(info) for info in infos])
            if foreign is not None and len(infos) > limits.archive_members:
                raise detection.unknown(foreign)
            members = _checked(infos, limits)
            return _unpack(archive, members, folder, limits)
    except OSError as error:
        if error.errno != errno.EINVAL:  # a limit that was met, or the disk
            raise
        raise _broken() from error  # a member said to begin before the file does
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, IndexError) as error:
        raise _broken() from error
    except (NotImplementedError, RuntimeError) as error:
        raise refusal("archive-method", "a ZIP archive packed in an unusual way") from error


def _broken() -> UploadError:
    return refusal("broken-archive", "a ZIP archive that is cut off or damaged")


def _checked(infos: list[zipfile.ZipInfo], limits: Limits) -> dict[str, zipfile.ZipInfo]:
    """Members worth reading by their cleaned names."""
    limits.check("archive_members", len(infos))
    members: dict[str, zipfile.ZipInfo] = {}
    seen: set[str] = set()
    for info in infos:
        name = _name(info)
        parts = PurePosixPath(name).parts
        if name.startswith("/") or ".." in parts or (parts and ":" in parts[0]):
            raise HostileArchive(
                "archive-path",
                found=f"a member that would lie outside the archive ({name[:80]!r})",
                expected="relative names",
            )
        if stat.S_ISLNK(info.external_attr >> 16):
            raise HostileArchive(
                "archive-link", found=f"a symbolic link ({name[:80]!r})", expected="plain files"
            )
        if info.flag_bits & 0x1:
            raise refusal("archive-encrypted", "an archive with a password")
        if name.endswith("/") or not parts or _is_of_the_system(parts):
            continue
        if name.lower() in seen:
            raise HostileArchive(
                "archive-duplicate",
                found=f"the name {name[:80]!r} twice in the archive",
                expected="each name once",
            )
        seen.add(name.lower())
        members[name] = info
    return members


def _name(info: zipfile.ZipInfo) -> str:
    """The member's name: zipfile reads as code page 437 what says no encoding."""
    name = info.orig_filename
    if not info.flag_bits & 0x800:
        raw = name.encode("cp437", errors="replace")
        try:
            name = raw.decode("utf-8")
        except UnicodeDecodeError:
            name = raw.decode("cp437", errors="replace")
    return name.split("\0")[0].replace("\\", "/")


def _is_of_the_system(parts: tuple[str, ...]) -> bool:
    return any(part.lower() in _SYSTEMS_OWN or part.startswith("._") for part in parts)


def _unpack(
    archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], folder: Path, limits: Limits
) -> list[Member]:
    by_stem: dict[str, dict[str, zipfile.ZipInfo]] = {}
    others: dict[str, zipfile.ZipInfo] = {}
    for name, info in members.items():
        path = PurePosixPath(name)
        if path.suffix.lower() in SHAPEFILE_PARTS:
            by_stem.setdefault(str(path.with_suffix("")).lower(), {})[path.suffix.lower()] = info
        elif not name.lower().endswith(_ARCHIVES):
            others[name] = info
    budget = _Budget(limits)
    found: list[Member] = []

    def add(kind: Format, name: str, parts: dict[Path, zipfile.ZipInfo]) -> None:
        if len(found) == limits.layers:
            most = limits.layers
            raise LimitMet(
                "too-many-layers",
                found=f"more than {most} files with layers",
                expected=f"at most {most}",
            )
        for target, info in parts.items():
            budget.write(archive, info, target)
        found.append(Member(name, kind, next(iter(parts))))

    for number, (_, parts) in enumerate(sorted(by_stem.items())):
        if ".shp" in parts:
            # The .shp comes first.
            order = sorted(parts, key=SHAPEFILE_PARTS.index)
            targets = {folder / f"layer{number}{suffix}": parts[suffix] for suffix in order}
            add(Format.SHAPEFILE, _name(parts[".shp"]), targets)
    refusals: list[UploadError] = []
    # What a KMZ begins with comes first.
    for number, name in enumerate(sorted(others, key=lambda one: (one.lower() != "doc.kml", one))):
        kind = _kind(archive, others[name], refusals)
        if kind is not None:
            target = folder / f"file{number}{_SUFFIXES.get(kind, '')}"
            add(kind, name, {target: others[name]})
    if not found:
        raise _nothing_in(by_stem, members, refusals)
    titles = _titles([member.title for member in found])
    return [replace(one, title=title) for one, title in zip(found, titles, strict=True)]


def _kind(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, refusals: list[UploadError]
) -> Format | None:
    """The format of a member, by its content; None for what is beside the layers, such as pictures,
    with the reason among the refusals."""
    with archive.open(info) as member:
        head = member.read(detection.HEAD_BYTES)
    try:
        kind = detection.format_of_head(head)
    except UploadError as error:
        refusals.append(_of_member(info, error))
        return None
    # Catalogues and styles are JSON too.
    beside = kind is Format.ZIP or (kind is Format.GEOJSON and not detection.is_geojson(head))
    return None if beside else kind


def _of_member(info: zipfile.ZipInfo, error: UploadError) -> UploadError:
    name = PurePosixPath(_name(info)).name[:60]
    return UploadError(
        error.code,
        found=f"in the archive {error.found} ({name!r})",
        expected=error.expected,
        hint=error.hint,
    )


def _titles(names: list[str]) -> list[str]:
    paths = [PurePosixPath(name) for name in names]
    ways = (
        [path.stem for path in paths],
        [path.name for path in paths],
        [str(path.with_suffix("")) for path in paths],
    )
    return next((way for way in ways if len(set(way)) == len(way)), names)


def _nothing_in(
    by_stem: dict[str, dict[str, zipfile.ZipInfo]],
    members: dict[str, zipfile.ZipInfo],
    refusals: list[UploadError],
) -> UploadError:
    """Why an archive has nothing to read: what is in it is named, where that is known."""
    foreign = foreign_formats.of_members(list(members))
    if foreign is not None:
        return detection.unknown(foreign)
    nested = [n for n in members if n.lower().endswith(_ARCHIVES)]
    if nested:
        return refusal("archive-nested", f"an archive in the archive ({nested[0][:80]!r})")
    named = [one for one in refusals if "of another kind" not in one.found]
    if named:
        return named[0]
    if by_stem:
        return refusal(
            "shapefile-incomplete",
            f"{', '.join(sorted({s for p in by_stem.values() for s in p}))} without a .shp",
        )
    listed = ", ".join(PurePosixPath(n).name[:40] for n in sorted(members)[:5]) or "no file"
    return UploadError(
        "archive-without-layer",
        found=f"an archive of {listed}",
        expected=f"a layer in it: {detection.ACCEPTED}",
        hint="Pack the file of the layer itself, or upload it without an archive",
    )


class _Budget:
    """Bytes that may still be unpacked: what members are, not what they say they are."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.left = limits.unpacked_bytes

    def write(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
        """Unpack a member to a file."""
        written = 0
        ratio = self.limits.compression_ratio
        most = max(MEGABYTE, max(info.compress_size, 1) * ratio)
        with archive.open(info) as member, target.open("wb") as file:
            while chunk := member.read(_CHUNK):
                written += len(chunk)
                self.left -= len(chunk)
                if self.left < 0:
                    size = self.limits.unpacked_bytes // MEGABYTE
                    found = f"an archive that unpacks to more than {size} MB"
                    raise LimitMet("unpacked-size", found=found, expected="less")
                if written > most:
                    found = f"a member packed more than {ratio}-fold"
                    raise LimitMet("compression-ratio", found=found, expected="an ordinary archive")
                file.write(chunk)
