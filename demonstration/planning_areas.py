"""Areas that a planning office would upload: perimeters of the larger towns, and two business parks
smaller than a square kilometre."""

import json
import math
from pathlib import Path

import numpy as np
import pyproj
import shapely

from .communes import Commune
from .frame import Frame, generator
from .settlements import Settlements

TOWNS = 14
CORNERS = 72


def planning_areas(
    *, frame: Frame, settlements: Settlements, communes: list[Commune], seed: int
) -> list[tuple[str, str, shapely.Geometry]]:
    """Code, name and outline in EPSG:3035; none of them touches another."""
    rng = generator(seed, "planning areas")
    corner = np.array([frame.left, frame.bottom])
    region = shapely.union_all([commune.geometry for commune in communes])
    largest = sorted(communes, key=lambda c: -settlements.inhabitants[c.seat])[:TOWNS]
    areas: list[tuple[str, str, shapely.Geometry]] = []
    taken: shapely.Geometry = shapely.Polygon()
    for n, commune in enumerate(largest, start=1):
        seat = settlements.seats[commune.seat] + corner
        radius = min(700 + 22 * math.sqrt(settlements.inhabitants[commune.seat]), 5_000)
        outline = _perimeter(rng, seat, radius)
        outline = shapely.difference(shapely.intersection(outline, region), taken.buffer(200))
        if outline.area < 250_000:
            continue
        taken = shapely.union(taken, outline)
        areas.append((f"P{n:02}", f"{commune.name} et alentours", outline))
    for n, (_code, name, outline) in enumerate(areas[:2], start=1):
        east = shapely.Point(outline.bounds[2] + 700, outline.centroid.y)
        park = shapely.intersection(_perimeter(rng, np.array([east.x, east.y]), 380), region)
        park = shapely.difference(park, taken.buffer(100))
        if park.area > 100_000:
            taken = shapely.union(taken, park)
            town = name.removesuffix(" et alentours")
            areas.append((f"Z{n:02}", f"{town}, parc d'activités", park))
    return areas


def write_planning_areas(path: Path, areas: list[tuple[str, str, shapely.Geometry]]) -> None:
    """GeoJSON as RFC 7946 wants it: longitude and latitude, about a centimetre."""
    to_degrees = pyproj.Transformer.from_crs("EPSG:3035", "OGC:CRS84", always_xy=True)
    features = []
    for code, name, outline in areas:
        degrees = shapely.transform(
            outline, lambda p: np.column_stack(to_degrees.transform(p[:, 0], p[:, 1])).round(7)
        )
        features.append(
            {
                "type": "Feature",
                "properties": {"code": code, "name": name},
                "geometry": json.loads(shapely.to_geojson(degrees)),
            }
        )
    document = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _perimeter(
    rng: np.random.Generator, centre: "np.ndarray[tuple[int], np.dtype[np.float64]]", radius: float
) -> shapely.Geometry:
    """A round outline with a few bulges."""
    angles = np.linspace(0, 2 * math.pi, CORNERS, endpoint=False)
    wave = sum(
        rng.uniform(0.02, 0.3 / order) * np.cos(order * angles + rng.uniform(0, 2 * math.pi))
        for order in range(2, 6)
    )
    reach = radius * (1 + wave)
    points = centre + np.column_stack((reach * np.cos(angles), reach * np.sin(angles)))
    return shapely.make_valid(shapely.Polygon(points))
