"""Layers of real GeoPackages: read as GDAL reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from pyogrio.errors import DataSourceError, GeometryError

from analytics.uploads.errors import UploadError
from analytics.uploads.formats import geopackage
from analytics.uploads.formats.wkb import from_wkb
from analytics.uploads.limits import Limits

DATA = Path(__file__).parents[3] / "shared" / "data"
FILES = sorted(DATA.rglob("*.gpkg")) if DATA.is_dir() else []
LIMITS = Limits(features=1_000_000)

pytestmark = pytest.mark.skipif(not FILES, reason="the data that is shared is not here")


@pytest.mark.filterwarnings("ignore:invalid value encountered in from_wkb")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_real_file_is_read_as_gdal_reads_it(path: Path) -> None:
    try:
        theirs = {str(name): kind for name, kind in pyogrio.list_layers(path) if kind is not None}
    except (DataSourceError, GeometryError):
        pytest.skip("GDAL cannot open this one")
    ours = {layer.listing.name: layer for layer in geopackage.layers(path, LIMITS)}
    assert list(ours) == list(theirs)
    for name, layer in ours.items():
        read = layer.read()
        meta, _, wkb, columns = pyogrio.raw.read(path, layer=name, datetime_as_string=True)
        expected, broken = from_wkb(wkb)
        assert_same_shapes(read.geometries, expected)
        # GDAL gives nothing in place of some that cannot be decoded; here they are named.
        assert read.broken.keys() >= broken.keys()
        # Of a layer with more fields than the limit, some are left out, and named.
        assert len(read.fields) == min(len(meta["fields"]), LIMITS.fields)
        assert {*read.fields, *read.left_out} == {*meta["fields"]}
        columns_by_name = dict(zip(meta["fields"], columns, strict=True))
        assert list(read.fields) == [name for name in columns_by_name if name in read.fields]
        for name_of_field, ours_of_field in read.fields.items():
            assert_alike(ours_of_field, columns_by_name[name_of_field])


def assert_same_shapes(ours: Any, theirs: Any) -> None:
    """The same geometries; arcs, of which GDAL makes other short sides, to within a thousandth."""
    assert shapely.is_missing(ours).tolist() == shapely.is_missing(theirs).tolist()
    for one, other in zip(ours, theirs, strict=True):
        if one is None or shapely.to_wkb(one) == shapely.to_wkb(other):  # NaN equals itself here
            continue
        assert shapely.hausdorff_distance(one, other) < 1e-3 * other.length
        assert one.area == pytest.approx(other.area, rel=1e-3)


def assert_alike(ours: list[str], theirs: Any) -> None:
    """The same texts, and the same numbers as far as a column of numbers can tell."""
    if theirs.dtype.kind == "O":
        present = [index for index, value in enumerate(theirs) if isinstance(value, str)]
        # GDAL leaves out milliseconds of a date where there are none.
        here = [ours[i].replace(".000Z", "Z") for i in present]
        assert here == [theirs[i][:400].strip() for i in present]
    elif theirs.dtype.kind == "f":
        numbers = np.array([float(value or "nan") for value in ours])
        np.testing.assert_allclose(numbers, theirs.astype(np.float64), rtol=1e-6)
    elif theirs.dtype.kind in "iu":
        assert ours == [str(value) for value in theirs.tolist()]


def test_a_whole_number_beyond_a_double_beside_a_missing_one(tmp_path: Path) -> None:
    import sqlite3

    from tests.uploads import files

    path = files.with_gdal(tmp_path / "a.gpkg")
    with sqlite3.connect(path) as database:
        database.execute("ALTER TABLE zones ADD COLUMN big INTEGER")
        for trigger in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            database.execute(f'DROP TRIGGER "{trigger[0]}"')
        database.execute("INSERT INTO zones (geom, code) SELECT geom, 'B' FROM zones")
        database.execute("UPDATE zones SET big = 9007199254740993 WHERE code = 'A1'")
    database.close()
    (layer,) = geopackage.layers(path, Limits())
    assert layer.read().fields["big"] == ["9007199254740993", ""]


def test_a_layer_that_cannot_be_read_does_not_hide_others(tmp_path: Path) -> None:
    import sqlite3

    from tests.uploads import files

    path = files.with_gdal(files.with_gdal(tmp_path / "a.gpkg", layer="one"), layer="two")
    with sqlite3.connect(path) as database:
        database.execute(
            "UPDATE gpkg_geometry_columns SET column_name = 'no' WHERE table_name='one'"
        )
    database.close()
    one, two = geopackage.layers(path, Limits())
    assert (one.listing.geometry_type, two.listing.geometry_type) == ("unreadable", "Polygon")
    with pytest.raises(UploadError, match="listed and not there"):
        one.read()
    assert len(two.read().geometries) == 1
