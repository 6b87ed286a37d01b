"""``python -m analytics accuracy``: published samples, formats, one clear line for bad input."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analytics.__main__ import main
from tests.analytics.estimation import tables
from tests.rasters import write_raster


def table(path: Path, header: Sequence[object], rows: Sequence[Sequence[object]]) -> Path:
    lines = [",".join(map(str, row)) for row in (header, *rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def matrix(tmp_path: Path) -> list[str]:
    """Arguments for the sample of Olofsson et al. 2014."""
    names = tables.OLOFSSON_2014_CLASSES
    rows = [[name, *row] for name, row in zip(names, tables.OLOFSSON_2014, strict=True)]
    areas = list(zip(names, tables.OLOFSSON_2014_HECTARES, strict=True))
    return [
        "matrix",
        str(table(tmp_path / "matrix.csv", ["map", *names], rows)),
        "--areas",
        str(table(tmp_path / "areas.csv", ["class", "area"], areas)),
    ]


@pytest.fixture
def points(tmp_path: Path) -> list[str]:
    """Arguments for the sample of Stehman 2014."""
    header = ["stratum", "map", "reference"]
    strata = list(tables.STEHMAN_2014_UNITS.items())
    return [
        "points",
        str(table(tmp_path / "points.csv", header, tables.STEHMAN_2014)),
        "--strata",
        str(table(tmp_path / "strata.csv", ["stratum", "units"], strata)),
    ]


def estimates(arguments: Sequence[str], capfd: Any, *, notes: str = "") -> dict[str, Any]:
    assert main(["accuracy", *arguments, "--format", "json"]) == 0
    out, err = capfd.readouterr()
    assert err == notes
    found: dict[str, Any] = json.loads(out)
    return found


def test_a_matrix_as_json(matrix: list[str], capfd: Any) -> None:
    found = estimates(matrix, capfd)
    assert set(found) == {"areas", "accuracy", "overall", "method"}
    assert found["method"] == "stratified_map_classes"
    first, accuracy = found["areas"][0], found["accuracy"][0]
    assert set(first) == {"class", "area", "se", "ci_low", "ci_high"}
    assert set(accuracy) == {"class", "users", "users_se", "producers", "producers_se"}
    assert first["class"] == accuracy["class"] == "deforestation"
    assert f"{first['area']:.3f} {1.959964 * first['se']:.3f}" == "21157.762 6157.521"
    assert first["ci_low"] == first["area"] - 1.959964 * first["se"]
    assert f"{accuracy['users']:.2f} {accuracy['producers']:.5f}" == "0.88 0.74866"
    overall = found["overall"]
    assert f"{overall['value']:.7f} {1.959964 * overall['se']:.7f}" == "0.9465119 0.0184833"


def test_csv_has_the_same_numbers(matrix: list[str], capfd: Any) -> None:
    found = estimates(matrix, capfd)
    assert main(["accuracy", *matrix, "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capfd.readouterr().out)))
    assert len(rows) == 3 * 4 + 1
    by_name = {(row["measure"], row["class"]): row for row in rows}
    for area in found["areas"]:
        row = by_name["area", area["class"]]
        for column, key in (("value", "area"), ("se", "se"), ("ci_low", "ci_low")):
            assert float(row[column]) == area[key]
    assert float(by_name["overall", ""]["value"]) == found["overall"]["value"]


def test_text_is_a_table(points: list[str], capfd: Any) -> None:
    assert main(["accuracy", *points]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert lines[0].split()[:3] == ["class", "area", "se"]
    assert lines[1].split()[:3] == ["A", "35000", "8224.78"]
    assert lines[-2] == "overall accuracy  63.00 % (se 8.46)"
    assert lines[-1] == "method  stratified_labels"


def test_a_file_is_written_whole(points: list[str], tmp_path: Path, capfd: Any) -> None:
    target = tmp_path / "out.json"
    assert main(["accuracy", *points, "--format", "json", "-o", str(target)]) == 0
    assert capfd.readouterr().out == ""
    assert json.loads(target.read_text()) == estimates(points, capfd)


def test_rows_and_areas_may_have_another_order(matrix: list[str], capfd: Any) -> None:
    found = estimates(matrix, capfd)
    for path in (Path(matrix[1]), Path(matrix[3])):
        header, *rows = path.read_text().splitlines()
        path.write_text("\n".join([header, *reversed(rows), ""]))
    assert estimates(matrix, capfd) == found


def test_points_in_strata_of_any_kind(points: list[str], capfd: Any) -> None:
    found = estimates(points, capfd)
    areas = {of["class"]: of for of in found["areas"]}
    accuracy = {of["class"]: of for of in found["accuracy"]}
    assert areas["A"]["area"] == pytest.approx(35_000)
    assert f"{areas['C']['se']:.0f}" == "6428"
    assert f"{found['overall']['value']:.2f} {found['overall']['se']:.3f}" == "0.63 0.085"
    b = accuracy["B"]
    assert f"{b['users']:.3f} {b['users_se']:.3f}" == "0.574 0.125"
    assert f"{b['producers']:.3f} {b['producers_se']:.3f}" == "0.794 0.117"


def test_strata_of_area_have_no_finite_population_correction(
    points: list[str], tmp_path: Path, capfd: Any
) -> None:
    by_units = estimates(points, capfd)
    table(tmp_path / "strata.csv", ["stratum", "area"], [[n, 10 * (5 - n)] for n in range(1, 5)])
    stratified = estimates(points, capfd)
    assert stratified["method"] == "points_in_area"
    assert stratified == estimates([*points, "--estimator", "points"], capfd)
    assert stratified["areas"][0]["area"] == pytest.approx(35)
    assert stratified["areas"][0]["se"] > by_units["areas"][0]["se"] / 1000


def test_units_of_one_area_are_counted_from_the_area_of_the_stratum(
    points: list[str], tmp_path: Path, capfd: Any
) -> None:
    by_units = estimates(points, capfd)
    rows = [[*row, 0.01] for row in tables.STEHMAN_2014]
    table(tmp_path / "points.csv", ["stratum", "map", "reference", "unit_area"], rows)
    strata = [[name, units * 0.01] for name, units in tables.STEHMAN_2014_UNITS.items()]
    table(tmp_path / "strata.csv", ["stratum", "area"], strata)
    found = estimates(points, capfd)
    assert found["accuracy"] == [pytest.approx(of) for of in by_units["accuracy"]]
    assert found["areas"][0]["se"] == pytest.approx(by_units["areas"][0]["se"] / 100)
    note = "the column unit_area is not used: points have no area (--estimator points)\n"
    anywhere = estimates([*points, "--estimator", "points"], capfd, notes=note)
    assert anywhere["areas"][0]["area"] == pytest.approx(found["areas"][0]["area"])
    assert anywhere["areas"][0]["se"] > found["areas"][0]["se"]


def proportions(tmp_path: Path, rows: Sequence[Sequence[object]]) -> list[str]:
    points = table(tmp_path / "p.csv", ["stratum", "map", "reference", "unit_area"], rows)
    strata = table(tmp_path / "s.csv", ["stratum", "units"], [["a", 100]])
    return ["points", str(points), "--strata", str(strata), "--proportions"]


def test_proportions(tmp_path: Path, capfd: Any) -> None:
    """y = a r: 1 and 3; min(m, r)·a: 1 and 1.5; m·a: 2 and 1.5."""
    found = estimates(proportions(tmp_path, [["a", 1, 0.5, 2], ["a", 0.5, 1, 3]]), capfd)
    assert found["method"] == "stratified_proportions"
    (area,), (accuracy,) = found["areas"], found["accuracy"]
    assert area["class"] == accuracy["class"] == "target"
    assert area["area"] == 200
    assert area["se"] == pytest.approx((100**2 * 0.98 * 2 / 2) ** 0.5)
    assert accuracy["users"] == pytest.approx(2.5 / 3.5)
    assert accuracy["producers"] == pytest.approx(2.5 / 4)
    assert found["overall"]["value"] == pytest.approx(2.5 / 5)


def test_net_change(tmp_path: Path, capfd: Any) -> None:
    found = estimates(proportions(tmp_path, [["a", 0, -1, 1], ["a", 0, 0.5, 1]]), capfd)
    assert found["areas"][0]["area"] == -25
    assert found["areas"][0]["ci_low"] < -25
    assert found["accuracy"][0]["users"] is None
    assert found["overall"] == {"value": None, "se": None}


@pytest.mark.parametrize("header", [["stratum", "x", "y"], ["x", "y"]])
def test_simple_regression(tmp_path: Path, capfd: Any, header: list[str]) -> None:
    rows = [["a", 1, 2], ["a", 2, 5], ["a", 3, 5], ["a", 4, 8]]
    points = table(tmp_path / "p.csv", header, [row[-len(header) :] for row in rows])
    strata = table(tmp_path / "s.csv", ["stratum", "units", "auxiliary_mean"], [["a", 100, 3]])
    arguments = ["points", str(points), "--strata", str(strata), "--estimator", "regression"]
    found = estimates(arguments, capfd)
    assert found["method"] == "regression_simple"
    assert found["areas"][0]["area"] == pytest.approx(590)
    assert found["areas"][0]["se"] == pytest.approx((100**2 * 0.96 * 1.8 / 8) ** 0.5)
    assert found["overall"] == {"value": None, "se": None}


def test_collapse_is_said(points: list[str], tmp_path: Path, capfd: Any) -> None:
    lonely = [row for n, row in enumerate(tables.STEHMAN_2014) if row[0] != "4" or n == 30]
    table(tmp_path / "points.csv", ["stratum", "map", "reference"], lonely)
    assert main(["accuracy", *points]) == 1
    assert "stratum '4': found 1 point" in capfd.readouterr().err
    note = "stratum '4' has too few points (1): merged with '3' as '3+4'\n"
    note += (
        "the interval of the area is cut at 0 for 'D': too few points for the normal distribution\n"
    )
    found = estimates([*points, "--collapse"], capfd, notes=note)
    assert found["collapsed"] == [{"stratum": "4", "points": 1, "into": "3", "name": "3+4"}]
    joined = [[{"4": "3"}.get(row[0], row[0]), *row[1:]] for row in lonely]
    table(tmp_path / "points.csv", ["stratum", "map", "reference"], joined)
    table(tmp_path / "strata.csv", ["stratum", "units"], [[1, 40000], [2, 30000], [3, 30000]])
    assert estimates(points, capfd, notes=note.splitlines(True)[1])["areas"] == found["areas"]


def test_a_cut_interval_is_said(tmp_path: Path, capfd: Any) -> None:
    rows = [["a", "no", "no"]] * 19 + [["a", "no", "yes"]]
    points = table(tmp_path / "p.csv", ["stratum", "map", "reference"], rows)
    strata = table(tmp_path / "s.csv", ["stratum", "units"], [["a", 100]])
    arguments = ["points", str(points), "--strata", str(strata), "--classes", "no,yes"]
    assert main(["accuracy", *arguments, "--format", "json"]) == 0
    out, err = capfd.readouterr()
    assert "cut at 0 for 'yes'" in err
    assert json.loads(out)["areas"][1]["ci_low"] == 0
    assert json.loads(out)["accuracy"][1]["users"] is None


def test_probabilities_that_agree_with_the_strata(
    points: list[str], tmp_path: Path, capfd: Any
) -> None:
    found = estimates(points, capfd)
    rows = [[*row, 10 / tables.STEHMAN_2014_UNITS[row[0]]] for row in tables.STEHMAN_2014]
    table(tmp_path / "points.csv", ["stratum", "map", "reference", "probability"], rows)
    assert estimates(points, capfd) == found


def test_a_stratum_without_units_needs_no_points(points: list[str], capfd: Any) -> None:
    found = estimates(points, capfd)
    with Path(points[3]).open("a") as file:
        file.write("gain,0\n")
    assert estimates(points, capfd) == found


def test_a_sample_that_the_engine_draws(tmp_path: Path, capfd: Any) -> None:
    """Labelled as the map: its accuracies are 1, and the area of each class is near what it has."""
    cells = np.random.default_rng(5).choice([1, 2, 7], (60, 60), p=[0.2, 0.5, 0.3])
    raster = write_raster(tmp_path / "map.tif", cells)
    drawn, strata = tmp_path / "points.csv", tmp_path / "strata.csv"
    draw = ["sample", "draw", str(raster), "--points", "300", "--seed", "1"]
    assert main([*draw, "-o", str(drawn), "--strata", str(strata)]) == 0
    header, *rows = csv.reader(drawn.read_text().splitlines())
    place = header.index("map"), header.index("reference")
    for row in rows:
        row[place[1]] = row[place[0]]
    table(drawn, header, rows)
    capfd.readouterr()
    found = estimates(["points", str(drawn), "--strata", str(strata)], capfd)
    assert [of["class"] for of in found["areas"]] == ["1", "2", "7"]
    assert sum(of["area"] for of in found["areas"]) == pytest.approx(cells.size)
    assert found["areas"][0]["area"] == pytest.approx((cells == 1).sum())
    for of in found["areas"]:
        truth = (cells == int(of["class"])).sum()
        assert abs(of["area"] - truth) <= 4 * of["se"] + 1e-6
    assert found["overall"] == {"value": 1, "se": 0}


def fails(arguments: Sequence[str], capfd: Any) -> str:
    """The one line on stderr of a command that ends with 1."""
    assert main(["accuracy", *arguments]) == 1
    out, err = capfd.readouterr()
    assert out == ""
    (line,) = err.splitlines()
    return str(line)


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("forest gain,0,55,8,12\n", "", "none of 'forest gain'"),
        ("forest gain,0,55,8,12\n", "forest gain,0,55,8\n", "line 3: found 4 cells; expected 5"),
        ("forest gain,0", "other,0", "found map class 'other'; expected one of the header"),
        ("forest gain,0", "deforestation,0", "'deforestation' again; expected each name once"),
        ("map,deforestation", "map,forest gain", "found 'forest gain' twice in the header"),
        ("map,deforestation", "map,", "header: found ''; expected a name"),
        (",55,", ",55.5,", "line 3, forest gain: found '55.5'; expected a whole number from 0"),
        (",55,", ",-55,", "found '-55'"),
        (",55,", ",nan,", "found 'nan'"),
        (",55,", ",1e400,", "found '1e400'"),
        (",55,", ",1e16,", "found '1e16'; expected a whole number from 0 to 1e+15"),
        (",55,", ",5_5,", "found '5_5'"),
        (",55,", ",٥,", "found '٥'"),
        (",55,", ",,", "found ''"),
        ("0,55,8,12", "0,0,0,0", "'forest gain' of the map: found 0 points; expected 2 or more"),
        ("0,55,8,12", "0,1,0,0", "found 1 point; expected 2 or more"),
    ],
)
def test_a_bad_matrix(matrix: list[str], capfd: Any, old: str, new: str, text: str) -> None:
    path = Path(matrix[1])
    before = path.read_text()
    assert old in before
    path.write_text(before.replace(old, new, 1))
    assert text in fails(matrix, capfd)


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("forest gain,13500.0", "other,13500.0", "found 'other'; expected classes of the matrix"),
        ("forest gain,13500.0\n", "", "found 'no forest gain'; expected an area of each class"),
        ("forest gain,13500.0", "deforestation,1", "found 'deforestation' again"),
        ("13500.0", "0", "area: found '0'; expected a number from 1e-09"),
        ("13500.0", "-1", "found '-1'"),
        ("13500.0", "nan", "found 'nan'"),
        ("13500.0", "inf", "found 'inf'"),
        ("13500.0", "1e308", "found '1e308'"),
        ("13500.0", "1e-320", "found '1e-320'"),
        ("class,area", "class,hectares", "expected a column 'area'"),
        ("class,area", "class,class", "found 'class' twice in the header"),
    ],
)
def test_bad_areas(matrix: list[str], capfd: Any, old: str, new: str, text: str) -> None:
    path = Path(matrix[3])
    before = path.read_text()
    assert old in before
    path.write_text(before.replace(old, new, 1))
    assert text in fails(matrix, capfd)


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("1,A,C", "1,A,Z", "line 7, reference: found unknown class 'Z'"),
        ("1,A,C", "1,A,", "line 7, reference: found ''"),
        ("1,A,C", "1,A,\x1b[31mC", "found '\\x1b[31mC'"),
        ("1,A,C", "9,A,C", "line 7, stratum: found unknown stratum '9'"),
        ("1,A,C", "1,A", "line 7: found 2 cells"),
        ('1,A,C', '1,"A,C', "expected a table with commas"),
        ("stratum,", "layer,", "expected a column 'stratum'"),
        (",map,", ",mapped,", "expected a column 'map'"),
        (",reference", ",truth", "expected a column 'reference'"),
    ],
)  # fmt: skip
def test_bad_points(points: list[str], capfd: Any, old: str, new: str, text: str) -> None:
    path = Path(points[1])
    before = path.read_text()
    assert old in before
    path.write_text(before.replace(old, new, 1))
    assert text in fails(points, capfd)


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("2,30000", "2,30000\n5,1000", "stratum '5': found 0 points"),
        ("2,30000", "1,30000", "found '1' again"),
        ("2,30000", "2,9", "stratum '2': found 10 points; expected at most its 9 units"),
        ("2,30000", "2,0", "stratum: found stratum '2'; expected one with units"),
        ("2,30000", "2,-3", "units: found '-3'; expected a whole number from 0"),
        ("2,30000", "2,nan", "found 'nan'"),
        ("2,30000", "2,1e300", "found '1e300'"),
        ("2,30000", "2,30000.5", "found '30000.5'"),
        ("2,30000", "2,", "found ''"),
        ("units", "cells", "expected a column 'units' or 'area'"),
    ],
)
def test_bad_strata(points: list[str], capfd: Any, old: str, new: str, text: str) -> None:
    path = Path(points[3])
    before = path.read_text()
    assert old in before
    path.write_text(before.replace(old, new, 1))
    assert text in fails(points, capfd)
    if new.endswith("5,1000"):
        assert text in fails([*points, "--collapse"], capfd)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "found no text"),
        (b"\n  \n", "found no text"),
        (b"stratum,map,reference\n", "found a header alone"),
        (b"stratum;map;reference\n1;A;A\n", "found semicolons; expected columns apart by commas"),
        (b"stratum\tmap\treference\n1\tA\tA\n", "found tabs"),
        ("stratum,map,reference\n1,forêt,A\n".encode("latin-1"), "that is not UTF-8"),
        ("stratum,map,reference\n1,A,A\n".encode("utf-16"), "that is not UTF-8"),
        (b"stratum,map,reference\n1,A," + b"A" * 200_000 + b"\n", "expected a table with commas"),
    ],
)
@pytest.mark.parametrize("place", [1, 3])
def test_a_file_that_is_no_table(
    points: list[str], capfd: Any, content: bytes, text: str, place: int
) -> None:
    Path(points[place]).write_bytes(content)
    assert text in fails(points, capfd)


def test_a_file_that_is_not_there(points: list[str], tmp_path: Path, capfd: Any) -> None:
    points[1] = str(tmp_path / "none.csv")
    assert "none.csv: found No such file" in fails(points, capfd)
    points[1] = str(tmp_path)
    assert "Is a directory" in fails(points, capfd)


def test_a_file_without_end(points: list[str], capfd: Any) -> None:
    points[1] = "/dev/zero"
    assert "expected a table of at most 64 MB" in fails(points, capfd)


@pytest.mark.parametrize("value", ["1.01", "-1.01", "nan", "forest", "1e308", ""])
def test_proportions_beyond_one(tmp_path: Path, capfd: Any, value: str) -> None:
    arguments = proportions(tmp_path, [["a", 0, value, 1], ["a", 0, 0, 1]])
    line = fails(arguments, capfd)
    assert f"reference: found {value!r}; expected a number from -1 to 1" in line


@pytest.mark.parametrize("area", ["0", "-2", "nan", "1e99"])
def test_units_without_an_area(tmp_path: Path, capfd: Any, area: str) -> None:
    arguments = proportions(tmp_path, [["a", 0, 0.5, area], ["a", 0, 0, 1]])
    assert f"unit_area: found {area!r}" in fails(arguments, capfd)


def test_points_of_two_stages(points: list[str], tmp_path: Path, capfd: Any) -> None:
    header = ["stratum", "map", "reference", "unit"]
    rows = [[*row, n // 2] for n, row in enumerate(tables.STEHMAN_2014)]
    table(tmp_path / "points.csv", header, rows)
    assert "expected a sample of one stage" in fails(points, capfd)


def test_units_of_different_areas_need_their_number(tmp_path: Path, capfd: Any) -> None:
    arguments = proportions(tmp_path, [["a", 0, 0.5, 1], ["a", 0, 0, 2]])
    table(tmp_path / "s.csv", ["stratum", "area"], [["a", 100]])
    assert "found units of different areas" in fails(arguments, capfd)


def test_points_in_area_need_the_area(points: list[str], capfd: Any) -> None:
    assert "expected a column 'area'" in fails([*points, "--estimator", "points"], capfd)


def test_a_class_that_is_not_named(points: list[str], capfd: Any) -> None:
    line = fails([*points, "--classes", "A,B,C"], capfd)
    assert "found unknown class 'D'; expected one of --classes" in line


def test_too_many_classes(tmp_path: Path, capfd: Any) -> None:
    rows = [["a", n, n] for n in range(300)]
    points = table(tmp_path / "p.csv", ["stratum", "map", "reference"], rows)
    strata = table(tmp_path / "s.csv", ["stratum", "units"], [["a", 1000]])
    assert "found 300 classes" in fails(["points", str(points), "--strata", str(strata)], capfd)


@pytest.mark.parametrize(
    ("factor", "text"),
    [
        ([1.01, 1.01], "found 1/probability that sums to 39604; expected the stratum's 40000"),
        ([1, 2], "expected the same for all points of a stratum"),
        ([0, 0], "found '0.0'; expected a number from 1e-09 to 1"),
        ([1e5, 1e5], "expected a number from 1e-09 to 1"),
    ],
)
def test_probabilities_that_do_not_sum(
    points: list[str], tmp_path: Path, capfd: Any, factor: list[float], text: str
) -> None:
    rows = [
        [*row, 10 / tables.STEHMAN_2014_UNITS[row[0]] * factor[n % 2]]
        for n, row in enumerate(tables.STEHMAN_2014)
    ]
    table(tmp_path / "points.csv", ["stratum", "map", "reference", "probability"], rows)
    assert text in fails(points, capfd)


@pytest.mark.parametrize(
    ("rows", "header", "text"),
    [
        ([[1, 2], [2, 3]], ["x", "y"], "found 2 points; expected 3 or more"),
        ([[1, 2], [2, "inf"], [3, 4]], ["x", "y"], "line 3, y: found 'inf'"),
        ([[1, 2], [2, 3], [3, 4]], ["x", "z"], "expected a column 'stratum'"),
        ([["a", 1, 2]] * 3, ["stratum", "x", "z"], "expected a column 'y'"),
        ([["a", 1, 2, 1]] * 3, ["stratum", "x", "y", "unit_area"], "expected x and y of whole"),
    ],
)
def test_bad_regressions(
    tmp_path: Path, capfd: Any, rows: list[list[object]], header: list[str], text: str
) -> None:
    points = table(tmp_path / "p.csv", header, rows)
    strata = table(tmp_path / "s.csv", ["stratum", "units", "auxiliary_mean"], [["a", 100, 3]])
    arguments = ["points", str(points), "--strata", str(strata), "--estimator", "regression"]
    assert text in fails(arguments, capfd)


def test_regression_needs_the_mean_of_x(tmp_path: Path, capfd: Any) -> None:
    points = table(tmp_path / "p.csv", ["x", "y"], [[1, 2], [2, 3], [3, 5]])
    strata = table(tmp_path / "s.csv", ["stratum", "units"], [["a", 100]])
    arguments = ["points", str(points), "--strata", str(strata), "--estimator", "regression"]
    assert "expected a column 'auxiliary_mean'" in fails(arguments, capfd)


def test_huge_numbers_overflow_nowhere(tmp_path: Path, capfd: Any) -> None:
    rows = [["a", -1e15, 1e15], ["a", -1e15 + 1, -1e15], ["a", 1e15, 1e15], ["b", 0, 1e15]]
    rows += [["b", 1e-15, -1e15], ["b", 2e-15, 0]]
    points = table(tmp_path / "p.csv", ["stratum", "x", "y"], rows)
    strata = table(
        tmp_path / "s.csv",
        ["stratum", "area", "auxiliary_mean"],
        [["a", 1e15, 1e15], ["b", 1e15, 1e15]],
    )
    arguments = ["points", str(points), "--strata", str(strata), "--estimator", "regression"]
    found = estimates(arguments, capfd)
    assert abs(found["areas"][0]["area"]) > 1e30


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["matrix", "m.csv"],
        ["points", "p.csv"],
        ["points", "p.csv", "--strata", "s.csv", "--estimator", "other"],
        ["points", "p.csv", "--strata", "s.csv", "--format", "xml"],
        ["points", "p.csv", "--strata", "s.csv", "--classes", "a,a"],
        ["points", "p.csv", "--strata", "s.csv", "--classes", "a", "--proportions"],
        ["points", "p.csv", "--strata", "s.csv", "-o", "s.csv"],
        ["points", "p.csv", "--strata", "s.csv", "-o", "no/such/folder/out.csv"],
    ],
)
def test_bad_usage(arguments: list[str], capfd: Any) -> None:
    with pytest.raises(SystemExit) as end:
        main(["accuracy", *arguments])
    assert end.value.code == 2
    assert "usage: " in capfd.readouterr().err


def test_it_starts_without_rasters_and_vectors(points: list[str]) -> None:
    program = (
        "import sys; from analytics.__main__ import main\n"
        f"assert main({['accuracy', *points]!r}) == 0\n"
        "print(sorted({'rasterio', 'pyogrio', 'numba', 'scipy', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
