"""Receive an uploaded file: keep it in the store, and have it checked by a worker."""

from __future__ import annotations

import hashlib
import json
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from analytics.store import open_store
from analytics.uploads.errors import LimitMet
from analytics.uploads.limits import MEGABYTE, Limits
from analytics.uploads.records import Choice
from clcplus import locks
from clcplus.actions import runs
from clcplus.actions.zone_sets import audit
from clcplus.errors import QuotaReached
from clcplus.models import AuditEntry, ZoneSet

TASK = "clcplus.tasks.check_upload"
_NAMESPACE = uuid.UUID("5b0f6a52-6f2c-5b63-9f0e-6f8f6a3f7a10")
_CHUNK = 1 << 20
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Received:
    """The set of an upload, and whether it is new."""

    zone_set: ZoneSet
    created: bool


def limits() -> Limits:
    """How much an upload may be, as the platform is configured."""
    return Limits(
        file_bytes=settings.UPLOAD_MEGABYTES * MEGABYTE,
        features=settings.UPLOAD_ZONES,
        vertices=settings.UPLOAD_VERTICES,
        area_km2=float(settings.UPLOAD_KM2),
    )


def receive(
    *,
    owner: Any,
    source: BinaryIO,
    file_name: str,
    kind: ZoneSet.Kind,
    choice: Choice,
    name: str = "",
    acceptance: ZoneSet.Acceptance = ZoneSet.Acceptance.ASK,
    another: int = 0,
) -> Received:
    """Keep an upload and queue its check.

    The same owner, bytes and choices are the same set, unless ``another`` tells them apart; one
    that was refused is checked again.

    Raises QuotaReached, LimitMet (``file-size``) or StoreError.
    """
    plain_name = _plain(Path(file_name.replace("\\", "/")).name)[:200] or "zones"
    with _written(source) as (path, sha256, size):
        number = identity(owner_id=owner.pk, sha256=sha256, choice=choice, another=another)
        found = ZoneSet.objects.filter(pk=number).first()
        if found is not None and found.stage != ZoneSet.Stage.REFUSED:
            return Received(found, created=False)
        if found is None:
            # Asked before the file travels on, and again where nobody can come between.
            _check_quotas(owner)
        zone_set = ZoneSet(
            pk=number,
            owner=owner,
            name=_plain(name).strip()[:80] or Path(plain_name).stem[:80] or plain_name[:80],
            kind=kind,
            acceptance=acceptance,
            file_name=plain_name,
            file_bytes=size,
            sha256=sha256,
            choice=asdict(choice),
        )
        open_store(settings.RASTER_STORE).put(path, zone_set.upload_key)
    with transaction.atomic():
        locks.lock_until_commit(locks.Kind.ACCOUNT, owner.pk)
        found = ZoneSet.objects.select_for_update().filter(pk=number).first()
        if found is None:
            _check_quotas(owner)
            zone_set.save(force_insert=True)
            audit.note(AuditEntry.Event.UPLOADED, zone_set, by=owner, file=plain_name, bytes=size)
        elif found.stage == ZoneSet.Stage.REFUSED:
            zone_set = found
            zone_set.stage = ZoneSet.Stage.CHECKING
            zone_set.attempts = zone_set.percent = 0
            zone_set.acceptance = acceptance
            zone_set.save()
        else:
            return Received(found, created=False)
        transaction.on_commit(lambda: runs.send(TASK, str(number)))
    return Received(zone_set, created=found is None)


def identity(*, owner_id: int, sha256: str, choice: Choice, another: int = 0) -> uuid.UUID:
    """The id of an upload's set."""
    said = json.dumps(asdict(choice), sort_keys=True)
    return uuid.uuid5(_NAMESPACE, f"{owner_id}\n{sha256}\n{said}\n{another}")


@contextmanager
def _written(source: BinaryIO) -> Iterator[tuple[Path, str, int]]:
    """An upload as a file, with the hash and the number of its bytes."""
    most = limits().file_bytes
    digest, size = hashlib.sha256(), 0
    with tempfile.TemporaryDirectory(prefix="clcplus-upload-") as folder:
        path = Path(folder, "file")
        with path.open("wb") as target:
            while chunk := source.read(_CHUNK):
                size += len(chunk)
                if size > most:
                    raise LimitMet(
                        "file-size",
                        found=f"more than {most // MEGABYTE} MB",
                        expected=f"at most {most // MEGABYTE} MB",
                        hint="Simplify the outlines, or split the file",
                    )
                digest.update(chunk)
                target.write(chunk)
        yield path, digest.hexdigest(), size


def _check_quotas(owner: Any) -> None:
    """Raises QuotaReached where an account may not upload any more."""
    kept = ZoneSet.objects.filter(owner=owner)
    number = kept.count()
    if number >= settings.ZONE_SETS_PER_ACCOUNT:
        raise QuotaReached(
            "zone sets",
            found=f"{number} sets of this account",
            expected=f"fewer than {settings.ZONE_SETS_PER_ACCOUNT}",
            hint="Delete one that is no longer needed",
        )
    zones = kept.aggregate(total=Sum("layer__zones_total"))["total"] or 0
    if zones >= settings.ZONES_PER_ACCOUNT:
        raise QuotaReached(
            "zones",
            found=f"{zones} zones of this account",
            expected=f"fewer than {settings.ZONES_PER_ACCOUNT}",
            hint="Delete a set that is no longer needed",
        )
    now = timezone.now()
    uploads = AuditEntry.objects.filter(
        by=owner, event=AuditEntry.Event.UPLOADED, at__gt=now - _HOUR
    ).order_by("at")
    if settings.UPLOADS_PER_HOUR and uploads.count() >= settings.UPLOADS_PER_HOUR:
        first = uploads.values_list("at", flat=True)[0]
        raise QuotaReached(
            "uploads",
            found=f"{uploads.count()} uploads within an hour",
            expected=f"at most {settings.UPLOADS_PER_HOUR}",
            hint="Wait a little",
            retry_seconds=max(1, int((first + _HOUR - now).total_seconds()) + 1),
        )


def _plain(text: str) -> str:
    """A name without signs that no eye can see."""
    return "".join(sign for sign in text if sign.isprintable())
