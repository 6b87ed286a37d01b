"""Levels of territories that the platform knows by their slug."""

from __future__ import annotations

KNOWN_LEVELS: dict[str, tuple[str, str, int]] = {
    "country": ("Country", "Countries", 0),
    "region": ("Region", "Regions", 10),
    "departement": ("Département", "Départements", 20),
    "epci": ("Intercommunality", "Intercommunalities", 25),
    "commune": ("Commune", "Communes", 30),
    "nuts0": ("NUTS 0", "NUTS 0", 0),
    "nuts1": ("NUTS 1", "NUTS 1", 8),
    "nuts2": ("NUTS 2", "NUTS 2", 12),
    "nuts3": ("NUTS 3", "NUTS 3", 22),
    "lau": ("Local unit", "Local units", 30),
    "wojewodztwo": ("Województwo", "Województwa", 10),
    "powiat": ("Powiat", "Powiaty", 20),
    "gmina": ("Gmina", "Gminy", 30),
    "park": ("Park", "Parks", 40),
}
"""Name, plural and rank (0 is the highest)."""


def rank_of(level: str) -> int:
    """Rank of a level; of one that is not known, the rank that such levels get."""
    return KNOWN_LEVELS.get(level, ("", "", 50))[2]
