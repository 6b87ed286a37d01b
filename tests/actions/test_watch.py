"""Editions that are copied into the watched place: taken once, counted like any other."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils import timezone

from clcplus import tasks
from clcplus.actions.editions import watch
from clcplus.jobs import runner
from clcplus.models import Edition, Layer, Run, WatchedFile
from tests.rasters import write_raster
from tests.region import NORTH, SIDE, WEST, Region
from tests.runs import drain, load_zones

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store", "quiet_broker")]

MOSAIC = "CLMS_CLCplus_RASTER_{}_010m_eu_03035_V1_1.tif"
TILE = "CLMS_CLCPLUS_RAS_S2023_R10m_{}_03035_V01_R00.tif"
HALF = SIDE // 2
CORNERS = {"E37N23": (0, 0), "E38N23": (0, HALF), "E37N22": (HALF, 0), "E38N22": (HALF, HALF)}


@pytest.fixture
def place(region: Region, tmp_path: Path) -> Iterator[Path]:
    load_zones(region)
    place = tmp_path / "watched"
    place.mkdir()
    with override_settings(
        CLCPLUS_WATCH=str(place), WATCH_STILL_SECONDS=0, CLCPLUS_INBOX=tmp_path / "inbox"
    ):
        yield place


def copy(region: Region, year: int, place: Path) -> Path:
    return Path(shutil.copy(region.edition(year), place / MOSAIC.format(year)))


def write_tiles(region: Region, place: Path, *, without: str = "") -> None:
    for name, (row, column) in CORNERS.items():
        if name != without:
            codes = region.codes[2023][row : row + HALF, column : column + HALF]
            write_raster(
                place / TILE.format(name),
                np.ascontiguousarray(codes),
                west=WEST + 10 * column,
                north=NORTH - 10 * row,
            )


def looked(times: int = 2) -> list[Run]:
    """The checks that the last of some looks has started."""
    outcomes = [watch.look() for _ in range(times)]
    return [taken.run for taken in outcomes[-1].taken if taken.run is not None]


def ingested(run: Run) -> Edition:
    runner.handle_work(run.kind, run.pk)
    run.refresh_from_db()
    assert run.state == Run.State.SUCCEEDED, run.message
    drain(Run.objects.get(pk=run.parameters["ingest"]))
    return Edition.objects.get(pk=run.edition_id)


def test_an_edition_that_lies_still_is_counted(place: Path, region: Region) -> None:
    copy(region, 2021, place)
    assert not looked(1)
    (run,) = looked(1)
    edition = ingested(run)
    assert (edition.year, edition.status) == (2021, Edition.Status.LOADED)
    # The same state is not taken again, though it lies there.
    assert not looked()
    assert Run.objects.filter(kind=Run.Kind.REGISTER).count() == 1


def test_the_same_content_anew_is_the_same_edition(place: Path, region: Region) -> None:
    path = copy(region, 2021, place)
    (run,) = looked()
    ingested(run)
    os.utime(path, ns=(1, 1))
    (again,) = looked()
    ingested(again)
    assert Edition.objects.count() == 1


def test_files_must_lie_still_for_a_time(place: Path, region: Region) -> None:
    copy(region, 2021, place)
    with override_settings(WATCH_STILL_SECONDS=300):
        assert not looked(3)
        WatchedFile.objects.update(since=timezone.now() - timedelta(seconds=301))
        assert len(looked(1)) == 1


def test_a_half_copied_file_is_taken_once_it_is_whole(place: Path, region: Region) -> None:
    whole = region.edition(2021).read_bytes()
    path = place / MOSAIC.format(2021)
    path.write_bytes(whole[: len(whole) // 2])
    (run,) = looked()
    runner.handle_work(run.kind, run.pk)
    run.refresh_from_db()
    # It lay still, but is no whole raster: nothing is registered.
    assert run.state == Run.State.FAILED
    assert not Edition.objects.exists()
    path.write_bytes(whole)
    (again,) = looked()
    assert ingested(again).year == 2021


def test_a_file_that_vanishes_or_changes_before_the_check(place: Path, region: Region) -> None:
    path = copy(region, 2021, place)
    (run,) = looked()
    shutil.copy(region.edition(2023), path)
    for _ in range(5):
        runner.handle_work(run.kind, run.pk)
    run.refresh_from_db()
    assert run.state == Run.State.FAILED
    assert "as it was" in run.message
    path.unlink()
    assert not looked()
    assert not WatchedFile.objects.exists()
    assert not Edition.objects.exists()


def test_of_two_editions_at_once_the_coast_comes_first(place: Path, region: Region) -> None:
    copy(region, 2018, place)
    copy(region, 2021, place)
    (run,) = looked()
    assert run.parameters["year"] == 2021
    assert not looked()
    runner.handle_work(run.kind, run.pk)
    # Registered, but not yet counted.
    assert not looked()
    run.refresh_from_db()
    drain(Run.objects.get(pk=run.parameters["ingest"]))
    (earlier,) = looked(1)
    assert ingested(earlier).coast == Edition.objects.get(year=2021)


def test_a_set_of_tiles_is_complete_when_it_has_those_of_the_last_edition(
    place: Path, region: Region
) -> None:
    copy(region, 2021, place)
    (run,) = looked()
    ingested(run)
    write_tiles(region, place, without="E37N22")
    outcome = [watch.look() for _ in range(2)][-1]
    assert not outcome.taken
    assert "E37N22" in outcome.look.waiting[0].reason
    write_tiles(region, place)
    (run,) = looked()
    edition = ingested(run)
    assert edition.year == 2023
    assert len(edition.sources) == 4


def test_tiles_without_a_territory_are_left_out(place: Path, region: Region) -> None:
    write_tiles(region, place)
    (place / TILE.format("E60N50")).write_bytes(b"II*\0 of no use")
    (run,) = looked()
    assert len(run.parameters["watched"]["files"]) == 4
    assert len(ingested(run).sources) == 4
    assert not looked()


def test_without_a_territory_nothing_is_read(place: Path, region: Region) -> None:
    Layer.objects.all().delete()
    copy(region, 2021, place)
    write_tiles(region, place)
    outcome = [watch.look() for _ in range(2)][-1]
    assert not outcome.taken
    assert all("zones are imported first" in w.reason for w in outcome.look.waiting)
    load_zones(region)
    assert len(looked(1)) == 2


def test_a_raster_that_only_points_to_another_is_refused(place: Path, region: Region) -> None:
    name = place / MOSAIC.format(2021)
    name.write_text(
        f'<VRTDataset rasterXSize="60" rasterYSize="60"><VRTRasterBand dataType="Byte" band="1">'
        f"<SimpleSource><SourceFilename>{region.edition(2021)}</SourceFilename></SimpleSource>"
        "</VRTRasterBand></VRTDataset>"
    )
    (run,) = looked()
    runner.handle_work(run.kind, run.pk)
    run.refresh_from_db()
    assert run.state == Run.State.FAILED
    assert "expected a TIFF" in run.message
    assert not Edition.objects.exists()


def test_what_does_not_fit_is_logged_once(
    place: Path, region: Region, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.INFO, logger="clcplus.actions.editions.watch")
    copy(region, 2021, place).rename(place / MOSAIC.format(2025))
    (place / "notes.txt").write_text("x")
    (place / MOSAIC.format(2018)).symlink_to(tmp_path / "elsewhere.tif")
    for _ in range(3):
        assert not looked(1)
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 3
    assert sum("the year 2025" in line for line in said) == 1
    (place / "notes.txt").write_text("other")
    assert not looked(1)
    assert len(caplog.records) == 4


def test_a_preview_changes_nothing(place: Path, region: Region) -> None:
    copy(region, 2021, place)
    watch.look()
    for _ in range(2):
        outcome = watch.preview()
        assert [taken.run for taken in outcome.taken] == [None]
    assert not Run.objects.exists()
    assert not WatchedFile.objects.filter(taken=True).exists()


def test_the_command_says_what_is_there(place: Path, region: Region) -> None:
    def said(*arguments: str) -> str:
        out = StringIO()
        call_command("look_for_editions", *arguments, stdout=out)
        return out.getvalue()

    assert "nothing new" in said()
    copy(region, 2021, place)
    (place / "notes.txt").write_text("x")
    assert "waits" in said()
    assert "would be taken" in said("--dry-run")
    text = said()
    assert str(Run.objects.get().pk) in text
    assert "notes.txt: left alone" in text


def test_without_a_place_the_schedule_rests_and_the_command_says_so() -> None:
    with override_settings(CLCPLUS_WATCH=""):
        tasks.look_for_editions()
        with pytest.raises(CommandError, match="CLCPLUS_WATCH"):
            call_command("look_for_editions")


def test_a_place_that_is_away_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    with override_settings(CLCPLUS_WATCH="/nowhere/at/all"):
        tasks.look_for_editions()
        with pytest.raises(CommandError, match="/nowhere"):
            call_command("look_for_editions")
    assert "the watched place" in caplog.text
