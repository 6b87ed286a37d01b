"""The platform as the benchmarks use it: a database of their own, a store, editions ingested."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.inputs import FOLDER
from tests.benchmarks.landscape import Pair
from tests.benchmarks.rows import Skipped

YEARS = (2021, 2023)


@contextmanager
def platform() -> Iterator[Path]:
    """An empty database with the platform's tables, and the folder of an empty store; both are
    gone afterwards. Raises Skipped where no server is named (``make bench`` names one)."""
    if "DATABASE_URL" not in os.environ:
        raise Skipped("there is no DATABASE_URL: run it by `make bench`")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clcplus.settings")
    os.environ.setdefault("SECRET_KEY", "of-benchmarks-only-" + "x" * 40)
    import django
    from django.apps import apps
    from django.test.utils import override_settings, setup_databases, teardown_databases

    if not apps.ready:
        django.setup()
    from clcplus.database import read_side
    from clcplus.jobs import queue

    FOLDER.mkdir(parents=True, exist_ok=True)
    databases = setup_databases(verbosity=0, interactive=False)
    # The benchmark does the work itself: no message is to wait for a worker.
    send, queue.send = queue.send, lambda *message, **options: None
    try:
        with (
            tempfile.TemporaryDirectory(prefix="store-", dir=FOLDER) as store,
            override_settings(RASTER_STORE=store),
        ):
            yield Path(store)
    finally:
        queue.send = send
        read_side.dispose()
        teardown_databases(databases, verbosity=0)


def ingest(pair: Pair) -> list[int]:
    """Ingest both editions of a pair whole, in this process; their ids, earlier first."""
    return ingest_files(pair.paths, years=YEARS)


def ingest_files(paths: Sequence[Path], *, years: Sequence[int]) -> list[int]:
    """Ingest editions whole, in this process; their ids in the same order."""
    from clcplus.actions.editions import registration
    from clcplus.jobs import runner
    from clcplus.models import Unit

    ids = []
    for path, year in zip(paths, years, strict=True):
        sources = registration.check_sources(paths=[path], product="clcplus", year=year)
        run = registration.register_edition(
            sources=sources, product="clcplus", year=year, publish=True, everything=True
        )
        for number in Unit.objects.filter(run=run).values_list("pk", flat=True):
            runner.work(run.kind, number)
        runner.finish(run.kind, run.pk)
        run.refresh_from_db()
        if run.edition_id is None or run.state != run.State.SUCCEEDED:
            raise RuntimeError(f"the ingest of {path.name} failed: {run.message}")
        ids.append(run.edition_id)
    return ids
