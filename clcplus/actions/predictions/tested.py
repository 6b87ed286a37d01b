"""The territories that a network was tested on, as a file that the evaluation reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyogrio

from analytics.grid import EPSG
from clcplus.models import Layer, Zone
from inference.checkpoint import Checkpoint

CODE_FIELD = "code"


def write_zones(checkpoint: Checkpoint, *, path: Path) -> Path | None:
    """Write the zones that a checkpoint was tested and trained on, where a layer has all of them.

    None where the checkpoint names no territories for the test, or none of the layers knows them:
    it was trained elsewhere.
    """
    areas = checkpoint.training.configuration.get("areas", {})
    test = tuple(areas.get("test", ())) if isinstance(areas, dict) else ()
    codes = {*test, *checkpoint.training.areas}
    if not test:
        return None
    for layer in Layer.objects.filter(active=True).order_by("-level__rank", "-vintage"):
        zones = Zone.objects.filter(layer=layer, code__in=codes).only("code", "geometry")
        found = {zone.code: bytes(zone.geometry.wkb) for zone in zones}
        if len(found) == len(codes):
            _write(path, found)
            return path
    return None


def _write(path: Path, zones: dict[str, bytes]) -> None:
    path.unlink(missing_ok=True)
    pyogrio.raw.write(
        path,
        np.array(list(zones.values()), dtype=object),
        [np.array(list(zones), dtype=object)],
        fields=np.array([CODE_FIELD], dtype=object),
        crs=f"EPSG:{EPSG}",
        geometry_type="MultiPolygon",
        driver="GPKG",
    )
