"""Received files: kept in the store, and checked by a worker."""

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
from django.db.models import QuerySet, Sum
from django.utils import timezone

from analytics.rasters import open_store
from analytics.uploads import MEGABYTE, Choice, LimitMet, Limits
from clcplus import locks
from clcplus.actions.zone_sets.question_answers import KIND, answer
from clcplus.actions.zone_sets.set_rows import log, name_of, visible
from clcplus.errors import QuotaReached
from clcplus.jobs import queue
from clcplus.models import AuditEntry, ZoneSet

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
    from_operator: bool = False,
) -> Received:
    """Keep an upload and queue its check.

    The same owner, bytes and choices are the same set. A refused set is checked again. Further
    choices for a file that waits with a question answer it. Every call counts as an upload of the
    owner, unless it comes from an operator on the command line.

    Raises QuotaReached, LimitMet (``file-size``) or StoreError.
    """
    plain_name = visible(Path(file_name.replace("\\", "/")).name)[:200] or "zones"
    by = None if from_operator else owner
    _check_rate(by)
    with _written(source) as (path, sha256, size):
        zone_set = ZoneSet(
            pk=_identity(owner_id=owner.pk, sha256=sha256, choice=choice),
            owner=owner,
            name=name_of(name) or Path(plain_name).stem[:80] or plain_name[:80],
            kind=kind,
            acceptance=acceptance,
            file_name=plain_name,
            file_bytes=size,
            sha256=sha256,
            choice=asdict(choice),
        )
        found = _known(ZoneSet.objects.all(), zone_set)
        if found is None:
            # Checked before the file is stored, and again under the lock.
            _check_room(owner)
        put = found is None or found.stage == ZoneSet.Stage.REFUSED
        if put:
            _put(path, found or zone_set)
        with transaction.atomic():
            locks.lock_until_commit(locks.Kind.ACCOUNT, owner.pk)
            _check_rate(by)
            found = _known(ZoneSet.objects.select_for_update(), zone_set)
            if found is None:
                _check_room(owner)
                if not put:  # deleted just now
                    _put(path, zone_set)
                zone_set.save(force_insert=True)
                queue.send_waiting(KIND, zone_set.pk)
            else:
                _take_again(found, choice, acceptance)
            received = Received(found or zone_set, created=found is None)
            log(AuditEntry.Event.UPLOADED, received.zone_set, by=by, file=plain_name, bytes=size)
        if put and received.zone_set.pk != zone_set.pk:  # a set began to wait just now
            open_store(settings.RASTER_STORE).delete(zone_set.upload_key)
    return received


def _put(path: Path, zone_set: ZoneSet) -> None:
    open_store(settings.RASTER_STORE).put(path, zone_set.upload_key)


def _known(sets: QuerySet[ZoneSet], zone_set: ZoneSet) -> ZoneSet | None:
    """The known set of an upload: of its id, or of its bytes with equal or missing answers."""
    of_bytes = sets.filter(owner=zone_set.owner, sha256=zone_set.sha256)
    return (
        sets.filter(pk=zone_set.pk).first()
        or of_bytes.filter(choice=zone_set.choice).first()
        or of_bytes.filter(stage=ZoneSet.Stage.ASKING).first()
    )


def _take_again(found: ZoneSet, choice: Choice, acceptance: ZoneSet.Acceptance) -> None:
    """Check a set again that was refused, or whose question the new choice answers."""
    nothing = asdict(Choice())
    given = {name: value for name, value in asdict(choice).items() if value != nothing[name]}
    if "crs" in given:
        given.setdefault("insist", False)  # nobody has insisted on this one
    answered = {**found.choice, **given}
    refused = found.stage == ZoneSet.Stage.REFUSED
    if refused:
        ZoneSet.objects.filter(pk=found.pk).update(acceptance=acceptance)
    if refused or (found.stage == ZoneSet.Stage.ASKING and answered != found.choice):
        answer(zone_set=found, choice=Choice(**answered))
        found.refresh_from_db()


def _identity(*, owner_id: int, sha256: str, choice: Choice) -> uuid.UUID:
    """The id of an upload's set."""
    # Newer fields count only if they are set: sets from before they existed keep their id.
    newer = {"encoding": None, "insist": False}
    fields = {n: v for n, v in asdict(choice).items() if n not in newer or v != newer[n]}
    document = json.dumps(fields, sort_keys=True)
    return uuid.uuid5(_NAMESPACE, f"{owner_id}\n{sha256}\n{document}\n0")


@contextmanager
def _written(source: BinaryIO) -> Iterator[tuple[Path, str, int]]:
    """An upload as a temporary file, with the hash and the number of its bytes."""
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


def _check_room(owner: Any) -> None:
    """Raises QuotaReached if an account may keep no further set."""
    kept = ZoneSet.objects.filter(owner=owner)
    zones = kept.aggregate(total=Sum("layer__zones_total", default=0))["total"]
    for subject, noun, number, most, one in (
        ("zone sets", "sets", kept.count(), settings.ZONE_SETS_PER_ACCOUNT, "one"),
        ("zones", "zones", zones, settings.ZONES_PER_ACCOUNT, "a set"),
    ):
        if number >= most:
            raise QuotaReached(
                subject,
                found=f"{number} {noun} of this account",
                expected=f"fewer than {most}",
                hint=f"Delete {one} that is no longer needed",
            )


def _check_rate(by: Any | None) -> None:
    """Raises QuotaReached if an account has uploaded as much as it may in an hour."""
    if by is None:
        return
    now = timezone.now()
    uploads = AuditEntry.objects.filter(
        by=by, event=AuditEntry.Event.UPLOADED, at__gt=now - _HOUR
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
