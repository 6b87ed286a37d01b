"""Ingest by real Celery workers, and what happens when they die."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from celery import current_app

from clcplus.models import Edition, Run, Unit, ZoneChange, ZoneSeries, ZoneStatistics
from tests.region import Region
from tests.running import environment, kill, load_zones, register, wait_for, worker

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("store", "empty_queue"),
]


def ended(run: Run) -> bool:
    run.refresh_from_db()
    return run.state in (Run.State.SUCCEEDED, Run.State.FAILED)


def begun(run: Run, units: int) -> bool:
    return ended(run) or (run.state == Run.State.RUNNING and run.units_done >= units)


def all_figures() -> tuple[list, list, list]:
    statistics = ZoneStatistics.objects.order_by("edition__year", "zone__code").values_list(
        "edition__year", "zone__code", "cells"
    )
    change = ZoneChange.objects.order_by("earlier__year", "later__year", "zone__code").values_list(
        "earlier__year", "later__year", "zone__code", "matrix"
    )
    years = dict(Edition.objects.values_list("pk", "year"))
    series = [
        (code, tile, [(years[abs(number)], number > 0) for number in pattern], cells)
        for code, tile, pattern, cells in ZoneSeries.objects.values_list(
            "zone__code", "tile", "pattern", "cells"
        )
        # Editions that were removed leave patterns that nobody asks for.
        if all(abs(number) in years for number in pattern)
    ]
    return list(statistics), list(change), sorted(series)


def ingest_undisturbed(region: Region, log: Path) -> tuple[list, list, list]:
    with worker(log=log):
        for year in (2021, 2023):
            run = register(region, year)
            wait_for(partial(ended, run), what=f"edition {year}")
            assert run.state == Run.State.SUCCEEDED, run.message
    return all_figures()


def test_a_worker_that_is_killed_at_any_moment_leaves_the_same_numbers(
    region: Region, tmp_path: Path
) -> None:
    load_zones(region)
    expected = ingest_undisturbed(region, tmp_path / "undisturbed.log")
    assert len(expected[0]) == 24
    assert len(expected[2]) > 24
    Edition.objects.all().delete()

    kills = 0
    for year in (2021, 2023):
        run = register(region, year)
        # Killed as soon as it has begun, then after the first tile, after the second, …
        for units in range(4):
            with worker(log=tmp_path / "killed.log", processes=1) as process:
                wait_for(partial(begun, run, units), what=f"{units} tiles")
                if not ended(run):
                    kill(process)
                    kills += 1
        with worker(log=tmp_path / "killed.log"):
            wait_for(partial(ended, run), what="the rest")
        assert run.state == Run.State.SUCCEEDED, run.message
    assert kills >= 4
    assert all_figures() == expected
    for code in region.zones:
        row = ZoneStatistics.objects.get(zone__code=code, edition__year=2021)
        assert sum(row.cells) == region.masks[code].sum()


def test_messages_that_the_broker_lost_are_queued_again(region: Region, tmp_path: Path) -> None:
    load_zones(region)
    run = register(region, 2021)
    current_app.control.purge()
    with worker(log=tmp_path / "worker.log"):
        wait_for(partial(ended, run), what="the run")
    assert run.state == Run.State.SUCCEEDED
    assert (run.units_done, run.percent) == (4, 100)
    assert run.cells_per_second is not None


def test_two_ingests_of_one_file_at_once_give_one_edition(region: Region, tmp_path: Path) -> None:
    load_zones(region)
    command = [
        sys.executable, "manage.py", "ingest_edition", str(region.edition(2021)),
        "--year", "2021", "--publish",
    ]  # fmt: skip
    with worker(log=tmp_path / "worker.log"):
        both = [
            subprocess.Popen(
                command,
                env=environment(),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(2)
        ]
        outputs = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    edition = Edition.objects.get()
    assert edition.status == Edition.Status.PUBLISHED
    assert Run.objects.count() == 1
    assert Unit.objects.filter(state=Unit.State.DONE).count() == 4
    for code in region.zones:
        row = ZoneStatistics.objects.get(zone__code=code)
        assert row.sealed == region.counts(code, 2021).get(1, 0)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["nowhere.tif", "--year", "2021"], "nowhere.tif: found nothing; expected a raster file"),
        (
            ["{edition}", "--year", "2018"],
            "2021.tif: found code 253 in 180 cells; expected codes 1",
        ),
    ],
)
def test_bad_input_is_one_clear_line(region: Region, arguments: list[str], line: str) -> None:
    words = [a.format(edition=region.edition(2021)) for a in arguments]
    done = subprocess.run(
        [sys.executable, "manage.py", "ingest_edition", *words],
        env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert line in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not Edition.objects.exists()


def test_bad_usage_is_exit_2() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "ingest_edition"],
        env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
