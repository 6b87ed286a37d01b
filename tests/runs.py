"""Runs in tests, done at once in this process; and what fills the platform with a region."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import override_settings

from clcplus.actions.editions import registration
from clcplus.actions.territories import zones
from clcplus.database import read_side
from clcplus.jobs import kinds, runner
from clcplus.models import Edition, Run, Unit
from tests.region import Region


def work_unit(number: int) -> bool:
    """Do a unit of a run in this process; whether it is done now."""
    return runner.work(Unit.objects.get(pk=number).run.kind, number)


def drain(run: Run) -> Run:
    """Do a run's units and finalise it, as a worker would, until it has ended."""
    for _ in range(5):
        for number in Unit.objects.filter(run=run, state="queued").values_list("pk", flat=True):
            assert work_unit(number)
        runner.finish(run.kind, run.pk)
        run.refresh_from_db()
        if run.state not in ("queued", "running"):
            return run
    raise AssertionError(f"{run} does not end")


def go_on() -> bool:
    """Do all that is open once, as workers and the schedule do; whether there was anything."""
    runner.plan_missed()
    found = False
    for kind in kinds.all_kinds():
        for job in kind.records.open_jobs(quiet_since=None):
            found = True
            for number in kind.records.waiting(job):
                runner.handle_work(kind.name, number)
            runner.handle_finish(kind.name, job)
    return found


def drain_all() -> None:
    """Do all jobs in this process, until none is open."""
    for _ in range(20):
        if not go_on():
            return
    raise AssertionError("jobs do not end")


def load_zones(region: Region, *, vintage: int = 2024) -> None:
    """Import the communes of a region and dissolve the levels above."""
    zones.import_zones(
        paths=[region.communes],
        level="commune",
        vintage=vintage,
        code_field="code",
        name_field="name",
        parent_field="parent",
    )
    zones.dissolve_zones(
        path=region.departements,
        level="departement",
        from_level="commune",
        vintage=vintage,
        parent_field="region",
    )
    zones.dissolve_zones(
        path=region.regions, level="region", from_level="departement", vintage=vintage
    )


@contextmanager
def committed(
    region: Region, *, store: Path, years: tuple[int, ...] = (2021, 2018, 2023)
) -> Iterator[Region]:
    """The region with its zones and editions in a store of its own, for the tests of a module; the
    database is empty again afterwards."""
    with (
        override_settings(RASTER_STORE=str(store)),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr("clcplus.jobs.queue.send", lambda *_, **__: None)
        load_zones(region)
        load_editions(region, years)
        cache.clear()
        yield region
        read_side.dispose()
        call_command("flush", interactive=False, verbosity=0)


def register(region: Region, year: int, *, publish: bool = True, **options: Any) -> Run:
    """Check an edition of a region and register it."""
    sources = registration.check_sources(paths=[region.edition(year)], product="clcplus", year=year)
    return registration.register_edition(
        sources=sources, product="clcplus", year=year, publish=publish, **options
    )


def load_editions(
    region: Region, years: tuple[int, ...] = (2021, 2018, 2023)
) -> dict[int, Edition]:
    """Ingest editions of a region one after the other and publish them."""
    loaded = {}
    for year in years:
        run = drain(register(region, year))
        assert run.state == Run.State.SUCCEEDED, run.message
        loaded[year] = run.edition
    return {year: Edition.objects.get(pk=edition.pk) for year, edition in loaded.items()}
