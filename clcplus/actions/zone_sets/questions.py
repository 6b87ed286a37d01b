"""Why a check asks for the reference system, in plain English for programs and the command line."""

from __future__ import annotations

from collections.abc import Mapping

REFERENCE_QUESTIONS: Mapping[str, str] = {
    "missing": "The file does not say in which reference system its coordinates are.",
    "unreadable": "The reference system of the file cannot be understood.",
    "foreign": "The file names a reference system that GeoJSON does not allow; it has to be "
    "confirmed.",
    "contradicted": "The coordinates cannot be in the reference system that the file names.",
    "doubted": "The coordinates cannot be in the reference system that was named.",
    "sphere": "The file names a Mercator projection of a sphere, as old programs do for EPSG:3857.",
    "axes": "The axes of the coordinates seem to be swapped.",
}
"""By ``Reference.status``."""
