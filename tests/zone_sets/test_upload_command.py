"""The command that takes custom zones the way of an upload: from a file to a published set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shapely
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from clcplus.management.commands import upload_zones
from clcplus.models import Run, Zone, ZoneSet
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
    monkeypatch.setattr(upload_zones, "follow", lambda run, **_: drain(run))
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
