"""The command of ingest, with a real Celery worker."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from clcplus.models import Edition, Run, Unit, ZoneStatistics
from tests.region import Region
from tests.runs import load_zones
from tests.workers import environment, worker

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("store", "empty_queue"),
]


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
    assert Run.objects.filter(kind=Run.Kind.INGEST).count() == 1
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
