"""ZIP archives from strangers: looked through before anything is unpacked, unpacked under names of
our own, and never more than was allowed.
"""

from __future__ import annotations

import errno
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from analytics.uploads.errors import HostileArchive, LimitMet, UploadError
from analytics.uploads.limits import MEGABYTE, Limits

SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_ARCHIVES = (".zip", ".kmz", ".7z", ".rar", ".gz", ".tar", ".tgz", ".bz2", ".xz")
_CHUNK = 1 << 18
_SYSTEMS_OWN = {"__macosx", ".ds_store", "thumbs.db"}


@dataclass(frozen=True, slots=True)
class Contents:
    """What an archive held, unpacked: shapefiles by their names in it, or one KML document."""

    shapefiles: dict[str, Path]
    kml: Path | None


def unpack(path: Path, folder: Path, limits: Limits) -> Contents:
    """Unpack the shapefiles, or the KML document, of an archive into a folder.

    Raises HostileArchive, LimitMet or UploadError.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = _checked(archive.infolist(), limits)
            return _unpack(archive, members, folder, limits)
    except OSError as error:
        if error.errno != errno.EINVAL:  # a limit that was met, or the disk
            raise
        raise _broken() from error  # a member said to begin before the file does
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, IndexError) as error:
        raise _broken() from error
    except (NotImplementedError, RuntimeError) as error:
        raise UploadError(
            "archive-method",
            found="a ZIP archive packed in an unusual way",
            expected="one packed with Deflate, without a password",
        ) from error


def _broken() -> UploadError:
    return UploadError(
        "broken-archive",
        found="a ZIP archive that is cut off or damaged",
        expected="a whole one",
        hint="Pack and upload it again",
    )


def _checked(infos: list[zipfile.ZipInfo], limits: Limits) -> dict[str, zipfile.ZipInfo]:
    """Members worth reading by their cleaned names."""
    if len(infos) > limits.archive_members:
        raise LimitMet(
            "too-many-members",
            found=f"{len(infos)} members in the archive",
            expected=f"at most {limits.archive_members}",
        )
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
            raise UploadError(
                "archive-encrypted",
                found="an archive with a password",
                expected="one without",
                hint="Pack the files again without a password",
            )
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
) -> Contents:
    by_stem: dict[str, dict[str, zipfile.ZipInfo]] = {}
    for name, info in members.items():
        path = PurePosixPath(name)
        if path.suffix.lower() in SHAPEFILE_PARTS:
            by_stem.setdefault(str(path.with_suffix("")).lower(), {})[path.suffix.lower()] = info
    names = {str(PurePosixPath(n).with_suffix("")).lower(): n for n in members}
    budget = _Budget(limits)
    shapefiles: dict[str, Path] = {}
    for number, (_, parts) in enumerate(sorted(by_stem.items())):
        if ".shp" not in parts:
            continue
        if len(shapefiles) == limits.layers:
            raise LimitMet(
                "too-many-layers",
                found=f"more than {limits.layers} shapefiles",
                expected=f"at most {limits.layers}",
            )
        for suffix, info in parts.items():
            budget.write(archive, info, folder / f"layer{number}{suffix}")
        title = str(PurePosixPath(_name(parts[".shp"])).with_suffix(""))
        shapefiles[title] = folder / f"layer{number}.shp"
    if shapefiles:
        return Contents(_short_names(shapefiles), None)
    documents = sorted(
        (n for n in members if n.lower().endswith(".kml")),
        key=lambda n: (n.lower() != "doc.kml", n.count("/"), n),
    )
    if documents:
        target = folder / "document.kml"
        budget.write(archive, members[documents[0]], target)
        return Contents({}, target)
    raise _nothing_in(names, by_stem, members)


def _short_names(shapefiles: dict[str, Path]) -> dict[str, Path]:
    """The last part of each name where that tells them apart."""
    short = {PurePosixPath(name).name: path for name, path in shapefiles.items()}
    return short if len(short) == len(shapefiles) else shapefiles


def _nothing_in(
    names: dict[str, str],
    by_stem: dict[str, dict[str, zipfile.ZipInfo]],
    members: dict[str, zipfile.ZipInfo],
) -> UploadError:
    nested = [n for n in members if n.lower().endswith(_ARCHIVES)]
    if nested:
        return UploadError(
            "archive-nested",
            found=f"an archive in the archive ({nested[0][:80]!r})",
            expected="the .shp, .shx, .dbf and .prj themselves, or a .kml",
            hint="Unpack the inner archive and upload that",
        )
    if by_stem:
        return UploadError(
            "shapefile-incomplete",
            found=f"{', '.join(sorted({s for p in by_stem.values() for s in p}))} without a .shp",
            expected="a .shp, .shx, .dbf and .prj of one name",
        )
    listed = ", ".join(PurePosixPath(n).name[:40] for n in sorted(names.values())[:5]) or "no file"
    return UploadError(
        "archive-without-layer",
        found=f"an archive of {listed}",
        expected="a Shapefile or a KML document in it",
        hint="GeoJSON, GeoPackage, FlatGeobuf and GeoParquet are uploaded without an archive",
    )


class _Budget:
    """Bytes that may still be unpacked: what members are, not what they say they are."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.left = limits.unpacked_bytes

    def write(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
        """Unpack a member to a file."""
        written = 0
        packed = max(info.compress_size, 1)
        with archive.open(info) as member, target.open("wb") as file:
            while chunk := member.read(_CHUNK):
                written += len(chunk)
                self.left -= len(chunk)
                if self.left < 0:
                    raise LimitMet(
                        "unpacked-size",
                        found="an archive that unpacks to more than "
                        f"{self.limits.unpacked_bytes // MEGABYTE} MB",
                        expected="less",
                    )
                if written > MEGABYTE and written > packed * self.limits.compression_ratio:
                    raise LimitMet(
                        "compression-ratio",
                        found=f"a member packed more than {self.limits.compression_ratio}-fold",
                        expected="an ordinary archive",
                    )
                file.write(chunk)
