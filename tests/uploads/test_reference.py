"""Where an upload lies: declared, contradicted, asked for, moved, and by how many metres."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely

from analytics.uploads.confinement.process import Upload
from analytics.uploads.records import Choice, Question
from tests.uploads import files
from tests.uploads import shapefile_parts as parts
from tests.uploads.upload_results import features, found, reference, refused, upload

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


DEGREES = "POLYGON ((55.45 -21.15, 55.55 -21.15, 55.55 -21.05, 55.45 -21.15))"
"""On Réunion: outside Europe, and near the origin of any system in metres."""


@pytest.mark.parametrize(
    "text",
    [
        DEGREES,
        "POLYGON ((2.3 48.8, 2.4 48.8, 2.4 48.9, 2.3 48.8))",
        "POLYGON ((48.8 2.3, 48.8 2.4, 48.9 2.4, 48.8 2.3))",
        "POLYGON ((-61.5 16.2, -61.4 16.2, -61.4 16.3, -61.5 16.2))",
        "POLYGON ((0 0, 0.1 0, 0.1 0.1, 0 0))",
    ],
)
@pytest.mark.parametrize("coverage", [None, EUROPE])
def test_degrees_are_never_guessed_as_metres(tmp_path: Path, text: str, coverage: Any) -> None:
    asked = upload(tmp_path, text.encode(), coverage=coverage)
    assert reference(asked).status == "missing"
    guesses = reference(asked).guesses
    assert {guess.crs for guess in guesses} == {"EPSG:4326"}
    assert False in [guess.swapped for guess in guesses]


def test_degrees_off_europe_are_guessed_as_they_stand(tmp_path: Path) -> None:
    (first, *_) = reference(upload(tmp_path, DEGREES.encode())).guesses
    assert (first.crs, first.swapped, first.share_in_area_of_use) == ("EPSG:4326", False, 1.0)


@pytest.mark.parametrize("crs", ["EPSG:27700", "EPSG:2154", "EPSG:3035", "EPSG:3857", "EPSG:32740"])
def test_a_system_in_metres_chosen_for_degrees_is_questioned(tmp_path: Path, crs: str) -> None:
    asked = upload(tmp_path, DEGREES.encode(), choice=Choice(crs=crs), coverage=EUROPE)
    assert asked.reading.question == Question.REFERENCE_SYSTEM
    assert (reference(asked).status, reference(asked).crs) == ("doubted", crs)
    assert reference(asked).guesses[0].crs == "EPSG:4326"
    assert len(asked.zones) == 0


@pytest.mark.parametrize("swap", [False, True])
def test_degrees_chosen_for_metres_are_questioned(tmp_path: Path, swap: bool) -> None:
    content = moved(files.SQUARE, "EPSG:2154").wkt.encode()
    chosen = Choice(crs="EPSG:4326", swap_axes=swap)
    asked = upload(tmp_path, content, choice=chosen, coverage=EUROPE)
    assert asked.reading.question == Question.REFERENCE_SYSTEM
    assert reference(asked).status == "doubted"
    assert reference(asked).guesses[0].crs == "EPSG:2154"


@pytest.mark.parametrize("swap", [False, True])
def test_a_system_that_is_insisted_on_is_kept(tmp_path: Path, swap: bool) -> None:
    """A square near the origin of the National Grid, whose metres may be degrees."""
    content = shapely.box(10, 20, 110, 120).wkt.encode()
    chosen = Choice(crs="EPSG:27700", swap_axes=swap)
    assert reference(upload(tmp_path, content, choice=chosen)).status == "doubted"
    read = upload(tmp_path, content, choice=replace(chosen, insist=True))
    assert reference(read).status == "chosen"
    assert features(read)[0].area == pytest.approx(10_000, rel=0.02)
    assert len(doubts(read)) == 1


@pytest.mark.parametrize("crs", ["EPSG:2154", "EPSG:32740", "EPSG:4326"])
def test_one_that_is_insisted_on_and_wrong_gives_errors(tmp_path: Path, crs: str) -> None:
    content = (
        moved(files.SQUARE, "EPSG:2154").wkt.encode() if crs == "EPSG:4326" else DEGREES.encode()
    )
    read = upload(tmp_path, content, choice=Choice(crs=crs, insist=True), coverage=EUROPE)
    assert not any(feature.usable for feature in features(read))


def doubts(read: Upload) -> list[str]:
    assert read.reading.report is not None
    return [f.found for f in read.reading.report.findings if f.code == "reference-doubted"]


def test_the_wrong_zone_of_utm_is_questioned_by_the_place_of_the_map(tmp_path: Path) -> None:
    content = moved(files.SQUARE, "EPSG:25831").wkt.encode()
    around = files.SQUARE.buffer(10_000)
    wrong = upload(tmp_path, content, choice=Choice(crs="EPSG:25832"), coverage=around)
    assert "EPSG:25831" in doubts(wrong)[0]
    assert "outside-coverage" in found(wrong, 0)
    right = upload(tmp_path, content, choice=Choice(crs="EPSG:25831"), coverage=around)
    assert doubts(right) == []


def test_axes_swapped_in_a_chosen_system_are_questioned(tmp_path: Path) -> None:
    content = b"POLYGON ((50 10, 50.1 10, 50.1 10.1, 50 10))"
    around = upload(
        tmp_path, content, choice=Choice(crs="EPSG:4326", swap_axes=True), coverage=EUROPE
    )
    assert doubts(around) == []
    straight = upload(tmp_path, content, choice=Choice(crs="EPSG:4326"), coverage=EUROPE)
    assert "EPSG:4326 with the axes swapped" in doubts(straight)[0]


def test_a_chosen_system_far_from_where_it_is_used(tmp_path: Path) -> None:
    """Lambert 93 coordinates read as British ones lie in the Sahara."""
    content = moved(files.SQUARE, "EPSG:2154").wkt.encode()
    assert doubts(upload(tmp_path, content, choice=Choice(crs="EPSG:2154"))) == []
    assert "EPSG:2154" in doubts(upload(tmp_path, content, choice=Choice(crs="EPSG:27700")))[0]


SPHERE = (
    'GEOGCS["GCS_Sphere",DATUM["{datum}",SPHEROID["{datum}",6378137.0,0.0]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)
ELLIPSOID = parts.WGS84
MERCATOR = (
    'PROJCS["{name}",{base},PROJECTION["{method}"],PARAMETER["False_Easting",0.0],'
    'PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",0.0],'
    'PARAMETER["Standard_Parallel_1",0.0],UNIT["Meter",1.0]]'
)
MAJOR = SPHERE.format(datum="D_WGS_1984_Major_Auxiliary_Sphere")


def in_web_mercator(prj: str) -> bytes:
    """A Shapefile of the square in EPSG:3857, with a .prj."""
    box = shapely.bounds(moved(files.SQUARE, "EPSG:3857")).tolist()
    return parts.packed(table=parts.dbf([(b"1", b"One")]), boxes=[box], prj=prj)


@pytest.mark.parametrize(
    "prj",
    [
        MERCATOR.format(name="WGS_1984_Web_Mercator", base=MAJOR, method="Mercator"),
        MERCATOR.format(name="WGS_1984_Web_Mercator", base=ELLIPSOID, method="Mercator"),
        MERCATOR.format(name="WGS_84_Pseudo_Mercator", base=ELLIPSOID, method="Mercator"),
        MERCATOR.format(
            name="Google_Maps_Global_Mercator",
            base=SPHERE.format(datum="D_unknown"),
            method="Mercator_2SP",
        ),
        MERCATOR.format(
            name="Sphere_Mercator", base=SPHERE.format(datum="D_Sphere"), method="Mercator"
        ),
    ],
)
def test_mercator_of_a_sphere_is_asked_about(tmp_path: Path, prj: str) -> None:
    asked = upload(tmp_path, in_web_mercator(prj))
    assert asked.reading.question == Question.REFERENCE_SYSTEM
    assert reference(asked).status == "sphere"
    assert [g.crs for g in reference(asked).guesses[:2]] == ["EPSG:3857", "EPSG:3395"]
    read = upload(tmp_path, in_web_mercator(prj), choice=Choice(crs="EPSG:3857"))
    # The box around a square that is turned a little.
    assert shapely.distance(shapely.centroid(read.zones[0]), files.SQUARE.centroid) < 50


@pytest.mark.parametrize(
    "prj",
    [
        MERCATOR.format(
            name="WGS_1984_Web_Mercator_Auxiliary_Sphere",
            base=ELLIPSOID,
            method="Mercator_Auxiliary_Sphere",
        ).replace('UNIT["Meter', 'PARAMETER["Auxiliary_Sphere_Type",0.0],UNIT["Meter'),
        pyproj.CRS("EPSG:3857").to_wkt("WKT1_GDAL"),
    ],
)
def test_mercator_of_web_maps_that_is_told_well_is_not_asked_about(
    tmp_path: Path, prj: str
) -> None:
    read = upload(tmp_path, in_web_mercator(prj))
    assert reference(read).status == "declared"
    assert shapely.distance(shapely.centroid(read.zones[0]), files.SQUARE.centroid) < 50


def test_what_is_meant_is_offered_wherever_it_lies(tmp_path: Path) -> None:
    prj = MERCATOR.format(name="WGS_1984_Web_Mercator", base=MAJOR, method="Mercator")
    world = parts.packed(boxes=[(-2e7, -8e6, 2e7, 1.8e7)], prj=prj)
    likely = [guess.crs for guess in reference(upload(tmp_path, world)).guesses]
    assert likely == ["EPSG:3857", "EPSG:3395"]


def test_degrees_on_the_sphere_of_web_maps_are_asked_about(tmp_path: Path) -> None:
    asked = upload(tmp_path, parts.packed(table=None, prj=MAJOR))
    assert reference(asked).status == "sphere"
    assert reference(asked).guesses[0].crs == "EPSG:4326"


def test_a_layer_without_areas_is_not_asked_about(tmp_path: Path) -> None:
    read = upload(tmp_path, b"POINT (2 48)\nLINESTRING (700000 6600000, 700001 6600001)")
    assert read.reading.question is None
    assert read.reading.reference is None
    assert [found(read, n) for n in range(2)] == [{"not-an-area"}] * 2
    assert [one.extent for one in features(read)] == [None, None]
    mixed = upload(tmp_path, b"POINT (2 48)\n" + DEGREES.encode())
    assert mixed.reading.question == Question.REFERENCE_SYSTEM
