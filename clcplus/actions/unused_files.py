"""Files in the store that nothing refers to: noted as such, taken into use, removed.

A file is noted before it is put into the store, and taken into use in the transaction that stores
what refers to it. A file that is replaced is noted in that same transaction. So a process may be
killed at any moment: no file is forgotten, and none that is in use is removed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from analytics.errors import StoreError
from analytics.rasters import open_store
from clcplus.database import locks
from clcplus.models import ConfidenceTile, FilteredPair, UnusedFile

KEPT = timedelta(hours=1)
"""Time for which a file is kept: an answer that has begun may still read one that was replaced."""


def note(keys: Iterable[str]) -> None:
    """Note files that nothing refers to, from now on."""
    UnusedFile.objects.bulk_create(
        [UnusedFile(key=key, since=timezone.now()) for key in keys],
        update_conflicts=True,
        unique_fields=("key",),
        update_fields=("since",),
    )


def use(keys: Iterable[str]) -> None:
    """Take files into use that were noted before; part of the open transaction. Raises StoreError
    if one of them was removed meanwhile."""
    for key in keys:
        deleted, _ = UnusedFile.objects.filter(key=key).delete()
        if not deleted:
            raise StoreError(
                key,
                found=f"a file that was removed after it had not been used for {KEPT}",
                expected="a file that is used sooner",
            )


def remove() -> int:
    """Remove files that have been unused for long. Returns their number.

    None is removed during a backup: it copies what was in use when it began.
    """
    if locks.is_held(locks.Kind.BACKUP, 0):
        return 0
    store = open_store(settings.RASTER_STORE)
    old = UnusedFile.objects.filter(since__lt=timezone.now() - KEPT)
    removed = 0
    for key in list(old.values_list("key", flat=True)):
        with transaction.atomic():
            # One that is being taken into use is locked.
            held = old.select_for_update(skip_locked=True).filter(key=key).first()
            if held is None:
                continue
            if not _is_used(key):
                store.delete(key)  # first, so that no file is left without a row
                removed += 1
            held.delete()
    return removed


def _is_used(key: str) -> bool:
    """Whether a row refers to a file: one that was put a second time, and never taken into use."""
    return (
        FilteredPair.objects.filter(mask_key=key).exists()
        or ConfidenceTile.objects.filter(key=key).exists()
    )
