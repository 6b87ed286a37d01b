"""Labels read back: own columns or a crosswalk, each point against the one drawn."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from analytics.errors import LabelError, MissingField, UnreadableLayer
from analytics.sampling.labels import DrawnPoint, Label, read_crosswalk, read_drawn, read_labels
from tests.analytics.test_sample_command import sample
from tests.rasters import write_raster

Rows = list[dict[str, str]]


@pytest.fixture
def drawn_file(tmp_path: Path) -> Path:
    earlier = write_raster(tmp_path / "2018.tif", [[1, 2, 2, 2, 6, 6, 6]] * 6)
    later = write_raster(tmp_path / "2021.tif", [[1, 1, 2, 2, 6, 6, 6]] * 6)
    path = tmp_path / "sample.csv"
    arguments = ["--points", 30, "--minimum", 4, "--seed", 1, "-o", path, "--buffer-m", 10]
    assert sample("draw", earlier, later, *arguments) == 0
    return path


@pytest.fixture
def drawn(drawn_file: Path) -> dict[int, DrawnPoint]:
    return read_drawn(drawn_file)


def labelled(path: Path, change: Callable[[Rows], object]) -> Path:
    """A copy of a file of points after a change of its rows."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = list(rows[0])
    change(rows)
    copy = path.with_name("labelled.csv")
    with copy.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)
    return copy


def fill(row: dict[str, str], earlier: str = "2", later: str = "1", **more: str) -> None:
    row.update({"reference_earlier": earlier, "reference_later": later} | more)


def read(path: Path, drawn: dict[int, DrawnPoint], **more: object) -> list[Label]:
    return read_labels(path, drawn, cell_width=10, cell_height=10, **more)  # type: ignore[arg-type]


def test_labels_are_records(drawn_file: Path, drawn: dict[int, DrawnPoint]) -> None:
    def change(rows: Rows) -> None:
        fill(rows[0], confidence="high", interpreter="Zoë", note="a, b; c")
        fill(rows[2], "", "11")
        rows.reverse()

    later, first = read(labelled(drawn_file, change), drawn)
    assert first == Label(drawn[1], (2, 1), "high", "Zoë", "a, b; c")
    assert later == Label(drawn[3], (None, 11), "", "", "")


def test_two_interpreters_may_label_a_point(drawn_file: Path, drawn: dict[int, DrawnPoint]) -> None:
    def change(rows: Rows) -> None:
        rows.append(dict(rows[0]))
        fill(rows[0], interpreter="a")
        fill(rows[-1], interpreter="b")

    assert [label.interpreter for label in read(labelled(drawn_file, change), drawn)] == ["a", "b"]


def test_a_crosswalk_gives_the_classes(drawn_file: Path, drawn: dict[int, DrawnPoint]) -> None:
    crosswalk = drawn_file.with_name("lucas.csv")
    crosswalk.write_text("code,class,name\nA11,1,Buildings\nC10,3,Broadleaved woodland\n")
    path = labelled(drawn_file, lambda rows: fill(rows[4], "C10", "A11"))
    (label,) = read(path, drawn, crosswalk=read_crosswalk(crosswalk))
    assert label.reference == (3, 1)
    with pytest.raises(LabelError, match=r"row 5: 'C10'; row 5: 'A11'.*crosswalk"):
        read(path, drawn)
    with pytest.raises(LabelError, match=r"row 1: '1'.*expected codes of the crosswalk"):
        read(
            labelled(drawn_file, lambda rows: fill(rows[0], "1", "")),
            drawn,
            crosswalk=read_crosswalk(crosswalk),
        )


@pytest.mark.parametrize(
    "text", ["code,class\nA11,12\n", "code,class\nA11,1\nA11,2\n", "code,class\n,1\n"]
)
def test_a_crosswalk_with_faults_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "crosswalk.csv"
    path.write_text(text)
    with pytest.raises(LabelError, match="rows wrong"):
        read_crosswalk(path)


def test_a_geopackage_gives_the_same(drawn_file: Path, drawn: dict[int, DrawnPoint]) -> None:
    folder = drawn_file.parent
    path = folder / "sample.gpkg"
    arguments = ["--points", 30, "--minimum", 4, "--seed", 1, "-o", path, "--buffer-m", 10]
    assert sample("draw", folder / "2018.tif", folder / "2021.tif", *arguments) == 0
    assert read_drawn(path) == drawn
    with closing(sqlite3.connect(path)) as connection, connection:
        # The layer's spatial index names functions that only GDAL has; labels do not touch it.
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            connection.create_function(name, 1, lambda geometry: None)
        connection.execute(
            "UPDATE points SET reference_earlier = 6, reference_later = 1, interpreter = 'x', "
            "confidence = 'low' WHERE id = 7"
        )
    (label,) = read(path, drawn)
    assert label == Label(drawn[7], (6, 1), "low", "x", "")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: fill(rows[0], "12"), "1 of 30 rows wrong .row 1: '12'.*classes from 1 to 11"),
        (lambda rows: fill(rows[0], "254"), "'254'"),
        (lambda rows: fill(rows[0], "1.5"), "'1.5'"),
        (lambda rows: fill(rows[1], "x" * 5000), "row 2"),
        (lambda rows: rows[0].update(id="31"), "row 1: id '31'"),
        (lambda rows: rows[0].update(id="one"), "row 1: id 'one'"),
        (lambda rows: rows[3].update(x="3780000"), "row 4: point 4 at 3780000.*within the cells"),
        (lambda rows: rows[3].update(y="nan"), "row 4: point 4"),
        (lambda rows: rows[3].update(stratum="elsewhere"), "row 4: point 4 in 'elsewhere'"),
        (lambda rows: fill(rows[0], confidence="100 %"), "row 1: '100 %'.*high, medium, low"),
        (
            lambda rows: (fill(rows[0], interpreter="a"), rows.append(dict(rows[0]))),
            "row 31: point 1 by a.*one label of an interpreter",
        ),
    ],
)
def test_what_does_not_fit_is_named(
    drawn_file: Path,
    drawn: dict[int, DrawnPoint],
    change: Callable[[Rows], object],
    message: str,
) -> None:
    with pytest.raises(LabelError, match=message) as raised:
        read(labelled(drawn_file, change), drawn)
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 1500


def test_an_error_names_ten_rows(drawn_file: Path, drawn: dict[int, DrawnPoint]) -> None:
    path = labelled(drawn_file, lambda rows: [fill(row, "99") for row in rows])
    with pytest.raises(LabelError, match="30 of 30 rows wrong") as raised:
        read(path, drawn)
    assert str(raised.value).count("row ") == 10
    assert "row 10: '99' …" in str(raised.value)


def test_a_point_may_move_within_its_cell(drawn_file: Path, drawn: dict[int, DrawnPoint]) -> None:
    def change(rows: Rows) -> None:
        rows[0].update(x=str(drawn[1].x + 4.9))
        fill(rows[0])

    assert len(read(labelled(drawn_file, change), drawn)) == 1


def test_files_without_the_columns(drawn_file: Path, drawn: dict[int, DrawnPoint]) -> None:
    path = drawn_file.with_name("other.csv")
    path.write_text("id,class\n1,2\n")
    with pytest.raises(LabelError, match="reference"):
        read(path, drawn)
    path.write_text("point,reference\n1,2\n")
    with pytest.raises(MissingField, match="'id'"):
        read(path, drawn)
    path.write_text("")
    with pytest.raises(MissingField):
        read_drawn(path)
    for name in ("none.csv", "none.gpkg"):
        with pytest.raises(UnreadableLayer):
            read(drawn_file.with_name(name), drawn)


def test_a_draw_with_faults_is_refused(drawn_file: Path) -> None:
    for fault in ({"id": "1"}, {"x": "inf"}, {"id": ""}):
        path = labelled(drawn_file, lambda rows, fault=fault: rows[8].update(fault))  # type: ignore[misc]
        with pytest.raises(LabelError, match="row 9"):
            read_drawn(path)


def test_points_are_centres(drawn: dict[int, DrawnPoint]) -> None:
    assert all(point.x % 10 == 5 and point.y % 10 == 5 for point in drawn.values())
