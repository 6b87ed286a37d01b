"""The map under drawn or uploaded zones: territories, and the newest land cover."""

from __future__ import annotations

from analytics import queries
from clcplus import reading
from clcplus.views.figures import main_edition
from clcplus.views.maps import map_config

_EUROPE = (-11.0, 35.0, 32.0, 62.0)
"""Where the map begins while nothing is published."""


def background_map(label: str) -> str:
    """The configuration of such a map, as JSON; ``label`` names it."""
    with reading.snapshot() as connection:
        levels, editions = queries.levels(connection), queries.editions(connection)
        version = queries.fingerprint(connection)
    return map_config(
        version=version,
        levels=levels,
        editions=editions,
        edition=main_edition(editions),
        bounds=levels[0].bounds if levels else _EUROPE,
        label=label,
    )
