"""What the database and Redis know of jobs, editions and workers, for Prometheus.

Each web server of a system answers the same here: read them with ``max``, not ``sum``. A part that
cannot be read has ``clcplus_scrape_part_up`` 0 and no other figure: nothing is told as 0 that is
not known.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime

import redis
from django.db import DatabaseError, connection, transaction
from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from clcplus.jobs import faults, kinds
from clcplus.jobs.records import DividedRuns, UndividedJobs
from clcplus.jobs.states import OPEN, State, UnitState
from clcplus.models import Edition, Run, UnitTally
from clcplus.monitoring import life_signs

logger = logging.getLogger(__name__)

_STATEMENT_MS = 2000


def queues() -> list[str]:
    """Queues of all kinds."""
    return sorted({kind.queue for kind in kinds.all_kinds()})


class JobMeasures(Collector):
    """Figures that are read anew at each scrape."""

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily(
            "clcplus_scrape_part_up", "1 if this part of the figures can be read.", labels=["part"]
        )
        for part, read, failures in _PARTS:
            try:
                found = list(read())
            except failures as error:
                logger.warning("metrics of the %s: %s", part, error)
                up.add_metric([part], 0)
            else:
                up.add_metric([part], 1)
                yield from found
        yield up


class _Jobs:
    """Jobs by kind and state, units to be done by queue, and since when the oldest job waits."""

    def __init__(self) -> None:
        self._queues = {kind.name: kind.queue for kind in kinds.all_kinds()}
        self.jobs: Counter[tuple[str, str]] = Counter()
        self.units: Counter[str] = Counter()
        self.waiting_since: dict[str, datetime] = {}

    def add(self, kind: str, state: str, number: int, since: datetime | None) -> None:
        if kind not in self._queues:
            return
        self.jobs[kind, state] += number
        queue = self._queues[kind]
        if state == State.QUEUED and since is not None:
            self.waiting_since[queue] = min(since, self.waiting_since.get(queue, since))

    def add_units(self, kind: str, number: int) -> None:
        if kind in self._queues:
            self.units[self._queues[kind]] += number

    def families(self) -> Iterator[Metric]:
        jobs = GaugeMetricFamily(
            "clcplus_jobs", "Jobs by kind and state.", labels=["kind", "state"]
        )
        for kind in self._queues:
            for state in State.values:
                jobs.add_metric([kind, state], self.jobs[kind, state])
        yield jobs
        units = GaugeMetricFamily(
            "clcplus_queue_units",
            "Units of open jobs that are to be done, those in work among them.",
            labels=["queue"],
        )
        oldest = GaugeMetricFamily(
            "clcplus_queue_oldest_seconds",
            "Time for which the oldest job waits that no worker has begun; 0 without one.",
            labels=["queue"],
        )
        now = timezone.now()
        for queue in queues():
            since = self.waiting_since.get(queue, now)
            units.add_metric([queue], self.units[queue])
            oldest.add_metric([queue], max(0.0, (now - since).total_seconds()))
        yield units
        yield oldest


def _jobs() -> Iterator[Metric]:
    jobs = _Jobs()
    undivided = {
        kind.name: kind.records
        for kind in kinds.all_kinds()
        if isinstance(kind.records, UndividedJobs)
    }
    runs = Run.objects.order_by().values_list("kind", "state")
    for kind, state, number, since in runs.annotate(number=Count("pk"), since=Min("queued_at")):
        jobs.add(kind, state, number, since)
        if kind in undivided and state in OPEN:
            jobs.add_units(kind, number)
    for kind, records in undivided.items():
        if records.model is not Run:
            _add_undivided(jobs, kind, records)
    for model in {k.records.units for k in kinds.all_kinds() if isinstance(k.records, DividedRuns)}:
        waiting = model.objects.filter(state=UnitState.QUEUED, run__state__in=OPEN).order_by()
        for kind, number in waiting.values_list("run__kind").annotate(number=Count("pk")):
            jobs.add_units(kind, number)
    yield from jobs.families()


def _add_undivided(jobs: _Jobs, kind: str, records: UndividedJobs) -> None:
    """Jobs that are no runs."""
    rows = records.model._default_manager.order_by()
    runs_unseen = State.RUNNING not in records.states.values()
    grouped = rows.values_list(records.state, "attempts")
    for own, attempts, number, since in grouped.annotate(
        number=Count("pk"), since=Min(records.since)
    ):
        state = records.states[own]
        if state == State.QUEUED and attempts and runs_unseen:
            state = State.RUNNING
        jobs.add(kind, state, number, since)
    jobs.add_units(kind, rows.filter(records.open).count())


def _tally() -> Iterator[Metric]:
    units = CounterMetricFamily(
        "clcplus_units", "Units that workers have ended.", labels=["kind", "outcome"]
    )
    seconds = CounterMetricFamily(
        "clcplus_unit_seconds", "Seconds of work of the units that are done.", labels=["kind"]
    )
    rows = {(row.kind, row.outcome): row for row in UnitTally.objects.all()}
    for kind in kinds.names():
        for outcome in UnitTally.Outcome.values:
            row = rows.get((kind, outcome))
            units.add_metric([kind, outcome], row.units if row else 0)
        done = rows.get((kind, UnitTally.Outcome.DONE))
        seconds.add_metric([kind], done.seconds if done else 0)
    yield units
    yield seconds


def _editions() -> Iterator[Metric]:
    editions = GaugeMetricFamily("clcplus_editions", "Editions by status.", labels=["status"])
    by_status = Edition.objects.order_by().values_list("status").annotate(number=Count("pk"))
    found = dict(by_status)
    for status in Edition.Status.values:
        editions.add_metric([status], found.get(status, 0))
    yield editions


def _database() -> Iterator[Metric]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {_STATEMENT_MS}")
        yield from _jobs()
        yield from _tally()
        yield from _editions()


def _redis() -> Iterator[Metric]:
    workers = GaugeMetricFamily(
        "clcplus_workers", "Living workers that serve a queue.", labels=["queue"]
    )
    for queue, number in life_signs.workers(queues()).items():
        workers.add_metric([queue], number)
    yield workers
    age = life_signs.schedule_age()
    if age is not None:
        yield GaugeMetricFamily(
            "clcplus_schedule_age_seconds", "Time since the schedule has last looked.", value=age
        )


_PARTS: tuple[tuple[str, Callable[[], Iterator[Metric]], tuple[type[Exception], ...]], ...] = (
    ("database", _database, (DatabaseError, *faults.DATABASE)),
    ("redis", _redis, (redis.RedisError, OSError)),
)
