"""The command that takes custom zones the way of an upload: from a file to a published set."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pyproj
import pytest
import shapely
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from analytics.uploads.records import Choice
from clcplus.actions.zone_sets import received_files
from clcplus.management.commands import upload_zones
from clcplus.models import AuditEntry, Run, Zone, ZoneSet
from tests.uploads import shapefile_parts as parts
from tests.zone_sets.landscape import NORTH, WEST
from tests.zone_sets.layers import drain

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("published"),
]


@pytest.fixture
def fields(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of two squares in EPSG:3035; the worker's part is done where it is waited for."""
    User.objects.create_user("anne", is_staff=True)
    monkeypatch.setattr(upload_zones.Command, "follow", lambda _, run, **__: drain(run))
    features = [
        {
            "type": "Feature",
            "properties": {"code": f"F{number}", "name": f"Field {number}"},
            "geometry": shapely.geometry.mapping(shapely.box(x, NORTH - 400, x + 200, NORTH)),
        }
        for number, x in enumerate((WEST, WEST + 300))
    ]
    crs = {"type": "name", "properties": {"name": "EPSG:3035"}}
    path = tmp_path / "fields.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}))
    return path


def upload(path: Path, **options: Any) -> None:
    call_command("upload_zones", path, owner="anne", crs="EPSG:3035", **options)


def test_a_file_becomes_a_published_set(fields: Path, capsys: pytest.CaptureFixture[str]) -> None:
    upload(fields, name="Fields", publish=True)
    made = ZoneSet.objects.get()
    assert made.name == "Fields"
    assert made.published_at is not None
    assert Run.objects.get(kind="zones").state == "succeeded"
    said = capsys.readouterr().out
    assert "2 of 2 features usable" in said
    assert "shapes read: 2 = 2 usable" in said
    assert f"Fields: published; {made.get_absolute_url()}" in said


def test_the_same_file_gives_the_same_set(fields: Path) -> None:
    upload(fields)
    first = ZoneSet.objects.get()
    upload(fields, publish=True)
    assert ZoneSet.objects.get() == first
    assert ZoneSet.objects.get().published_at is not None


def latitude_first(path: Path) -> Path:
    """The same two squares in degrees, latitude first."""
    document = json.loads(path.read_text())
    del document["crs"]
    degrees = pyproj.Transformer.from_crs("EPSG:3035", "EPSG:4326", always_xy=True)
    for feature in document["features"]:
        (ring,) = feature["geometry"]["coordinates"]
        feature["geometry"]["coordinates"] = [[degrees.transform(*point)[::-1] for point in ring]]
    path = path.with_name("swapped.geojson")
    path.write_text(json.dumps(document))
    return path


def test_swapped_axes_are_named_and_can_be_said(
    fields: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = latitude_first(fields)
    with pytest.raises(CommandError, match=r"Say --swap-axes"):
        call_command("upload_zones", path, owner="anne")
    call_command("upload_zones", path, owner="anne", swap_axes=True)
    assert "2 of 2 features usable" in capsys.readouterr().out
    assert ZoneSet.objects.get().layer is not None


def test_a_guess_with_swapped_axes_is_told_as_it_would_be_typed(fields: Path) -> None:
    document = json.loads(latitude_first(fields).read_text())
    text = "\n".join(
        shapely.geometry.shape(feature["geometry"]).wkt for feature in document["features"]
    )
    path = fields.with_name("swapped.wkt")
    path.write_text(text)
    with pytest.raises(CommandError, match=r"Say --crs; likely: .*EPSG:4326 --swap-axes"):
        call_command("upload_zones", path, owner="anne")


def test_a_question_is_told_in_a_line_with_what_to_say(fields: Path) -> None:
    with pytest.raises(CommandError) as told:
        call_command("upload_zones", fields, owner="anne", crs="EPSG:4326")
    assert str(told.value).startswith(
        f"{fields.name}: The coordinates cannot be in the reference system that was named "
        "(WGS 84). Say --crs with another one; likely: EPSG:3035"
    )
    assert "Or say --insist" in str(told.value)
    assert "doubted" not in str(told.value)
    with pytest.raises(CommandError, match="features"):
        call_command("upload_zones", fields, owner="anne", crs="EPSG:4326", insist=True)


def test_an_operator_spends_no_quota(fields: Path, settings: Any) -> None:
    settings.UPLOADS_PER_HOUR = 1
    for name in ("One", "Two"):
        upload(fields, name=name)
    owner = User.objects.get()
    received_files.receive(
        owner=owner,
        source=io.BytesIO(b"{}"),
        file_name="a.geojson",
        kind=ZoneSet.Kind.FILE,
        choice=Choice(),
    )
    entries = AuditEntry.objects.filter(event=AuditEntry.Event.UPLOADED).order_by("at")
    assert [entry.by for entry in entries] == [None, None, owner]


def test_what_is_found_in_the_file_as_a_whole_and_notes_are_told(
    fields: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(fields.read_text())
    for feature in document["features"]:
        feature["properties"]["people"] = float("nan")
    fields.write_text(json.dumps(document))
    upload(fields)
    said = capsys.readouterr().out
    assert "feature 0 (F0): note: found NaN as the value of 'people' in line 1" in said
    assert "(and 1 more)" in said
    assert said.count("NaN as the value") == 1


def test_what_is_wrong_is_told_in_a_line_and_nothing_is_left(fields: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.geojson"
    bad.write_text("{")
    with pytest.raises(CommandError, match=r"bad\.geojson: found "):
        upload(bad)
    with pytest.raises(CommandError, match="account nobody"):
        call_command("upload_zones", fields, owner="nobody")
    assert not ZoneSet.objects.exists()


def test_the_encoding_of_a_shapefile(
    fields: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    boxes = [(x, NORTH - 400.0, x + 200.0, NORTH - 200.0) for x in (WEST, WEST + 300)]
    table = parts.dbf([(b"1", "Łódź".encode("cp1250")), (b"2", "Żary".encode("cp1250"))])
    path = tmp_path / "fields.zip"
    path.write_bytes(parts.packed(table=table, boxes=boxes, prj=None))
    upload(path, name="Guessed")
    said = capsys.readouterr().out
    assert "file: warning: found no declared encoding" in said
    assert "  --encoding 'Windows-1250': Łódź, Żary" in said
    upload(path, encoding="cp1250", name="Said")
    assert "--encoding" not in capsys.readouterr().out
    names = Zone.objects.filter(layer__zone_set__name="Said").order_by("code")
    assert [zone.name for zone in names] == ["Łódź", "Żary"]
    with pytest.raises(CommandError, match=r"--encoding: found 'rot13'; expected one of UTF-8, "):
        upload(path, encoding="rot13")


def test_the_errors_of_a_file_are_counted(
    fields: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    boxes = [(x, NORTH - 400.0, x + 200.0, NORTH - 200.0) for x in (WEST, WEST + 300)]
    path = tmp_path / "fields.zip"
    table = parts.dbf([(b"1", b"One")])
    path.write_bytes(parts.packed(table=table, boxes=boxes, prj=None))
    upload(path, skip_bad=True)
    assert "shapes read: 2 = 1 usable + 1 code-missing" in capsys.readouterr().out
