"""Whether the process lives, and whether it can serve."""

from __future__ import annotations

import functools
import logging
import os
from collections.abc import Callable
from pathlib import Path
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
from clcplus import reading
from clcplus.http.problems import problem

logger = logging.getLogger(__name__)

_REDIS_SECONDS = 2
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
    with reading.snapshot() as snapshot:
        queries.data_version(snapshot)


def _redis() -> None:
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=_REDIS_SECONDS, socket_timeout=_REDIS_SECONDS
    )
    with client:
        client.ping()


def _store() -> None:
    """A store in a folder can be read, once there is an edition that lies in it."""
    parts = urlsplit(str(settings.RASTER_STORE))
    if parts.scheme not in {"", "file"}:
        return
    folder = Path(parts.path)
    if folder.is_dir():
        if not os.access(folder, os.R_OK | os.X_OK):
            raise Missing("the folder of the raster store cannot be read")
        return
    with reading.snapshot() as snapshot:
        if queries.editions(snapshot):
            raise Missing("the folder of the raster store does not exist")


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
    """200 where everything that serving needs is there; else 503, and what is missing."""
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
    if missing:
        return problem(503, f"not ready: {'; '.join(missing.values())}", missing=missing)
    return JsonResponse({"status": "ready", "checks": list(CHECKS)})
