"""Reference systems: which are one, and what tells two apart."""

from __future__ import annotations

import pyproj
import pytest
from rasterio.crs import CRS

from analytics.geometry.reference_systems import described, differences, farthest, same_system

LAEA = pyproj.CRS.from_epsg(3035)
BY_HAND = (
    'PROJCS["ETRS_1989_LAEA",GEOGCS["GCS_ETRS_1989",DATUM["D_ETRS_1989",'
    'SPHEROID["GRS_1980",6378137.0,298.257222101004]],PRIMEM["Greenwich",0.0],'
    'UNIT["Degree",0.0174532925199433]],PROJECTION["Lambert_Azimuthal_Equal_Area"],'
    'PARAMETER["False_Easting",{easting}],PARAMETER["False_Northing",3210000.0],'
    'PARAMETER["Central_Meridian",10.0],PARAMETER["Latitude_Of_Origin",52.0],UNIT["Meter",1.0]]'
)
"""EPSG:3035 as a program of ESRI writes it, with digits of another."""


@pytest.mark.parametrize("code", [2056, 2154, 2180, 3034, 3035, 3067, 5514, 25832, 27700, 31370])
@pytest.mark.parametrize("spelling", ["WKT1_ESRI", "WKT1_GDAL", "WKT2_2019"])
def test_one_system_in_any_spelling(code: int, spelling: str) -> None:
    system = pyproj.CRS.from_epsg(code)
    assert same_system(system, pyproj.CRS.from_wkt(system.to_wkt(spelling)))
    assert same_system(pyproj.CRS.from_wkt(CRS.from_epsg(code).to_wkt()), system)


def test_heights_and_cut_digits_do_not_matter() -> None:
    assert same_system(LAEA, pyproj.CRS.from_wkt(BY_HAND.format(easting=4321000.0)))
    assert same_system(pyproj.CRS.from_user_input("EPSG:3035+5621"), LAEA)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (BY_HAND.format(easting=4321001.0), "False easting 4321000 against 4321001"),
        ("EPSG:25832", "method Lambert Azimuthal Equal Area against Transverse Mercator"),
        (
            "+proj=laea +lat_0=52 +lon_0=10 +x_0=4321000 +y_0=3210000 +ellps=GRS80 +units=m",
            "datum European Terrestrial Reference System 1989 against Unknown based on",
        ),
        (
            "+proj=laea +lat_0=52 +lon_0=10 +x_0=4321000 +y_0=3210000 +datum=WGS84 +units=km",
            "metres in a unit 1 against 1000",
        ),
        ("EPSG:4326", "Projected CRS against Geographic 2D CRS"),
    ],
)
def test_what_differs_is_said(other: str, words: str) -> None:
    system = pyproj.CRS.from_user_input(other)
    assert not same_system(LAEA, system)
    assert not same_system(system, LAEA)
    assert words in differences(LAEA, system)


def test_two_shifts_of_an_unnamed_datum_are_two_systems() -> None:
    one, other = (
        pyproj.CRS.from_proj4(f"+proj=utm +zone=32 +ellps=bessel +towgs84={x},0,0 +units=m")
        for x in (100, 200)
    )
    assert not same_system(one, other)
    assert "towgs84=100,0,0 against" in differences(one, other)


def test_names_and_limits() -> None:
    assert described(LAEA) == "ETRS89-extended / LAEA Europe (EPSG:3035)"
    assert farthest(LAEA) == 1e8
    assert farthest(pyproj.CRS.from_epsg(4326)) == pytest.approx(720)
    assert farthest(pyproj.CRS.from_epsg(2263)) == pytest.approx(1e8 / 0.3048, rel=1e-5)
