"""Communes: an exact partition, codes and names like French ones, mergers that add up."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyogrio.raw
import pytest
import shapely

VINTAGES = (2020, 2024)


def communes(region: Path, vintage: int) -> tuple[npt.NDArray[np.object_], list[list[str]]]:
    meta, _, wkb, fields = pyogrio.raw.read(region / f"zones/communes_{vintage}.gpkg")
    assert meta["crs"] == "EPSG:3035"
    assert meta["geometry_type"] == "MultiPolygon"
    assert list(meta["fields"]) == ["code", "name", "departement"]
    return shapely.from_wkb(wkb), [list(values) for values in fields]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("vintage", VINTAGES)
def test_communes_are_an_exact_partition(region: Path, vintage: int) -> None:
    shapes, _ = communes(region, vintage)
    assert shapely.is_valid(shapes).all()
    # Neighbours share every vertex: no sliver of a gap or of an overlap.
    assert shapely.coverage_is_valid(shapes)
    union = shapely.union_all(shapes)
    assert shapely.area(shapes).sum() == pytest.approx(union.area, abs=1e-3)
    assert shapely.area(shapes).min() > 200_000
    holes = sum(len(part.interiors) for part in shapely.get_parts(union))
    assert holes == 0
    coordinates = shapely.get_coordinates(shapes)
    np.testing.assert_allclose(coordinates, np.round(coordinates, 2), atol=1e-9, rtol=0)


def test_borders_are_not_straight(region: Path) -> None:
    shapes, _ = communes(region, 2020)
    # Much longer than the border of the convex hull, or with many corners.
    assert np.median(shapely.get_num_coordinates(shapes)) > 25
    assert (shapely.area(shapes) / shapely.area(shapely.convex_hull(shapes)) < 0.97).mean() > 0.8


@pytest.mark.parametrize("vintage", VINTAGES)
def test_codes_are_text_with_a_leading_zero_and_a_letter(region: Path, vintage: int) -> None:
    _, (codes, _, parents) = communes(region, vintage)
    assert len(set(codes)) == len(codes)
    for code, parent in zip(codes, parents, strict=True):
        assert re.fullmatch(r"0[A-Z]\d{3}", code)
        # Not a number in any spreadsheet: neither 0E042 nor 0D042.
        assert code[1] not in "DE"
        assert code.startswith(parent)
    departements = rows(region / "zones/departements.csv")
    assert set(parents) == {d["code"] for d in departements}
    assert {d["region"] for d in departements} == {
        r["code"] for r in rows(region / "zones/regions.csv")
    }


def test_names_are_unique_and_french_looking(region: Path) -> None:
    _, (_, names, _) = communes(region, 2020)
    assert len(set(names)) == len(names)
    text = " ".join(names)
    assert re.search(r"[éèêâ]", text)
    assert "'" in text
    assert "-" in text
    prefixes = [name.split("-")[0] for name in names]
    assert max(prefixes.count(prefix) for prefix in prefixes) > 1


def test_mergers_are_consistent_between_vintages(region: Path) -> None:
    old_shapes, (old_codes, old_names, old_parents) = communes(region, 2020)
    new_shapes, (new_codes, new_names, new_parents) = communes(region, 2024)
    old, new = (
        dict(zip(c, s, strict=True)) for c, s in ((old_codes, old_shapes), (new_codes, new_shapes))
    )
    movements = rows(region / "zones/movements.csv")
    merged: dict[str, list[str]] = {}
    for movement in movements:
        merged.setdefault(movement["new_code"], []).append(movement["old_code"])
        assert old_names[old_codes.index(movement["old_code"])] == movement["old_name"]
        assert new_names[new_codes.index(movement["new_code"])] == movement["new_name"]
    assert sorted(len(parts) for parts in merged.values()) == [2, 2, 3]
    for code, parts in merged.items():
        union = shapely.union_all([old[part] for part in parts])
        assert new[code].area == pytest.approx(union.area, abs=1e-3)
        assert new[code].symmetric_difference(union).area < 1e-3
        assert shapely.get_num_geometries(shapely.union_all([union])) == 1  # neighbours
        parents = {old_parents[old_codes.index(part)] for part in parts}
        assert parents == {new_parents[new_codes.index(code)]}
    # One new code; at least one new name; every other commune as it was.
    assert sum(code not in old for code in merged) == 1
    assert sum(m["new_name"] not in old_names for m in movements) >= 2
    gone = {m["old_code"] for m in movements}
    assert set(new) == (set(old) - gone) | set(merged)
    for code in set(old) - gone:
        assert shapely.to_wkb(old[code]) == shapely.to_wkb(new[code])
