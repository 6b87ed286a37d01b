"""What `load_real` asks, in small: boundaries of the region, and an ImageServer for each year."""

from __future__ import annotations

import threading
from pathlib import Path

import shapely

from analytics.grid import window_of_bounds
from analytics.nomenclature import CODES
from clcplus.models import Edition, ZoneStatistics
from tests.boundary_files import write_columns
from tests.region import NORTH, SIDE, WEST, Region
from tests.sources.image_service import ImageService
from tests.sources.misbehaviour import Answers, Reply, Request

WHOLE = window_of_bounds(WEST, NORTH - 10 * SIDE, WEST + 10 * SIDE, NORTH)
COMMUNES = "code_insee nom_officiel code_insee_du_departement"
DEPARTEMENTS = "code_insee nom_officiel code_insee_de_la_region"


def public_services(
    region: Region, folder: Path, *, gate: threading.Event | None = None
) -> Answers:
    """Answers of the services; images wait behind the gate."""
    communes = [
        (code, f"Saint-{code}", region.parents[code], zone) for code, zone in region.zones.items()
    ]
    departements = [
        (code, name, "07", shapely.union_all([c[-1] for c in communes if c[2] == code]))
        for code, name in (("0V", "Haut-Val"), ("1W", "L’Aval"))
    ]
    path = folder / "boundaries.gpkg"
    write_columns(path, communes, columns=COMMUNES, layer="commune")
    write_columns(path, departements, columns=DEPARTEMENTS, layer="departement")
    body = path.read_bytes()
    years = {year: ImageService(region.codes[year], WHOLE) for year in (2018, 2021)}

    def answers(request: Request) -> Reply:
        if request.path == "/boundaries_2024.gpkg":
            return Reply(body)
        if gate is not None and request.path.endswith("exportImage"):
            gate.wait(60)
        (year,) = [year for year in years if f"_{year}_" in request.path]
        return years[year](request)

    return answers


def check_figures(region: Region, codes: list[str]) -> None:
    """Both editions are published, and have the region's figures of these communes."""
    for year in (2018, 2021):
        edition = Edition.objects.get(year=year)
        assert edition.status == Edition.Status.PUBLISHED
        for code in codes:
            row = ZoneStatistics.objects.get(zone__code=code, edition=edition)
            found = {code: n for code, n in zip(CODES, row.cells, strict=True) if n}
            assert found == region.counts(code, year)
