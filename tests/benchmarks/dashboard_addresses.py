"""Addresses that readers of the communes of France ask for; no two alike where there are enough."""

from __future__ import annotations

import csv
import enum
import math
import random
from functools import cache
from urllib.parse import urlencode

import pyogrio
import pyproj

from tests.benchmarks.communes import communes

ZOOMS = ((5, "departement"), (6, "departement"), *((zoom, "commune") for zoom in range(8, 14)))
"""Zooms of the map, and the level that it shows there."""


class Kind(enum.Enum):
    """What is asked for; with what it must keep to, in milliseconds."""

    HOME = "home"
    TERRITORY = "territory"
    RANKING = "ranking"
    API = "api"
    SEARCH = "search"
    TILE = "tile"

    @property
    def median(self) -> int:
        return {"api": 30, "search": 40, "tile": 40}.get(self.value, 60)

    @property
    def tail(self) -> int:
        return {"api": 80, "search": 100}.get(self.value, 150)

    @property
    def words(self) -> str:
        return {
            "home": "the home page",
            "territory": "pages of communes and départements",
            "ranking": "pages of the ranking of communes",
            "api": "the API's territory, statistics and change of a commune",
            "search": "suggestions while typing names of communes",
            "tile": "vector tiles",
        }[self.value]


def addresses(kind: Kind | None, number: int, *, seed: str) -> list[str]:
    """So many addresses of a kind, or of all kinds in turn."""
    chance = random.Random(f"{kind}-{seed}")
    if kind is None:
        share = -(-number // len(Kind))
        return [path for one in Kind for path in addresses(one, share, seed=seed)]
    if kind is Kind.HOME:
        # There is one home page; a query that means nothing makes it one that is not kept.
        return [f"/?reader={chance.randrange(10**9)}" for _ in range(number)]
    if kind is Kind.TILE:
        return _tiles(chance, number)
    places = chance.sample(_communes(), number)
    if kind is Kind.TERRITORY:
        departements = sorted({code[:2] for code, _ in _communes()})
        return [
            f"/territories/departement/{chance.choice(departements)}/?reader={n}"
            if n % 20 == 0
            else f"/territories/commune/{code}/"
            for n, (code, _) in enumerate(places)
        ]
    if kind is Kind.RANKING:
        orders = ("-share", "-sealed", "-person", "-gain", "-net", "share")
        return [
            f"/ranking/commune/?sort={chance.choice(orders)}&page={chance.randrange(1, 700)}"
            for _ in range(number)
        ]
    if kind is Kind.API:
        ends = ("", "statistics/", "change/")
        return [
            f"/api/v1/territories/commune/{code}/{ends[n % 3]}"
            for n, (code, _) in enumerate(places)
        ]
    return [_search(chance, name) for _, name in places]


def _search(chance: random.Random, name: str) -> str:
    typed = name[: chance.randrange(2, max(len(name), 3) + 1)]
    return f"/search/suggestions/?{urlencode({'q': typed})}"


@cache
def _communes() -> list[tuple[str, str]]:
    """Codes and names."""
    with communes().population.open(newline="") as file:
        known = {row["code"] for row in csv.DictReader(file)}
    _, _, _, columns = pyogrio.raw.read(
        communes().layer, columns=["code", "name"], read_geometry=False
    )
    return [pair for pair in zip(*(c.tolist() for c in columns), strict=True) if pair[0] in known]


@cache
def _points() -> list[tuple[float, float]]:
    """Longitude and latitude inside the communes' extents."""
    _, bounds = pyogrio.read_bounds(communes().layer)
    turn = pyproj.Transformer.from_crs(3035, 4326, always_xy=True)
    east, north = turn.transform((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2)
    return list(zip(east.tolist(), north.tolist(), strict=True))


def _tiles(chance: random.Random, number: int) -> list[str]:
    found: dict[str, None] = {}
    for n in range(number * 50):
        zoom, level = ZOOMS[n % len(ZOOMS)]
        longitude, latitude = chance.choice(_points())
        side, angle = 2**zoom, math.radians(latitude)
        column = int((longitude + 180) / 360 * side)
        row = int((1 - math.asinh(math.tan(angle)) / math.pi) / 2 * side)
        found[f"/tiles/territories/{level}/{zoom}/{column}/{row}.mvt"] = None
        if len(found) == number:
            break
    return list(found)
