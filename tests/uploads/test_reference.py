"""Where an upload lies: declared, contradicted, asked for, moved, and by how many metres."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely

from analytics.uploads.process import Upload
from analytics.uploads.records import Choice, Question
from tests.uploads import files
from tests.uploads.read import features, found, reference, refused, upload

EUROPE = shapely.box(2_500_000, 1_300_000, 6_600_000, 5_400_000)


def moved(geometry: Any, crs: str) -> Any:
    """A geometry of EPSG:3035 in another reference system, east before north."""
    there = pyproj.Transformer.from_crs("EPSG:3035", crs, always_xy=True)
    return shapely.transform(geometry, lambda p: np.column_stack(there.transform(*p.T)))


def wkt(crs: str, *, declared: str | None = None) -> bytes:
    """The square in a reference system, as well-known text that says so, or something else."""
    code = (declared or crs).removeprefix("EPSG:")
    return f"SRID={code};{moved(files.SQUARE, crs).wkt}".encode()


def far(read: Upload) -> float:
    """The farthest that a corner lies from where it should, in metres."""
    return float(shapely.hausdorff_distance(read.zones[0], files.SQUARE))


@pytest.mark.parametrize("crs", ["EPSG:2154", "EPSG:25832", "EPSG:4258", "EPSG:4326"])
def test_systems_on_etrs89_come_back_to_their_place(tmp_path: Path, crs: str) -> None:
    read = upload(tmp_path, wkt(crs), choice=Choice(crs=crs))
    assert far(read) < 0.01
    known = reference(read)
    assert (known.status, known.crs) == ("chosen", crs)
    assert known.name == pyproj.CRS(crs).name
    assert known.shift_m == 0.0


def test_the_own_system_is_not_moved(tmp_path: Path) -> None:
    read = upload(tmp_path, wkt("EPSG:3035"))
    assert far(read) == 0.0
    known = reference(read)
    assert (known.operation, known.shift_m) == ("none: it is EPSG:3035", 0.0)


@pytest.mark.parametrize(
    ("crs", "centre"),
    [("EPSG:27700", (-0.1, 51.5)), ("EPSG:21781", (7.4, 46.9)), ("EPSG:31370", (4.4, 50.8))],
)
def test_the_shift_of_the_datum_is_told_in_metres(
    tmp_path: Path, crs: str, centre: tuple[float, float]
) -> None:
    there = pyproj.Transformer.from_crs("EPSG:4258", crs, always_xy=True)
    own = shapely.Point(*there.transform(*centre)).buffer(500, cap_style="square")
    read = upload(tmp_path, f"SRID={crs[5:]};{own.wkt}".encode())
    # Independently: degrees of the old datum on the new ellipsoid, against where they belong.
    old = pyproj.CRS(crs).geodetic_crs
    assert old is not None
    lon, lat = pyproj.Transformer.from_crs(crs, old, always_xy=True).transform(
        *shapely.get_coordinates(own).T
    )
    to = pyproj.Transformer.from_crs(crs, "EPSG:4258", always_xy=True)
    right = to.transform(*shapely.get_coordinates(own).T)
    distances = pyproj.Geod(ellps="GRS80").inv(lon, lat, *right)[2]
    shift = reference(read).shift_m
    assert shift is not None
    assert 50 < shift < 500
    # EPSG:3035 keeps areas, and lengths within two parts in a hundred.
    assert shift == pytest.approx(max(distances), rel=0.02)
    assert reference(read).operation


@pytest.mark.parametrize(
    ("declared", "real"), [("EPSG:4326", "EPSG:2154"), ("EPSG:2154", "EPSG:4326")]
)
def test_coordinates_contradict_what_is_declared(tmp_path: Path, declared: str, real: str) -> None:
    content = wkt(real, declared=declared)
    asked = upload(tmp_path, content)
    assert asked.reading.question == Question.REFERENCE_SYSTEM
    assert reference(asked).status == "contradicted"
    assert real in [guess.crs for guess in reference(asked).guesses]
    assert far(upload(tmp_path, content, choice=Choice(crs=real))) < 0.01


def test_a_system_that_nobody_knows_is_asked_for(tmp_path: Path) -> None:
    asked = upload(tmp_path, f"SRID=99999;{files.SQUARE.wkt}".encode())
    assert asked.reading.question == Question.REFERENCE_SYSTEM
    assert (reference(asked).status, reference(asked).name) == ("unreadable", "EPSG:99999")
    content = files.SQUARE.wkt.encode()
    for nonsense in ("EPSG:99999", "Lambert", "EPSG:5773", ""):
        code = refused(tmp_path, content, choice=Choice(crs=nonsense))
        assert code == "unknown-reference-system"


def test_guesses_show_where_the_layer_would_lie(tmp_path: Path) -> None:
    france = moved(files.SQUARE, "EPSG:2154")
    asked = upload(tmp_path, france.wkt.encode(), coverage=EUROPE)
    guesses = reference(asked).guesses
    assert guesses[0].crs == "EPSG:2154"
    assert guesses[0].share_in_coverage == 1.0
    outline = shapely.from_geojson(json.dumps(guesses[0].outline))
    there = pyproj.Transformer.from_crs("EPSG:3035", "EPSG:4326", always_xy=True)
    assert outline.distance(shapely.Point(*there.transform(4_000_500, 2_500_500))) == 0.0
    assert len(guesses) <= 6


def test_swapped_axes_of_a_projected_system(tmp_path: Path) -> None:
    """North before east: where the map is known, it is seen; said, it is put right."""
    turned = shapely.transform(files.SQUARE, lambda p: p[:, ::-1])
    content = f"SRID=3035;{turned.wkt}".encode()
    around = files.SQUARE.buffer(10_000)
    asked = upload(tmp_path, content, coverage=around)
    assert reference(asked).status == "axes"
    said = Choice(crs="EPSG:3035", swap_axes=True)
    assert far(upload(tmp_path, content, coverage=around, choice=said)) == 0.0


def test_coordinates_that_the_system_does_not_have(tmp_path: Path) -> None:
    content = b"SRID=3035;POLYGON ((1e300 0, 1e300 1e300, 0 1e300, 1e300 0))"
    assert found(upload(tmp_path, content), 0) == {"coordinates-impossible"}
    pole = b"SRID=4326;POLYGON ((0 89, 120 89, 240 89, 0 89))"
    assert features(upload(tmp_path, pole, choice=Choice(crs="EPSG:4326")))[0].cells > 0


def test_a_datum_that_is_misspelt_is_moved_without_a_shift(tmp_path: Path) -> None:
    """PROJ knows a way and no operation of its own for it."""
    content = files.shapefile(tmp_path / "made")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members = {n: part.replace(b"D_ETRS_1989", b"D_ETRS_1y89") for n, part in members.items()}
    read = upload(tmp_path, files.zipped(members))
    assert far(read) < 0.01
    assert "Ballpark" in reference(read).operation
    assert (reference(read).accuracy, reference(read).shift_m) == (None, 0.0)
