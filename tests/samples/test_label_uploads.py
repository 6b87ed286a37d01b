"""Labels from GeoPackages and GeoJSON of strangers, read in a confined process."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from clcplus.models import PointLabel, ReferenceSample
from tests.region import Region
from tests.samples.test_labels import fill_geopackage
from tests.samples.world import account, drawn, exported

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_broker")]

Change = Callable[[list[dict[str, Any]]], object]


@pytest.fixture
def sample(loaded: Region) -> ReferenceSample:
    return drawn(points=60, territory="region:07")


def sent(sample: ReferenceSample, content: bytes, **files: bytes) -> Any:
    client = Client()
    client.force_login(account())
    others = {name: SimpleUploadedFile(name, file) for name, file in files.items()}
    address = f"{sample.get_absolute_url()}import/"
    return client.post(address, {"file": SimpleUploadedFile("labels.any", content), **others})


def geojson(sample: ReferenceSample, folder: Path, change: Change) -> bytes:
    document = json.loads(exported(sample, folder / "points.geojson").read_bytes())
    change(document["features"])
    return json.dumps(document).encode()


def as_mapped(features: list[dict[str, Any]]) -> None:
    for of in (feature["properties"] for feature in features):
        of |= {"reference_earlier": of["map_earlier"], "reference_later": of["map_later"]}


def stored() -> list[tuple[int, int | None, int]]:
    found = PointLabel.objects.order_by("point__number")
    return list(found.values_list("point__number", "reference_earlier", "reference_later"))


def mapped(sample: ReferenceSample) -> list[tuple[int, int | None, int]]:
    return list(sample.points.order_by("number").values_list("number", "map_earlier", "map_later"))


def geopackage(sample: ReferenceSample, folder: Path) -> Path:
    path = exported(sample, folder / "points.gpkg")
    fill_geopackage(path)
    return path


def test_a_geopackage_and_a_geojson_are_imported(sample: ReferenceSample, tmp_path: Path) -> None:
    for content in (
        geopackage(sample, tmp_path).read_bytes(),
        geojson(sample, tmp_path, as_mapped),
    ):
        response = sent(sample, content)
        assert response["Location"].endswith("?imported=60"), response.content.decode()
        assert stored() == mapped(sample)
        PointLabel.objects.all().delete()


def test_codes_of_another_nomenclature_go_through_the_crosswalk(
    sample: ReferenceSample, tmp_path: Path
) -> None:
    def change(features: list[dict[str, Any]]) -> None:
        features[0]["properties"] |= {"reference_earlier": "B", "reference_later": "A11"}

    content = geojson(sample, tmp_path, change)
    assert sent(sample, content, crosswalk=b"code,class\nA11,1\nB,7\n").status_code == 302
    assert stored() == [(1, 7, 1)]


def test_a_point_that_was_moved_is_refused(sample: ReferenceSample, tmp_path: Path) -> None:
    def change(features: list[dict[str, Any]]) -> None:
        as_mapped(features)
        features[4]["geometry"]["coordinates"][0] += 0.001
        features[5]["geometry"] = None

    response = sent(sample, geojson(sample, tmp_path, change))
    assert response.status_code == 422
    text = response.content.decode()
    assert "2 of 60 rows wrong" in text
    assert "points within the cells that were drawn" in text
    assert not stored()


@pytest.mark.parametrize(
    ("trick", "told"),
    [
        ("CREATE VIEW points AS SELECT * FROM other", "more than plain tables"),
        ("CREATE TRIGGER t AFTER INSERT ON strata BEGIN SELECT 1; END", "more than plain tables"),
        ("CREATE VIRTUAL TABLE v USING fts5(a)", "more than plain tables"),
        ("DELETE FROM gpkg_contents", "no layer"),
    ],
)
def test_a_hostile_geopackage_is_refused(
    sample: ReferenceSample, tmp_path: Path, trick: str, told: str
) -> None:
    path = geopackage(sample, tmp_path)
    with closing(sqlite3.connect(path)) as connection, connection:
        if "VIEW points" in trick:
            connection.execute("ALTER TABLE points RENAME TO other")
        connection.execute(trick)
    response = sent(sample, path.read_bytes())
    assert response.status_code == 422
    assert told in response.content.decode()
    assert not stored()


def test_a_geopackage_whose_last_labels_lie_beside_it_is_refused(
    sample: ReferenceSample, tmp_path: Path
) -> None:
    path = geopackage(sample, tmp_path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    response = sent(sample, path.read_bytes())
    assert response.status_code == 422
    assert "while a program had it open" in response.content.decode()
