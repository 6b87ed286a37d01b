"""Labels: one by one and from files, of own classes or through a crosswalk; all or nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from analytics.errors import AnalyticsError, LabelError
from clcplus.actions.samples.agreement import agreements
from clcplus.actions.samples.label_files import import_labels
from clcplus.actions.samples.labels import Seen, store_labels
from clcplus.errors import WrongState
from clcplus.models import PointLabel, ReferenceSample
from tests.region import Region
from tests.samples.world import as_mapped, drawn, exported, filled, label_all, requested

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_broker")]


@pytest.fixture
def sample(loaded: Region) -> ReferenceSample:
    return drawn(points=60)


def labels() -> list[tuple[Any, ...]]:
    return list(
        PointLabel.objects.order_by("point__number", "interpreter").values_list(
            "point__number", "interpreter", "reference_earlier", "reference_later", "confidence",
            "note",
        )
    )  # fmt: skip


def fill_geopackage(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        # They call functions that only programs of geodata have.
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute(
            "UPDATE points SET reference_earlier = map_earlier, reference_later = map_later"
        )


def test_a_label_takes_the_place_of_the_interpreters_own(sample: ReferenceSample) -> None:
    store_labels(sample=sample, seen=[Seen(1, 2, 1, "low", " road\u202e? ")], interpreter="anne")
    store_labels(sample=sample, seen=[Seen(1, 3, 1)], interpreter="ben")
    store_labels(sample=sample, seen=[Seen(1, 6, 6, "medium")], interpreter="anne")
    assert labels() == [(1, "anne", 6, 6, "medium", ""), (1, "ben", 3, 1, "high", "")]


@pytest.mark.parametrize(
    ("seen", "message"),
    [
        (Seen(2, 0, 1), "point 2: found the class 0; expected a class from 1 to 11"),
        (Seen(2, 1, 12), "found the class 12"),
        (Seen(2, 1, 253), "found the class 253"),
        (Seen(2, 1, True), "found the class True"),
        (Seen(2, 1, None), "found no class"),
        (Seen(2, None, 1), "found a class of one edition"),
        (Seen(61, 1, 1), "found point 61; expected numbers of points that were drawn"),
        (Seen(2, 1, 1, "certain"), "found the confidence 'certain'"),
        (Seen(2, 1, 1, note="x" * 301), "found a note of 301 characters"),
        (Seen(2, 1, 1, interpreter="x" * 81), "a name of 81 characters"),
        (Seen(1, 1, 1), "found point 1 twice by anne"),
    ],
)
def test_one_wrong_label_stores_none(sample: ReferenceSample, seen: Seen, message: str) -> None:
    with pytest.raises(LabelError, match=message):
        store_labels(sample=sample, seen=[Seen(1, 1, 1), seen], interpreter="anne")
    assert not labels()


def test_nobody_and_nothing(sample: ReferenceSample) -> None:
    with pytest.raises(LabelError, match="a name of 0 characters"):
        store_labels(sample=sample, seen=[Seen(1, 1, 1)], interpreter="\u200b")
    with pytest.raises(LabelError, match="found 0 labels"):
        store_labels(sample=sample, seen=[], interpreter="anne")


def test_only_a_drawn_sample_is_labelled(loaded: Region) -> None:
    with pytest.raises(WrongState, match="a sample that is being drawn"):
        store_labels(sample=requested(), seen=[Seen(1, 1, 1)], interpreter="anne")


@pytest.mark.parametrize("suffix", ["csv", "gpkg"])
def test_a_file_of_the_sample_is_read_back(
    sample: ReferenceSample, tmp_path: Path, suffix: str
) -> None:
    path = exported(sample, tmp_path / f"sample.{suffix}")
    if suffix == "csv":
        path = filled(path, as_mapped)
    else:
        fill_geopackage(path)
    assert import_labels(sample=sample, path=path, interpreter="anne") == 60
    points = sample.points.order_by("number")
    assert [(n, *rest[:3]) for n, *rest in labels()] == [
        (point.number, "anne", point.map_earlier, point.map_later) for point in points
    ]
    assert set(PointLabel.objects.values_list("origin", flat=True)) == {"file"}


def test_rows_may_name_their_interpreter_and_codes_of_a_crosswalk(
    sample: ReferenceSample, tmp_path: Path
) -> None:
    crosswalk = tmp_path / "lucas.csv"
    crosswalk.write_text("code,class\nA11,1\nB,7\n")

    def change(rows: list[dict[str, str]]) -> None:
        rows[0] |= {"reference_earlier": "B", "reference_later": "A11", "interpreter": "Zoë"}
        rows[1] |= {"reference_earlier": "B", "reference_later": "B", "confidence": "low"}

    path = filled(exported(sample, tmp_path / "sample.csv"), change)
    import_labels(sample=sample, path=path, interpreter="anne", crosswalk=crosswalk)
    assert labels() == [(1, "Zoë", 7, 1, "high", ""), (2, "anne", 7, 7, "low", "")]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reference_later": "12"}, "expected classes from 1 to 11"),
        ({"reference_later": "A11"}, "Other nomenclatures need a crosswalk"),
        ({"id": "999"}, "ids of points that were drawn"),
        ({"id": "=1+1"}, "ids of points that were drawn"),
        ({"stratum": "gain'"}, "the strata that the points were drawn from"),
        ({"x": "0"}, "points within the cells that were drawn"),
        ({"x": "nan"}, "points within the cells that were drawn"),
        ({"confidence": "=HYPERLINK()"}, "one of high, medium, low"),
        ({"reference_earlier": ""}, "classes of both editions"),
        ({"note": "x" * 400}, "a note of 400 characters"),
    ],
)
def test_one_wrong_row_stores_none(
    sample: ReferenceSample, tmp_path: Path, change: dict[str, str], message: str
) -> None:
    def spoil(rows: list[dict[str, str]]) -> None:
        as_mapped(rows)
        rows[-1] |= change

    path = filled(exported(sample, tmp_path / "sample.csv"), spoil)
    with pytest.raises(LabelError, match=message) as caught:
        import_labels(sample=sample, path=path, interpreter="anne")
    assert "\n" not in str(caught.value)
    assert not labels()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("labels.csv", b"\x00\xff\xfe\x00"),
        ("labels.csv", b""),
        ("labels.csv", b"id,reference_earlier,reference_later\n"),
        ("labels.csv", b"id,reference\n1,1\n"),
        ("labels.csv", b"number,label\n1,1\n"),
        ("labels.gpkg", b"SQLite format 3\x00 and then nothing"),
        ("labels.csv", b"SQLite format 3\x00 and then nothing"),
        ("labels.csv", b'{"type": "Feature'),
    ],
)
def test_a_file_that_is_no_table_of_labels(
    sample: ReferenceSample, tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(AnalyticsError) as caught:
        import_labels(sample=sample, path=path, interpreter="anne")
    assert "\n" not in str(caught.value)
    assert not labels()


def test_agreement_of_two_opinions(sample: ReferenceSample) -> None:
    assert agreements(sample) == []
    label_all(sample)
    assert agreements(sample) == []
    points = list(sample.points.order_by("number"))[:20]
    seen = [
        Seen(p.number, p.map_earlier, 1 if p.map_later != 1 and p.number < 4 else p.map_later)
        for p in points
    ]
    differs = sum(p.map_later != 1 and p.number < 4 for p in points)
    assert differs
    store_labels(sample=sample, seen=seen, interpreter="ben")
    earlier, later = agreements(sample)
    assert (earlier.year, later.year) == (2018, 2021)
    assert earlier.classes.raw.value == 1
    assert earlier.classes.points == 20
    assert later.classes.raw.value == later.sealed.raw.value == 1 - differs / 20
    assert later.classes.kappa is not None
    assert later.classes.kappa.value < 1
