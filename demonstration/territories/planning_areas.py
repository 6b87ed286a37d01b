"""Areas that a planning office would upload: perimeters of the larger towns, and two business parks
smaller than a square kilometre."""

import json
import math
from pathlib import Path

import numpy as np
import pyproj
import shapely

from demonstration.grids.drawing import Points
from demonstration.grids.frame import Frame
from demonstration.landscape.settlements import Settlements
from demonstration.territories.communes import Commune

TOWNS = 14
CORNERS = 72

Area = tuple[str, str, shapely.Geometry]
"""Code, name and outline in EPSG:3035."""


def planning_areas(frame: Frame, settlements: Settlements, communes: list[Commune]) -> list[Area]:
    """Areas of which none touches another."""
    rng = frame.generator("planning areas")
    corner = np.array([frame.left, frame.bottom])
    region = shapely.union_all([commune.geometry for commune in communes])
    largest = sorted(communes, key=lambda c: -settlements.inhabitants[c.seat])[:TOWNS]
    areas: list[Area] = []
    taken: shapely.Geometry = shapely.Polygon()

    def add(
        code: str, name: str, centre: Points, radius: float, apart: float, least: float
    ) -> None:
        nonlocal taken
        outline = shapely.intersection(_perimeter(rng, centre, radius), region)
        outline = shapely.difference(outline, taken.buffer(apart))
        if outline.area >= least:
            taken = shapely.union(taken, outline)
            areas.append((code, name, outline))

    for n, commune in enumerate(largest, start=1):
        seat = settlements.seats[commune.seat] + corner
        radius = min(700 + 22 * math.sqrt(settlements.inhabitants[commune.seat]), 5_000)
        add(f"P{n:02}", f"{commune.name} et alentours", seat, radius, 200, 250_000)
    for n, (_code, name, outline) in enumerate(areas[:2], start=1):
        east = np.array([outline.bounds[2] + 700, outline.centroid.y])
        town = name.removesuffix(" et alentours")
        add(f"Z{n:02}", f"{town}, parc d'activités", east, 380, 100, 100_000)
    return areas


def _perimeter(rng: np.random.Generator, centre: Points, radius: float) -> shapely.Geometry:
    """A round outline with a few bulges."""
    angles = np.linspace(0, 2 * math.pi, CORNERS, endpoint=False)
    wave = sum(
        rng.uniform(0.02, 0.3 / order) * np.cos(order * angles + rng.uniform(0, 2 * math.pi))
        for order in range(2, 6)
    )
    reach = radius * (1 + wave)
    points = centre + np.column_stack((reach * np.cos(angles), reach * np.sin(angles)))
    return shapely.make_valid(shapely.Polygon(points))


def write_planning_areas(path: Path, areas: list[Area]) -> None:
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
