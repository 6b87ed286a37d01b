"""How much an upload may be, and how much the process that reads it may use."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.uploads.errors import LimitMet

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Of the file, of the archive around it, of what it holds, and of the process that reads it."""

    file_bytes: int = 100 * MEGABYTE
    archive_members: int = 1_000
    unpacked_bytes: int = 400 * MEGABYTE
    """Of all members of an archive that are read, together."""
    compression_ratio: int = 200
    """Of a member larger than a megabyte; vector files seldom reach 50."""
    layers: int = 200
    features: int = 10_000
    vertices: int = 1_000_000
    area_km2: float = 100_000.0
    """Of all zones of an upload together."""
    outline_km: float = 1_000_000.0
    """Of all outlines together; 10 000 communes have a fifth of it. Counting takes time in
    proportion to it: a comb of thin, long teeth has few vertices and little area, and takes for
    ever."""
    fields: int = 300
    memory_bytes: int = 2_000 * MEGABYTE
    """Address space of the reader; its libraries alone take a quarter."""
    cpu_seconds: int = 60
    wall_seconds: float = 90.0
    written_bytes: int = 500 * MEGABYTE
    """Of one file that the reader writes."""
    open_files: int = 128

    def check(self, limit: str, count: float) -> None:
        """Raise LimitMet where a number is larger than a limit of this name allows."""
        code, found, unit, hint = _MET[limit]
        most = getattr(self, limit)
        if not count <= most:  # NaN too
            raise LimitMet(
                code,
                found=found.format(f"{count:.0f}"),
                expected=f"at most {most:.0f}{unit}",
                hint=hint,
            )


_MET = {
    "archive_members": ("too-many-members", "{} members in the archive", "", ""),
    "layers": ("too-many-layers", "{} layers", "", ""),
    "features": ("too-many-features", "{} features in the layer", "",
                 "Split the layer into several files"),
    "vertices": ("too-many-vertices", "{} vertices", "",
                 "Simplify the outlines: cells are 10 m wide"),
    "area_km2": ("too-large-area", "zones of {} km² together", " km²",
                 "Upload a part, or choose territories that are already there"),
    "outline_km": ("too-long-outlines", "outlines of {} km together", " km",
                   "Leave out slivers and hatching, or split the file"),
}  # fmt: skip
"""By limit: the code of the error, what was found, the unit, what to do."""
