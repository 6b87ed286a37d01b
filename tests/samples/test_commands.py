"""The commands of samples: from the draw over labels to the estimates; one line where it fails."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from clcplus.actions.samples.labels import Seen, store_labels
from clcplus.jobs import runner
from clcplus.management.commands import draw_sample
from clcplus.models import AreaEstimate, PointLabel, ReferenceSample, Run
from tests.region import Region
from tests.samples.world import account, as_mapped, drawn, exported, filled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_broker")]


@pytest.fixture(autouse=True)
def drawn_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker's part is done where it is waited for."""

    def follow(_: Any, run: Run, **__: Any) -> Run:
        runner.handle_work("sample", run.pk)
        return run

    monkeypatch.setattr(draw_sample.Command, "follow", follow)


def test_from_the_draw_to_estimates(
    loaded: Region, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    account("anne")
    call_command(
        "draw_sample", "Valmont", owner="anne", earlier="clcplus-2018", later="clcplus-2021",
        territory="region:07", points=120, minimum=10, seed=3, buffer_m=10,
    )  # fmt: skip
    said = capsys.readouterr().out
    sample = ReferenceSample.objects.get()
    assert f"Valmont: 120 points, {sample.pk}" in said
    assert "gain: " in said
    path = tmp_path / "points.csv"
    call_command("export_sample", "Valmont", output=path)
    call_command("import_labels", str(sample.pk), filled(path, as_mapped), interpreter="anne")
    assert PointLabel.objects.count() == 120
    call_command("publish_sample", "Valmont")
    stored = AreaEstimate.objects.count()
    assert f"Valmont: published, {stored} estimates" in capsys.readouterr().out
    assert AreaEstimate.objects.filter(zone=sample.territory, basis="own").count() >= 2
    call_command("publish_sample", "Valmont", withdraw=True)
    assert not AreaEstimate.objects.exists()


@pytest.mark.parametrize("suffix", ["csv", "geojson", "kml", "gpkg"])
def test_points_are_exported(loaded: Region, tmp_path: Path, suffix: str) -> None:
    sample = drawn(points=60)
    whole, blind = tmp_path / f"whole.{suffix}", tmp_path / f"blind.{suffix}"
    call_command("export_sample", str(sample.pk), output=whole)
    call_command("export_sample", str(sample.pk), output=blind, blind=True)
    assert b"map_later" in whole.read_bytes()
    content = blind.read_bytes()
    assert b"map_" not in content
    assert b"inclusion_probability" not in content
    point = sample.points.get(number=1)
    if suffix == "csv":
        with whole.open(newline="") as file:
            first = next(csv.DictReader(file))
        assert (float(first["x"]), float(first["y"])) == (point.location.x, point.location.y)
        assert first["map_later"] == str(point.map_later)
    if suffix == "geojson":
        features = json.loads(content)["features"]
        assert [feature["id"] for feature in features] == list(range(1, 61))
    if suffix == "gpkg":
        with closing(sqlite3.connect(blind)) as connection:
            assert connection.execute("SELECT count(*) FROM points").fetchone() == (60,)
            assert connection.execute("SELECT styleName FROM layer_styles").fetchone()


def test_bad_input_is_one_line(loaded: Region, tmp_path: Path) -> None:
    sample = drawn(points=60)
    output = tmp_path / "points.shp"
    labels = filled(exported(sample, tmp_path / "p.csv"), as_mapped)
    labels.write_text(labels.read_text().replace("\n1,", "\n999,", 1))
    drawing = {"owner": "anne", "later": "clcplus-2021", "points": 50}
    for command, expected in (
        (("export_sample", "Valmont", {"output": output}), "expected one of .csv, .geojson"),
        (("export_sample", "Nowhere", {"output": tmp_path / "a.csv"}), "found no such sample"),
        (("import_labels", "Valmont", labels, {"interpreter": "a"}), "ids of points that were"),
        (("import_labels", "Valmont", tmp_path / "no.csv", {"interpreter": "a"}), "found nothing"),
        (("publish_sample", "Valmont", {}), "found no label"),
        (("draw_sample", "x", {**drawing, "later": "clc-1"}), "found no such edition"),
        (("draw_sample", "x", {**drawing, "owner": "nobody"}), "found no such account"),
        (("draw_sample", "x", {**drawing, "territory": "region:99"}), "found no such territory"),
        (("draw_sample", "x", {**drawing, "points": 0}), "points: found 0"),
        (("draw_sample", "x", {**drawing, "buffer_m": float("nan")}), "buffer: found nan"),
    ):
        *arguments, options = command
        with pytest.raises(CommandError, match=expected) as caught:
            call_command(*arguments, **options)
        assert "\n" not in str(caught.value)
    assert not output.exists()
    assert list(tmp_path.glob("*a.csv")) == []
    assert ReferenceSample.objects.count() == 1
    assert not PointLabel.objects.exists()


def test_a_name_that_two_samples_have_is_not_enough(loaded: Region) -> None:
    drawn(points=60)
    drawn(points=60)
    with pytest.raises(CommandError, match="found several of this name"):
        call_command("publish_sample", "Valmont")


def test_labels_are_exported_without_formulas_and_read_back(loaded: Region, tmp_path: Path) -> None:
    sample = drawn(points=60)
    point = sample.points.get(number=2)
    seen = [
        Seen(1, 6, 1, "low", '=HYPERLINK("x")', "@anne"),
        Seen(2, point.map_earlier, 11, interpreter="ben"),
    ]
    store_labels(sample=sample, seen=seen, interpreter="anne")
    path = tmp_path / "labels.csv"
    call_command("export_sample", "Valmont", output=path, labels=True)
    with path.open(newline="", encoding="utf-8") as file:
        first, second = csv.DictReader(file)
    assert (first["interpreter"], first["note"]) == ("'@anne", '\'=HYPERLINK("x")')
    assert (second["id"], second["reference_later"]) == ("2", "11")
    assert second["map_later"] == str(point.map_later)
    PointLabel.objects.all().delete()
    call_command("import_labels", "Valmont", path, interpreter="x")
    assert list(
        PointLabel.objects.values_list("point__number", "reference_later", "confidence")
    ) == [
        (1, 1, "low"),
        (2, 11, "high"),
    ]
    with pytest.raises(CommandError, match=r"expected a \.csv"):
        call_command("export_sample", "Valmont", output=tmp_path / "x.kml", labels=True)
