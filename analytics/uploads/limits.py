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
    """Of all outlines together: what counting cells costs; 10 000 communes have a fifth of it."""
    fields: int = 300
    memory_bytes: int = 2_000 * MEGABYTE
    """Address space of the reader; its libraries alone take a quarter."""
    cpu_seconds: int = 60
    wall_seconds: float = 90.0
    written_bytes: int = 500 * MEGABYTE
    """Of one file that the reader writes."""
    open_files: int = 128

    def check_members(self, count: int) -> None:
        """Raise LimitMet where an archive has too many members."""
        _check("too-many-members", "{} members in the archive", count, self.archive_members)

    def check_layers(self, count: int) -> None:
        """Raise LimitMet where a file has too many layers."""
        _check("too-many-layers", "{} layers", count, self.layers)

    def check_features(self, count: int) -> None:
        """Raise LimitMet where a layer has too many features."""
        hint = "Split the layer into several files"
        _check("too-many-features", "{} features in the layer", count, self.features, hint=hint)

    def check_vertices(self, count: int) -> None:
        """Raise LimitMet where the outlines of a layer have too many vertices."""
        hint = "Simplify the outlines: cells are 10 m wide"
        _check("too-many-vertices", "{} vertices", count, self.vertices, hint=hint)

    def check_area(self, km2: float) -> None:
        """Raise LimitMet where zones are too large together."""
        hint = "Upload a part, or choose territories that are already there"
        found = "zones of {} km² together"
        _check("too-large-area", found, km2, self.area_km2, unit=" km²", hint=hint)

    def check_outlines(self, km: float) -> None:
        """Raise LimitMet where outlines are longer than any that areas of this size need.

        Counting takes time in proportion to the length of the outline: a comb of thin, long teeth
        has few vertices and little area, and takes for ever.
        """
        hint = "Leave out slivers and hatching, or split the file"
        found = "outlines of {} km together"
        _check("too-long-outlines", found, km, self.outline_km, unit=" km", hint=hint)


def _check(
    code: str, found: str, count: float, most: float, *, unit: str = "", hint: str = ""
) -> None:
    if not count <= most:  # NaN too
        raise LimitMet(
            code,
            found=found.format(f"{count:.0f}"),
            expected=f"at most {most:.0f}{unit}",
            hint=hint,
        )
