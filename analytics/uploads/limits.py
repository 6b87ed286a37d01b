"""How much an upload may be, and how much the process that reads it may use."""

from __future__ import annotations

from dataclasses import dataclass

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
    """Of all outlines together: what counting cells costs; 10 000 communes have a fifth of it."""
    fields: int = 300
    memory_bytes: int = 2_000 * MEGABYTE
    """Address space of the reader; its libraries alone take a quarter."""
    cpu_seconds: int = 60
    wall_seconds: float = 90.0
    written_bytes: int = 500 * MEGABYTE
    """Of one file that the reader writes."""
    open_files: int = 128
