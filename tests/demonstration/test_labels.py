"""The truth as labels, and the labelled sample of the region."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from analytics.grid import CELL_SIZE
from analytics.nomenclature import OUTSIDE, SEALED
from analytics.sampling import labels as sample_labels
from demonstration.errors import NoTruth
from demonstration.reference_sample import POINTS, points_file, strata_file
from demonstration.truth_labels import PAIR, label_points, labels_of_truth

from .conftest import Cells


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def corner(region: Path) -> tuple[float, float]:
    """The north-western corner of the region."""
    west, _, _, north = json.loads((region / "metadata.json").read_text())["bounds_epsg_3035"]
    return west, north


def test_the_sample_has_the_truth_and_the_map_of_its_cells(
    region: Path,
    truth: dict[int, Cells],
    editions: dict[int, Cells],
    corner: tuple[float, float],
) -> None:
    points = rows(points_file(region))
    assert len(points) == POINTS
    assert [int(point["id"]) for point in points] == list(range(1, POINTS + 1))
    west, north = corner
    column = [int((float(point["x"]) - west) // CELL_SIZE) for point in points]
    row = [int((north - float(point["y"])) // CELL_SIZE) for point in points]
    for cells, name in (
        (truth[PAIR[0]], "reference_earlier"),
        (truth[PAIR[1]], "reference_later"),
        (editions[PAIR[0]], "map_earlier"),
        (editions[PAIR[1]], "map_later"),
    ):
        assert [int(point[name]) for point in points] == cells[row, column].tolist()


def test_strata_are_those_of_the_editions(region: Path, editions: dict[int, Cells]) -> None:
    strata = {row["stratum"]: row for row in rows(strata_file(region))}
    one, two = (editions[year] for year in PAIR)
    seen = (one < 12) & (two < 12)
    sealed = seen & (one == SEALED) & (two == SEALED)
    assert int(strata["stable_sealed"]["units"]) == sealed.sum()
    assert sum(int(row["units"]) for row in strata.values()) == seen.sum()
    assert sum(int(row["sample"]) for row in strata.values()) == POINTS
    drawn = [point["stratum"] for point in rows(points_file(region))]
    for name, row in strata.items():
        assert drawn.count(name) == int(row["sample"])


def test_the_sample_is_one_that_can_be_imported(region: Path) -> None:
    path = points_file(region)
    drawn = sample_labels.read_drawn(path)
    found = sample_labels.read_labels(path, drawn, cell_width=CELL_SIZE, cell_height=CELL_SIZE)
    assert len(found) == POINTS


def test_labels_for_any_points(region: Path, tmp_path: Path) -> None:
    blind = tmp_path / "blind.csv"
    points = rows(points_file(region))[:40]
    blind.write_text(
        "id,x,y,lon,lat\n" + "".join(f"{p['id']},{p['x']},{p['y']},0,0\n" for p in points)
    )
    labels = tmp_path / "labels.csv"
    assert label_points(folder=region, points=blind, labels=labels) == 40
    drawn = sample_labels.read_drawn(points_file(region))
    found = sample_labels.read_labels(labels, drawn, cell_width=CELL_SIZE, cell_height=CELL_SIZE)
    expected = [(int(p["reference_earlier"]), int(p["reference_later"])) for p in points]
    assert [label.reference for label in found] == expected
    assert {label.interpreter for label in found} == {"truth"}
    label_points(folder=region, points=blind, labels=labels, years=(2021,))
    one = sample_labels.read_labels(labels, drawn, cell_width=CELL_SIZE, cell_height=CELL_SIZE)
    assert {len(label.reference) for label in one} == {1}


def test_the_command_labels_points(region: Path, tmp_path: Path) -> None:
    points, labels = tmp_path / "points.csv", tmp_path / "labels.csv"
    one = rows(points_file(region))[0]
    points.write_text(f"id,x,y\n1,{one['x']},{one['y']}\n")
    command = [sys.executable, "-m", "demonstration", str(region), "--labels"]
    subprocess.run([*command, str(points), str(labels)], check=True)
    assert rows(labels)[0]["reference_later"] == one["reference_later"]
    points.write_text("id,x,y\n1,0,0\n")
    labels.unlink()
    done = subprocess.run(
        [*command, str(points), str(labels)], check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert not labels.exists()


def test_places_without_a_truth(
    region: Path, truth: dict[int, Cells], corner: tuple[float, float], tmp_path: Path
) -> None:
    west, north = corner
    row, column = (int(place[0]) for place in np.nonzero(truth[2018] == OUTSIDE))
    outside = (west + 10 * column + 5, north - 10 * row - 5)
    for x, y in (outside, (west - 1, north - 5), (west + 5, north + 1), (np.nan, 0), (np.inf, 0)):
        with pytest.raises(NoTruth, match="no land cover"):
            labels_of_truth(folder=region, x=[x], y=[y], year=2018)
    with pytest.raises(NoTruth, match="no truth of 2019"):
        labels_of_truth(folder=region, x=[0], y=[0], year=2019)
    with pytest.raises(NoTruth, match="no truth"):
        labels_of_truth(folder=tmp_path, x=[0], y=[0], year=2018)
