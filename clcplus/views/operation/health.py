"""Whether the process lives, and whether it can serve."""

from __future__ import annotations

import functools
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from sqlalchemy.exc import SQLAlchemyError

from analytics import queries
from clcplus.database import read_side
from clcplus.http.problems import problem
from clcplus.monitoring import job_measures, life_signs

logger = logging.getLogger(__name__)

_STORE_SECONDS = 2
_FAILURES = (
    DatabaseError,
    SQLAlchemyError,
    redis.RedisError,
    OSError,
    ValueError,
    ImproperlyConfigured,
)


class Missing(Exception):
    """Something that the platform needs before it can serve."""


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Whether the process answers at all; asks nobody else."""
    return HttpResponse("ok\n", content_type="text/plain")


@functools.cache
def _migrated() -> bool:
    """Whether no migration is left to apply; remembered once it is so, as the code stays."""
    executor = MigrationExecutor(connection)
    left = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if left:
        names = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _ in left)
        raise Missing(f"migrations to apply: {names}")
    return True


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _read_side() -> None:
    with read_side.snapshot() as snapshot:
        queries.data_version(snapshot)


def _redis() -> None:
    with life_signs.client() as server:
        server.ping()


def _store() -> None:
    """A bucket answers; a folder can be read, once there is an edition that lies in it."""
    parts = urlsplit(str(settings.RASTER_STORE))
    if parts.scheme == "s3":
        _bucket(parts.netloc)
        return
    folder = Path(parts.path)
    if folder.is_dir():
        if not os.access(folder, os.R_OK | os.X_OK):
            raise Missing("the folder of the raster store cannot be read")
        return
    with read_side.snapshot() as snapshot:
        if queries.editions(snapshot):
            raise Missing("the folder of the raster store does not exist")


def _bucket(name: str) -> None:
    # Not imported where the store is a folder: it takes 0.3 s.
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        _bucket_client().head_bucket(Bucket=name)
    except (BotoCoreError, ClientError) as error:
        logger.warning("not ready: raster store: %s", error)
        raise Missing("the bucket of the raster store cannot be reached") from None


@functools.cache
def _bucket_client() -> Any:
    """A client that gives up soon: whoever asks whether the site is ready asks again."""
    import boto3
    from botocore.config import Config

    soon = Config(
        connect_timeout=_STORE_SECONDS,
        read_timeout=_STORE_SECONDS,
        retries={"total_max_attempts": 1},
    )
    return boto3.client("s3", config=soon)


def _idle_queues() -> dict[str, str]:
    """Queues that no worker serves: pages are served all the same, but jobs wait."""
    try:
        served = life_signs.workers(job_measures.queues())
    except (redis.RedisError, OSError):
        return {}  # Redis itself is among what is missing
    return {f"queue {queue}": "no worker serves it" for queue in served if not served[queue]}


CHECKS: dict[str, Callable[[], object]] = {
    "database": _database,
    "migrations": lambda: _migrated(),
    "read side": _read_side,
    "redis": _redis,
    "raster store": _store,
}


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """200 where everything that serving needs is there; else 503, and what is missing. Queues that
    no worker serves are warnings in both."""
    missing = {}
    for name, check in CHECKS.items():
        try:
            check()
        except Missing as error:
            missing[name] = str(error)
        except _FAILURES as error:
            # The reader is told what, the log also why: it may name hosts and paths.
            logger.warning("not ready: %s: %s", name, error)
            missing[name] = f"the {name} cannot be reached"
    warnings = _idle_queues()
    if missing:
        return problem(
            503, f"not ready: {'; '.join(missing.values())}", missing=missing, warnings=warnings
        )
    return JsonResponse({"status": "ready", "checks": list(CHECKS), "warnings": warnings})
