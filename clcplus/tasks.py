"""Celery tasks: doors to the actions, with their retries."""

from __future__ import annotations

import logging
from typing import Any

from celery import Task, shared_task
from celery.exceptions import SoftTimeLimitExceeded
from celery.signals import worker_init, worker_ready
from django.conf import settings
from django.db import InterfaceError, OperationalError, connections
from sqlalchemy.exc import OperationalError as ReadingError

from analytics.custom_zones import batch
from analytics.errors import AnalyticsError, ExplainedError, StoreError
from analytics.uploads import readers, sandbox
from clcplus.actions import finalising, ingest_request, reports, runs, units
from clcplus.actions.predictions import working as predictions
from clcplus.actions.zone_sets import batches, checking, computing, counting
from clcplus.actions.zone_sets.answering import CHECK
from clcplus.errors import Outdated, PlatformError
from clcplus.models import Run, Unit

logger = logging.getLogger(__name__)

PASSING = (StoreError, OSError, OperationalError, InterfaceError)
"""Faults that may pass by themselves: a server or a drive that is away for a moment."""
ATTEMPTS = 5
UPLOADS = settings.CELERY_TASK_ROUTES[CHECK]["queue"]


@shared_task(bind=True, max_retries=ATTEMPTS - 1)
def work_unit(self: Task[Any, Any], unit_id: int) -> None:
    """Count one tile; its run is finalised after the last."""
    try:
        done = units.work(unit_id=unit_id)
    except PASSING as error:
        if self.request.retries < ATTEMPTS - 1:
            raise self.retry(exc=error, countdown=2**self.request.retries) from error
        runs.note_failure(unit_id=unit_id, reason=str(error))
        return
    except AnalyticsError as error:
        runs.note_failure(unit_id=unit_id, reason=str(error))
        return
    except Exception as error:
        runs.note_failure(unit_id=unit_id, reason=f"{type(error).__name__}: {error}")
        raise
    if done:
        run_id = Unit.objects.values_list("run_id", flat=True).get(pk=unit_id)
        if not Unit.objects.filter(run=run_id).exclude(state=Unit.State.DONE).exists():
            runs.send("clcplus.tasks.finalise_run", str(run_id))


@shared_task(bind=True, max_retries=ATTEMPTS - 1)
def finalise_run(self: Task[Any, Any], run_id: str) -> None:
    """Add up what a run counted, and publish where it was asked for."""
    try:
        finalising.finalise(run_id=run_id)
    except PASSING as error:
        if self.request.retries < ATTEMPTS - 1:
            raise self.retry(exc=error, countdown=2**self.request.retries) from error
        runs.fail_run(run_id=run_id, reason=str(error))
    except (AnalyticsError, PlatformError) as error:
        runs.fail_run(run_id=run_id, reason=str(error))
    except Exception as error:
        runs.fail_run(run_id=run_id, reason=f"{type(error).__name__}: {error}")
        raise


@shared_task
def register_requested(run_id: str) -> None:
    """Check the sources that an administrator named, and register them."""
    ingest_request.register(run_id=run_id)


@shared_task(bind=True, max_retries=ATTEMPTS - 1)
def predict_edition(self: Task[Any, Any], run_id: str) -> None:
    """Predict an edition from imagery, and hand it to the ingest."""
    try:
        predictions.work(run_id=run_id)
    except PASSING as error:
        if self.request.retries < ATTEMPTS - 1:
            raise self.retry(exc=error, countdown=2**self.request.retries) from error
        runs.fail_run(run_id=run_id, reason=str(error))
    except ExplainedError as error:
        runs.fail_run(run_id=run_id, reason=str(error))
    except Exception as error:
        runs.fail_run(run_id=run_id, reason=f"{type(error).__name__}: {error}")
        raise


@shared_task
def resume_runs() -> None:
    """Queue again what a lost message or a dead worker left undone."""
    runs.resume_runs()


@shared_task(bind=True, max_retries=reports.ATTEMPTS - 1, soft_time_limit=120, time_limit=150)
def make_report(self: Task[Any, Any], report_id: str) -> None:
    """Make a report; two minutes are forty times what one of the demonstration takes."""
    try:
        reports.make_report(report_id=report_id)
    except (*PASSING, ReadingError) as error:
        if self.request.retries < reports.ATTEMPTS - 1:
            raise self.retry(exc=error, countdown=2**self.request.retries) from error
        reports.fail_report(report_id=report_id, reason=reports.UNREACHABLE)
        logger.warning("report %s: %s", report_id, error)
    except Outdated:
        reports.fail_report(report_id=report_id, reason=reports.OUTDATED)
    except SoftTimeLimitExceeded:
        reports.fail_report(report_id=report_id, reason=reports.TOO_LONG)
    except Exception:
        # What was not foreseen is in the log, and tells a reader nothing.
        reports.fail_report(report_id=report_id, reason=reports.UNFORESEEN)
        raise


@shared_task(bind=True, max_retries=checking.ATTEMPTS - 1)
def check_upload(self: Task[Any, Any], zone_set_id: str) -> None:
    """Check an uploaded file; what it holds cannot make this fail, only the platform can."""
    try:
        checking.check(zone_set_id=zone_set_id)
    except (*PASSING, ReadingError) as error:
        logger.warning("upload %s: %s", zone_set_id, error)
        # Where that was the last time, the schedule comes back to it.
        raise self.retry(exc=error, countdown=2**self.request.retries) from error


@shared_task(bind=True, max_retries=ATTEMPTS - 1)
def count_zones(self: Task[Any, Any], batch_id: int) -> None:
    """Count a batch of custom zones; its run is finalised after the last."""
    try:
        done = computing.work(batch_id=batch_id)
    except (*PASSING, *counting.PASSING) as error:
        logger.warning("zones of batch %s: %s", batch_id, error)
        # Where that was the last time, the schedule comes back to it.
        raise self.retry(exc=error, countdown=2**self.request.retries) from error
    except Exception as error:
        batches.fail(batch_id=batch_id, reason=f"not foreseen ({type(error).__name__})")
        _finalise_zones_after(batch_id)
        raise
    if done:
        _finalise_zones_after(batch_id)


def _finalise_zones_after(batch_id: int) -> None:
    """Finalise the run of a batch if that was its last."""
    run = Run.objects.filter(batches=batch_id).first()
    if run is not None and not batches.left(run):
        runs.send("clcplus.tasks.finalise_zones", str(run.pk))


@shared_task(bind=True, max_retries=ATTEMPTS - 1)
def finalise_zones(self: Task[Any, Any], run_id: str) -> None:
    """End a run of custom zones."""
    try:
        computing.finalise(run_id=run_id)
    except PASSING as error:
        raise self.retry(exc=error, countdown=2**self.request.retries) from error
    except Exception as error:
        runs.fail_run(run_id=run_id, reason=f"{type(error).__name__}: {error}")
        raise


@shared_task
def resume_uploads() -> None:
    """Queue again the checks and the counts of zone sets that were left undone, or never begun."""
    checking.resume()
    computing.resume()
    computing.plan_missed()


@shared_task
def resume_reports() -> None:
    """Queue again the reports that a lost message or a dead worker left undone."""
    reports.resume_reports()


@shared_task
def remove_old_reports() -> None:
    """Make room: a report that is asked for again is made again."""
    reports.remove_old_reports()


@worker_init.connect
def _prepare_for_uploads(sender: Any, **_: Any) -> None:
    """Start what readers are forked from, and load what counts zones, before the worker forks: all
    its processes share them, and no upload waits for libraries."""
    if UPLOADS not in sender.app.amqp.queues.consume_from:
        return
    batch.load_kernels()
    lacking = sandbox.lacking()
    if lacking is None or settings.UPLOADS_WITHOUT_SANDBOX:
        readers.start()
    if lacking is not None:
        logger.error("uploads: found %s; expected %s", lacking, sandbox.NEEDED)


@worker_ready.connect
def _take_up_work(**_: Any) -> None:
    try:
        resumed = runs.resume_runs(at_once=True)
        if resumed:
            logger.info("%s units were left undone and are queued again", resumed)
        reports.resume_reports(at_once=True)
        checking.resume(at_once=True)
        computing.resume(at_once=True)
    except OperationalError as error:
        logger.warning("the database cannot be reached yet (%s): the schedule will resume", error)
    finally:
        connections.close_all()
