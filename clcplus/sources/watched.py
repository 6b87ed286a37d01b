"""Editions that were copied into a watched place: found by the names of their files, taken when
they are complete and still."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from clcplus.sources.client import described
from clcplus.sources.edition_names import EXPECTED, EditionName, read_name
from clcplus.sources.errors import SourceError
from clcplus.sources.image_server import TIFF
from clcplus.sources.watched_places import Listing, WatchedFile, place_at

_SIDECARS = (".ovr", ".aux.xml", ".msk", ".xml", ".clr", ".dbf", ".vat.dbf", ".tfw", ".prj")
_TIFFS = (".tif", ".tiff", ".ovr", ".msk")
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class WatchedEdition:
    """An edition in a place: its rasters, and the files beside them that belong to them."""

    name: EditionName
    rasters: Mapping[str, WatchedFile]
    """By tile; a mosaic has the tile ``""``."""
    beside: tuple[WatchedFile, ...] = ()

    @property
    def files(self) -> list[WatchedFile]:
        """All its files, sorted."""
        return sorted((*self.rasters.values(), *self.beside))


@dataclass(frozen=True, slots=True)
class Waiting:
    """An edition that is not taken yet, and why."""

    edition: WatchedEdition
    reason: str


@dataclass(frozen=True, slots=True)
class Misfit:
    """A file that belongs to no edition, or to none that is taken, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a place has found."""

    files: tuple[WatchedFile, ...]
    """All files: the next look compares with them."""
    editions: tuple[WatchedEdition, ...]
    """Complete and still, the latest year first."""
    waiting: tuple[Waiting, ...]
    misfits: tuple[Misfit, ...]


def found(
    place: str,
    *,
    before: Collection[WatchedFile] = (),
    tiles: Collection[str] = (),
) -> Look:
    """Look at a folder or ``s3://bucket/prefix``; nothing is changed or remembered.

    An edition is taken if each of its files was in the same state ``before``, and if it has the
    100 km ``tiles``. Of several versions of a year only the last is. Raises SourceError.
    """
    listing = place_at(place).listing()
    editions, misfits = _sorted_out(listing)
    earlier = set(before)
    taken, waiting = [], []
    for edition in sorted(editions, key=lambda e: e.name, reverse=True):
        newer = [e.name for e in editions if e.name.year == edition.name.year and e is not edition]
        if any(name > edition.name for name in newer):
            misfits += [
                Misfit(file.name, f"a former version: {max(newer)} is there")
                for file in edition.files
            ]
            continue
        reason = _lacking(edition, earlier, tiles)
        if reason:
            waiting.append(Waiting(edition, reason))
        else:
            taken.append(edition)
    return Look(
        files=tuple(listing.files),
        editions=tuple(taken),
        waiting=tuple(waiting),
        misfits=tuple(misfits),
    )


def check_kind(path: Path) -> None:
    """Raise SourceError for a raster, mask or pyramid that is no TIFF: GDAL recognises formats by
    their first bytes, and some only point to other files."""
    if path.suffix.lower() not in _TIFFS:
        return
    with path.open("rb") as file:
        begins = file.read(4)
    if begins not in TIFF:
        raise SourceError(path.name, found=described(begins), expected="a TIFF")


def _sorted_out(listing: Listing) -> tuple[list[WatchedEdition], list[Misfit]]:
    """Files by edition, and those of none."""
    misfits = [Misfit(name, reason) for name, reason in listing.others.items()]
    rasters: dict[EditionName, dict[str, WatchedFile]] = {}
    owners: dict[str, EditionName] = {}
    others = []
    for file in listing.files:
        named = read_name(file.file_name)
        if isinstance(named, str):
            others.append((file, named))
        elif named.tile in rasters.setdefault(named.edition, {}):
            first = rasters[named.edition][named.tile].name
            misfits.append(Misfit(file.name, f"a raster that {first} is already"))
        else:
            rasters[named.edition][named.tile] = file
            owners[file.name.lower()] = owners[_stem(file.name)] = named.edition
    beside: dict[EditionName, list[WatchedFile]] = {}
    for file, reason in others:
        owner = _owner(file.name, owners)
        if owner is None:
            misfits.append(Misfit(file.name, f"{reason}; expected such as {EXPECTED}"))
        else:
            beside.setdefault(owner, []).append(file)
    return (
        [WatchedEdition(n, of, tuple(beside.get(n, ()))) for n, of in rasters.items()],
        misfits,
    )


def _stem(name: str) -> str:
    return name.lower().rpartition(".")[0]


def _owner(name: str, owners: Mapping[str, EditionName]) -> EditionName | None:
    """The edition whose raster a file lies beside, as ``x.tif.ovr`` or ``x.xml``."""
    lower = name.lower()
    for ending in _SIDECARS:
        if lower.endswith(ending) and (owner := owners.get(lower.removesuffix(ending))):
            return owner
    return None


def _lacking(
    edition: WatchedEdition, earlier: Collection[WatchedFile], tiles: Collection[str]
) -> str:
    """Why an edition cannot be taken yet; empty where it can."""
    moving = [file.name for file in edition.files if file not in earlier]
    if moving:
        return f"{len(moving)} files are new or have changed, such as {moving[0]}"
    empty = [file.name for file in edition.rasters.values() if not file.size]
    if empty:
        return f"{empty[0]} is empty"
    missing = sorted(set(tiles) - set(edition.rasters)) if edition.name.tiled else []
    if missing:
        more = " …" if len(missing) > _SHOWN else ""
        return f"{len(missing)} tiles are missing: {', '.join(missing[:_SHOWN])}{more}"
    return ""
