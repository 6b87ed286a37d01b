"""Areas in addresses, and areas out of pasted text. No database."""

from __future__ import annotations

import json

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from clcplus.views.area import address, text

corner = st.tuples(st.integers(-180_000_000, 180_000_000), st.integers(-90_000_000, 90_000_000))
ring = st.lists(corner, min_size=3, max_size=12, unique=True)
polygons = st.lists(st.lists(ring, min_size=1, max_size=3), min_size=1, max_size=3)


def multipolygon(rings: list[list[list[tuple[int, int]]]]) -> shapely.Geometry:
    degrees = [[[(x / 1e6, y / 1e6) for x, y in one] for one in polygon] for polygon in rings]
    return shapely.MultiPolygon([shapely.Polygon(first, holes) for first, *holes in degrees])


@given(polygons)
def test_what_is_written_is_read(rings: list[list[list[tuple[int, int]]]]) -> None:
    written = address.written(multipolygon(rings))
    found = address.read(written)["coordinates"]
    expected = [
        [[[x / 1e6, y / 1e6] for x, y in (*one, one[0])] for one in polygon] for polygon in rings
    ]
    assert found == expected
    assert address.written(shapely.geometry.shape(address.read(written))) == written


def test_members_of_a_collection_are_written_one_after_the_other() -> None:
    one, two = shapely.box(4, 45, 5, 46), shapely.box(6, 45, 7, 46)
    collection = shapely.GeometryCollection([shapely.MultiPolygon([one]), two])
    found = shapely.geometry.shape(address.read(address.written(collection)))
    assert found.equals(shapely.MultiPolygon([one, two]))


def test_by_hand() -> None:
    # 1 ring of 3 corners: (0, 0), (+1, 0), (0, -1) of a step: 1 3 | 0 0 | 2 0 | 1 1.
    square = shapely.MultiPolygon([shapely.Polygon([(0, 0), (1e-6, 0), (0, -1e-6)])])
    assert address.written(square) == "AQMAAAIAAQE"
    assert address.read("AQMAAAIAAQE")["coordinates"] == [
        [[[0.0, 0.0], [1e-6, 0.0], [0.0, -1e-6], [0.0, 0.0]]]
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "=",
        "AQMAAAIAAQ",  # cut
        "AQMAAAIAAQF",  # other bits where padding was
        "AQMAAAIAAQEA",  # a polygon without a ring
        "AQIAAAIA",  # two corners
        "AAAA",
        "_" * 3_000,
        "A" * 3_001,
        "gICAgICAgICAAQ",  # a number of ten bytes
        "AQ MAAAIAAQE",
        "é",
        "AQMAAAIAAQE\n",
    ],
)
def test_what_was_cut_or_changed_is_no_area(wrong: str) -> None:
    with pytest.raises(address.UnreadableAddress):
        address.read(wrong)


@given(st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"))
def test_any_other_text_is_refused_or_an_area(any_text: str) -> None:
    try:
        found = address.read(any_text)
    except address.UnreadableAddress:
        return
    assert address.written(shapely.geometry.shape(found)) == any_text


def test_too_many_corners_for_an_address() -> None:
    circle = shapely.MultiPolygon([shapely.Point(5, 45).buffer(1, quad_segs=500)])
    with pytest.raises(address.AreaTooLong) as caught:
        address.written(circle)
    assert caught.value.corners == 2_000
    assert caught.value.characters > address.LONGEST
    fits = shapely.MultiPolygon([shapely.Point(5, 45).buffer(0.02, quad_segs=75)])
    assert len(address.written(fits)) <= address.LONGEST


SQUARE = [[[4.8, 45.7], [4.9, 45.7], [4.9, 45.8], [4.8, 45.7]]]


@pytest.mark.parametrize(
    "pasted",
    [
        "POLYGON ((4.8 45.7, 4.9 45.7, 4.9 45.8, 4.8 45.7))",
        "srid=4326; polygon((4.8 45.7,4.90 45.70,4.9 45.8,4.8 45.7))",
        "POLYGON Z ((4.8 45.7 12, 4.9 45.7 12, 4.9 45.8 12, 4.8 45.7 12))",
        "\ufeff4.8, 45.7\n4.9, 45.7\n\n4.9, 45.8\n",
        "4.8 45.7\r\n4.9 45.7\r\n4.9 45.8\r\n4.8 45.7",
        "4.8;45.7\n4.9;45.7\n4.9;45.8",
        '{"type": "Polygon", "coordinates": [[[4.8, 45.7], [4.9, 45.7], [4.9, 45.8], '
        "[4.8, 45.7]]]}",
    ],
)
def test_the_same_area_in_three_forms(pasted: str) -> None:
    assert text.document_of(pasted) == {"type": "Polygon", "coordinates": SQUARE}


def test_multipolygons_and_several_features() -> None:
    one = "((1 1, 2 1, 2 2, 1 1))"
    two = "((5 5, 6 5, 6 6, 5 5), (5.5 5.1, 5.6 5.1, 5.6 5.2, 5.5 5.1))"
    found = text.document_of(f"MULTIPOLYGON ({one}, {two})")
    assert found["type"] == "MultiPolygon"
    assert [len(polygon) for polygon in found["coordinates"]] == [1, 2]
    other = [[[5, 5], [6, 5], [6, 6], [5, 5]]]
    features = [
        {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": rings}}
        for rings in (SQUARE, other)
    ]
    both = json.dumps({"type": "FeatureCollection", "features": features})
    found = text.document_of(both)
    assert found["type"] == "MultiPolygon"
    assert found["coordinates"][0] == SQUARE


@pytest.mark.parametrize(
    ("pasted", "reason"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("x" * 200_001, "long"),
        ('{"type": "Polygon"', "json"),
        ('{"a":' * 5_000 + "1" + "}" * 5_000, "json"),
        ("SRID=2154;POLYGON ((1 1, 2 1, 2 2, 1 1))", "srid"),
        ("POINT (4.8 45.7)", "wkt"),
        ("POLYGON EMPTY", "wkt"),
        ("POLYGON ((1 1, 2 1, 2 2, 1 1)", "wkt"),
        ("POLYGON ((1 1, 2 1; 2 2, 1 1))", "wkt"),
        ("POLYGON (" + "(" * 50_000 + ")" * 50_001, "wkt"),
        ("4.8, 45.7\n4.9 north", "corners"),
        ("Lyon", "other"),
        ("<kml>", "other"),
    ],
)
def test_what_is_no_area_says_why(pasted: str, reason: str) -> None:
    with pytest.raises(text.UnreadableText) as caught:
        text.document_of(pasted)
    assert caught.value.reason == reason


def test_outlines_across_each_other_are_joined() -> None:
    one = [[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0], [0.0, 0.0]]
    two = [[1.0, 1.0], [3.0, 1.0], [3.0, 3.0], [1.0, 3.0], [1.0, 1.0]]
    found = text.joined({"type": "MultiPolygon", "coordinates": [[one], [two]]})
    assert shapely.geometry.shape(found).area == pytest.approx(7)
    assert isinstance(found["coordinates"], list)
    apart = {"type": "MultiPolygon", "coordinates": [[one], [[[p[0] + 9, p[1]] for p in two]]]}
    assert text.joined(apart) is apart
    bow_tie = {"type": "MultiPolygon", "coordinates": [[[one[0], one[2], one[1], one[3], one[0]]]]}
    assert text.joined(bow_tie) is bow_tie
