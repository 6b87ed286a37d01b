"""Checkpoints: registered from a folder, and found by name. Nothing in the folder is executed."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from analytics.nomenclature import OBSERVED_CODES, SEALED
from clcplus.actions import audit
from clcplus.database import locks
from clcplus.errors import UnknownCheckpoint
from clcplus.models import AuditEntry, Checkpoint
from inference import checkpoint as folders
from inference.errors import WrongClasses

_KEY_LENGTH = 16


def register_checkpoint(*, folder: Path, name: str = "", by: Any = None) -> Checkpoint:
    """Copy the checkpoint in a folder and register it.

    A known checkpoint keeps its row, which gets the metrics and the name given now. Raises
    UnreadableCheckpoint, CorruptWeights or WrongClasses.
    """
    found = folders.read(folder)
    folders.check_weights(folder, found)
    _check_labels(found)
    key = found.identity[:_KEY_LENGTH]
    with transaction.atomic():
        locks.lock_until_commit(locks.Kind.REGISTER)
        known = Checkpoint.objects.filter(identity=found.identity).first()
        _copy(folder, known.key if known else key)
        if known is not None:
            known.metrics = found.metrics
            known.name = name or known.name
            known.save(update_fields=("metrics", "name"))
            _note(known, AuditEntry.Event.CHANGED, by=by)
            return known
        made = Checkpoint.objects.create(
            identity=found.identity,
            name=(name or folder.resolve().name)[:80],
            architecture=found.architecture.name,
            key=key,
            bands=list(found.bands),
            labels=[{"code": label.code, "name": label.name} for label in found.labels],
            training_areas=list(found.training.areas),
            training_years=list(found.training.years),
            metrics=found.metrics,
            temperature=found.temperature,
            registered_by=by,
        )
        _note(made, AuditEntry.Event.CREATED, by=by)
        return made


def _note(checkpoint: Checkpoint, event: AuditEntry.Event, *, by: Any) -> None:
    subject = AuditEntry.Subject.CHECKPOINT
    audit.record(event, subject=subject, key=checkpoint.identity, name=checkpoint.name, by=by)


def folder_of(checkpoint: Checkpoint) -> Path:
    """The folder of a registered checkpoint."""
    root: Path = settings.CLCPLUS_CHECKPOINTS
    return root / checkpoint.key


def checkpoint_named(text: str) -> Checkpoint:
    """The checkpoint with an identity, its beginning, or a name. Raises UnknownCheckpoint."""
    by_identity = list(Checkpoint.objects.filter(identity__startswith=text)[:2]) if text else []
    found = by_identity or list(Checkpoint.objects.filter(name=text)[:2])
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"{c.name} ({c.identity[:12]})" for c in Checkpoint.objects.all()[:20])
    raise UnknownCheckpoint(
        text or "checkpoint",
        found="more than one of this name" if found else "no such checkpoint",
        expected=f"one of: {known or 'none yet'}",
        hint="Register one with register_checkpoint" if not known else "",
    )


def _check_labels(found: folders.Checkpoint) -> None:
    """The labels must be classes of the map, with sealed among them."""
    found.index_of(SEALED)
    foreign = [code for code in found.codes if code not in OBSERVED_CODES]
    if foreign:
        raise WrongClasses(
            "checkpoint",
            found=f"labels {', '.join(map(str, foreign))}",
            expected="codes of observed classes of CLC+ Backbone",
            hint="It was trained on another nomenclature; choose one of CLC+ Backbone",
        )


def _copy(folder: Path, key: str) -> None:
    """Copy the folder below ``CLCPLUS_CHECKPOINTS``, whole or not at all."""
    root: Path = settings.CLCPLUS_CHECKPOINTS
    place = root / key
    if place.resolve() == folder.resolve():
        return
    root.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{key}.", dir=root))
    try:
        for file in (folders.DESCRIPTION, folders.WEIGHTS):
            shutil.copyfile(folder / file, draft / file)
        draft.chmod(0o755)
        if place.exists():
            # Damaged weights are mended; metrics may be newer.
            for file in (folders.WEIGHTS, folders.DESCRIPTION):
                (draft / file).replace(place / file)
        else:
            draft.rename(place)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
