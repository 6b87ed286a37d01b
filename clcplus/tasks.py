"""Celery tasks: the runner's steps, and what the schedule calls."""

from __future__ import annotations

import logging
from typing import Any

from celery import shared_task
from celery.signals import worker_init, worker_ready
from django.conf import settings
from django.db import connections

from analytics.change import tile_pass
from analytics.custom_zones import load_kernels
from analytics.errors import ExplainedError
from analytics.patches import kernels as patch_kernels
from analytics.uploads import confinement
from clcplus.actions import reports, unused_files
from clcplus.actions.editions import watch
from clcplus.jobs import faults, kinds, runner
from clcplus.monitoring import life_signs

logger = logging.getLogger(__name__)


@shared_task
def work(kind: str, number: int | str, *, tries: int = 0) -> None:
    """Do a unit of work."""
    runner.handle_work(kind, number, tries=tries)


@shared_task
def finish(kind: str, job: str, *, tries: int = 0) -> None:
    """End a job whose units have all ended."""
    runner.handle_finish(kind, job, tries=tries)


@shared_task
def take_up_jobs() -> None:
    """Queue again what a lost message, a dead worker or an outage left undone."""
    life_signs.note_schedule()
    try:
        runner.take_up()
        runner.plan_missed()
    except faults.DATABASE as error:
        if not faults.is_outage(error):
            raise
        logger.warning("the database cannot be reached (%s): the next look comes", error)


@shared_task
def look_for_editions() -> None:
    """Take editions that were copied into the watched place."""
    try:
        watch.look()
    except ExplainedError as error:
        logger.warning("the watched place: %s", error)


@shared_task
def remove_old_reports() -> None:
    """Make room: a report that is asked for again is made again."""
    reports.remove_old_reports()


@shared_task
def remove_unused_files() -> None:
    """Make room: remove files in the store that nothing refers to any more."""
    unused_files.remove()


@worker_init.connect
def _prepare(sender: Any, **_: Any) -> None:
    """Load the kinds of jobs, start what readers are forked from, and load what counts tiles and
    zones. All this before the worker forks: its processes share it, and no job waits for it."""
    kinds.all_kinds()
    queues = sender.app.amqp.queues.consume_from
    if kinds.find("ingest").queue in queues:
        tile_pass.load_kernels()
        patch_kernels.load_kernels()
    if kinds.find("upload").queue not in queues:
        return
    load_kernels()
    lacking = confinement.lacking()
    if lacking is None or settings.UPLOADS_WITHOUT_SANDBOX:
        confinement.start()
    if lacking is not None:
        logger.error("uploads: found %s; expected %s", lacking, confinement.NEEDED)


@worker_ready.connect
def _take_up_work(**_: Any) -> None:
    try:
        taken_up = runner.take_up(at_once=True)
        if taken_up:
            logger.info("%s units were left undone and are queued again", taken_up)
    except faults.DATABASE as error:
        logger.warning("the database cannot be reached yet (%s): the schedule will resume", error)
    finally:
        connections.close_all()
