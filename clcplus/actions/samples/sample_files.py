"""The points of a sample as a file for interpreters: CSV, GeoJSON, KML or GeoPackage."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import numpy as np

from analytics.errors import SampleError
from analytics.phrases import phrase as _
from analytics.rasters import platform_grid
from analytics.sampling import geopackage, point_files, point_tables, samples
from clcplus.errors import WrongState
from clcplus.models import ReferenceSample, SamplePoint, SampleStratum

Write = Callable[[ReferenceSample, samples.Sample, point_tables.PointTable, BinaryIO], None]


def write_points(
    sample: ReferenceSample, file: BinaryIO, *, format: str, blind: bool = True
) -> None:
    """Write the points with empty columns for labels. ``blind`` leaves out what tells what the map
    shows. Raises SampleError for an unknown format, WrongState before the points are drawn."""
    write = FORMATS.get(format)
    if write is None:
        raise SampleError(
            _("format"), found=format[:20], expected=_("one of %(names)s", names=", ".join(FORMATS))
        )
    drawn = drawn_sample(sample)
    write(sample, drawn, point_tables.point_table(drawn, blind=blind), file)


def drawn_sample(sample: ReferenceSample) -> samples.Sample:
    """The sample as the engine drew it, on the whole grid. Raises WrongState."""
    if sample.stage == ReferenceSample.Stage.DRAWING:
        raise WrongState(
            sample.name, found=_("a sample that is being drawn"), expected=_("a drawn one")
        )
    grid = platform_grid()
    strata = list(SampleStratum.objects.filter(sample=sample).order_by("place"))
    areas = samples.areas_of([one.cells for one in strata], grid)
    rows = list(
        SamplePoint.objects.filter(sample=sample)
        .order_by("number")
        .values_list(
            "stratum__place", "location", "map_earlier", "map_later", "probability", "unit"
        )
    )
    stratum, location, earlier, later, probability, unit = (
        zip(*rows, strict=True) if rows else ((),) * 6
    )
    pair = sample.earlier_id is not None
    x = np.array([point.x for point in location], dtype=np.float64)
    y = np.array([point.y for point in location], dtype=np.float64)
    return samples.Sample(
        grid=grid,
        editions=2 if pair else 1,
        strata=[
            samples.Stratum(one.name, one.cells, area, one.points)
            for one, area in zip(strata, areas, strict=True)
        ],
        stratum=np.array(stratum, dtype=np.int64),
        row=((grid.y_origin - y) // grid.cell_height).astype(np.int64),
        column=((x - grid.x_origin) // grid.cell_width).astype(np.int64),
        earlier=np.array(earlier if pair else later, dtype=np.int64),
        later=np.array(later, dtype=np.int64),
        probability=np.array(probability, dtype=np.float64),
        unit=np.array(unit, dtype=np.int64),
    )


def _csv(
    _: ReferenceSample, drawn: samples.Sample, table: point_tables.PointTable, file: BinaryIO
) -> None:
    point_files.write_csv(table, file)


def _geojson(
    _: ReferenceSample, drawn: samples.Sample, table: point_tables.PointTable, file: BinaryIO
) -> None:
    point_files.write_geojson(table, file)


def _kml(
    sample: ReferenceSample, drawn: samples.Sample, table: point_tables.PointTable, file: BinaryIO
) -> None:
    point_files.write_kml(table, file, title=sample.name)


def _gpkg(
    _: ReferenceSample, drawn: samples.Sample, table: point_tables.PointTable, file: BinaryIO
) -> None:
    with TemporaryDirectory(prefix="clcplus-sample-") as folder:
        path = Path(folder, "sample.gpkg")
        geopackage.write(table, drawn, path)
        with path.open("rb") as written:
            shutil.copyfileobj(written, file)


FORMATS: dict[str, Write] = {"csv": _csv, "geojson": _geojson, "kml": _kml, "gpkg": _gpkg}
