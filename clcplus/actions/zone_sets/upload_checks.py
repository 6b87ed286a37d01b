"""Checks of uploads, on a worker: in a confined process, then against the newest edition."""

from __future__ import annotations

import logging
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import shapely
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from analytics.errors import ExplainedError
from analytics.grid import Window
from analytics.rasters import open_store
from analytics.uploads import Choice, Finding, Reading, Severity, UploadError, confinement, to_json
from clcplus.actions.zone_sets import (
    observed_shares,
    received_files,
    sandbox,
    staged_zones,
    zone_acceptance,
)
from clcplus.actions.zone_sets.set_rows import log
from clcplus.database import locks
from clcplus.errors import QuotaReached, WrongState
from clcplus.jobs.kinds import Attempt
from clcplus.models import AuditEntry, Edition, EditionTile, ZoneSet

logger = logging.getLogger(__name__)

ATTEMPTS = 3
"""Attempts at a check: a file that has ended its worker so often would end the next one."""
_WRONG_ANSWERS = frozenset({"unknown-layer", "unknown-field", "unknown-reference-system"})
_MUCH = 0.05
"""Share of unobserved cells that is worth a warning."""


def check(attempt: Attempt) -> bool:
    """Check a set that waits for it. An unusable file is refused, which is no error."""
    zone_set = ZoneSet.objects.filter(pk=attempt.number).first()
    if zone_set is None:
        return False
    _move(zone_set, 5)
    try:
        return _check(zone_set)
    except UploadError as error:
        _refuse(zone_set, error)
        return True


def give_up(zone_set_id: Any) -> None:
    """Refuse a file that has ended its worker too often: it would end the next one."""
    zone_set = ZoneSet.objects.filter(pk=zone_set_id).first()
    if zone_set is not None:
        error = UploadError(
            "reader-died",
            found=f"a file at which the check broke off {ATTEMPTS} times",
            expected="a sound file",
            hint="Save it again, perhaps in another format",
        )
        _refuse(zone_set, error)


def _check(zone_set: ZoneSet) -> bool:
    """Read a file and store what was found. Raises UploadError."""
    upload = _read(zone_set)
    if upload.reading.question is not None:
        return _end(zone_set, ZoneSet.Stage.ASKING, reading=to_json(upload.reading), refusal=None)
    _move(zone_set, 50)
    reading = _observed(zone_set, upload)
    staged_zones.keep(zone_set, upload.zones)
    # One transaction, so that nobody sees a report that is about to be accepted.
    with transaction.atomic():
        locks.lock_until_commit(locks.Kind.ACCOUNT, zone_set.owner_id)
        kept = _end(zone_set, ZoneSet.Stage.REPORTED, reading=to_json(reading), refusal=None)
        if kept:
            # The wish may have changed meanwhile.
            zone_set.refresh_from_db(fields=("acceptance",))
            if zone_set.acceptance != ZoneSet.Acceptance.ASK:
                _accept(zone_set)
    return kept


def _read(zone_set: ZoneSet) -> confinement.Upload:
    content = open_store(settings.RASTER_STORE).read(zone_set.upload_key)
    with tempfile.TemporaryDirectory(prefix="clcplus-check-") as folder:
        path = Path(folder, "file")
        path.write_bytes(content)
        return confinement.read_upload(
            path,
            choice=Choice(**zone_set.choice),
            coverage=_coverage(),
            limits=received_files.limits(),
            confinement=sandbox.configured(),
        )


def _coverage() -> Any | None:
    """The area of the tiles of published editions, in EPSG:3035; None without a tile."""
    tiles = EditionTile.objects.filter(edition__status=Edition.Status.PUBLISHED)
    places = set(tiles.values_list("row", "column", "height", "width"))
    if not places:
        return None
    return shapely.union_all([shapely.box(*Window(*place).bounds) for place in sorted(places)])


def _observed(zone_set: ZoneSet, upload: confinement.Upload) -> Reading:
    """The reading, with the share of each zone that the newest edition has not observed."""
    report = upload.reading.report
    if report is None:
        raise AssertionError("a reading without a question has a report")
    shares = observed_shares.not_observed_shares(
        upload.zones, progress=lambda share: _move(zone_set, 50 + int(45 * share))
    )
    features = []
    for feature, share in zip(report.features, shares, strict=True):
        findings = feature.findings
        if share is not None and share > _MUCH:
            findings = (*findings, _unseen(share))
        features.append(replace(feature, not_observed_share=share, findings=findings))
    return replace(upload.reading, report=replace(report, features=tuple(features)))


def _unseen(share: float) -> Finding:
    return Finding(
        "not-observed",
        Severity.WARNING,
        f"{share:.1%} of its cells not observed in the newest edition",
        f"at most {_MUCH:.0%}",
        "Shares are of the observed cells alone",
        {"share": round(share, 6)},
    )


def _move(zone_set: ZoneSet, percent: int) -> None:
    """Store progress, which is also a sign of life."""
    ZoneSet.objects.filter(pk=zone_set.pk).update(percent=percent, changed_at=timezone.now())


def _refuse(zone_set: ZoneSet, error: UploadError) -> None:
    """Refuse a file that cannot be used; ask again for an answer that cannot."""
    known = zone_set.reading
    stage = ZoneSet.Stage.REFUSED
    if error.code in _WRONG_ANSWERS and known:
        asked = known["question"] is not None
        stage = ZoneSet.Stage.ASKING if asked else ZoneSet.Stage.REPORTED
    with transaction.atomic():
        kept = _end(zone_set, stage, refusal=_refusal(error.code, error))
        if kept and stage == ZoneSet.Stage.REFUSED:
            log(AuditEntry.Event.REFUSED, zone_set, by=None, code=error.code)


def _refusal(code: str, error: ExplainedError) -> dict[str, str]:
    return {"code": code, "found": error.found, "expected": error.expected, "hint": error.hint}


def _end(zone_set: ZoneSet, stage: ZoneSet.Stage, **found: Any) -> bool:
    """End a check. Returns False if its set was deleted meanwhile."""
    ended = ZoneSet.objects.filter(pk=zone_set.pk, stage=ZoneSet.Stage.CHECKING).update(
        stage=stage, percent=100, changed_at=timezone.now(), **found
    )
    if not ended:
        staged_zones.drop(zone_set)
    return bool(ended)


def _accept(zone_set: ZoneSet) -> None:
    """Accept the zones as the owner wished; if that fails, the report waits for the owner."""
    skip_bad = zone_set.acceptance == ZoneSet.Acceptance.USABLE
    try:
        zone_acceptance.accept(
            zone_set=zone_set, by=zone_set.owner, skip_bad=skip_bad, name=zone_set.name
        )
    except (WrongState, QuotaReached) as error:
        logger.info("zone set %s: %s", zone_set.pk, error)
        ZoneSet.objects.filter(pk=zone_set.pk, stage=ZoneSet.Stage.REPORTED).update(
            refusal=_refusal("not-accepted", error), changed_at=timezone.now()
        )
