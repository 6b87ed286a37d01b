"""Raw and filtered change of the communes of a region, beside the truth."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.merge import merge

from analytics.__main__ import main

QUANTITIES = ("gain", "loss", "gain + loss", "net")

Flows = npt.NDArray[np.int64]


def flows_of(
    folder: Path, pair: tuple[int, int], *, mmu_ha: float = 0.25
) -> tuple[list[str], Flows, Flows]:
    """Codes of the communes, and their raw and filtered gain and loss as mapped, (communes, 2)."""
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        editions = [_one_file(folder, year, scratch) for year in pair]
        output = scratch / "change.csv"
        zones = ["--zones", str(folder / "zones/communes_2024.gpkg"), "--id-field", "code"]
        options = ["--mmu-ha", str(mmu_ha), *zones, "-o", str(output)]
        assert main(["change", *map(str, editions), *options]) == 0
        with output.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    found: dict[bool, dict[str, tuple[int, int]]] = {True: {}, False: {}}
    for row in rows:
        flows = int(row["gain_cells"]), int(row["loss_cells"])
        found[row["filter"] == "raw"][row["zone"]] = flows
    codes = sorted(found[True])
    raw, filtered = (np.array([found[is_raw][code] for code in codes]) for is_raw in (True, False))
    return codes, raw, filtered


def nearer(raw: Flows, filtered: Flows, truth: Flows) -> dict[str, float]:
    """Share of communes whose filtered change is nearer the truth than the raw one."""

    def share(of: npt.NDArray[np.int64]) -> float:
        errors = [np.abs((flows - truth) @ of) for flows in (raw, filtered)]
        return float((errors[1] < errors[0]).mean())

    weights = ([1, 0], [0, 1], [1, 1], [1, -1])
    return {name: share(np.array(weight)) for name, weight in zip(QUANTITIES, weights, strict=True)}


def _one_file(folder: Path, year: int, scratch: Path) -> Path:
    """The edition of a year as one file."""
    parts = sorted((folder / f"editions/{year}").glob("*.tif"))
    if len(parts) == 1:
        return parts[0]
    cells, transform = merge(parts)
    with rasterio.open(parts[0]) as file:
        profile = {**file.profile, "driver": "GTiff", "transform": transform}
    profile |= {"height": cells.shape[1], "width": cells.shape[2]}
    path = scratch / f"{year}.tif"
    with rasterio.open(path, "w", **profile) as file:
        file.write(cells)
    return path
