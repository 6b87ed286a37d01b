"""Progress of a run that is one unit: said, and asked whether the run is still wanted."""

from __future__ import annotations

import time
from typing import Any

from django.utils import timezone

from clcplus.jobs import runs
from clcplus.models import Run

SECONDS = 1.0
"""Between two notes, and between two questions, at least."""


class Progress:
    """How far a run is. A note is also a sign of life: the schedule leaves the run alone."""

    def __init__(self, run: Run) -> None:
        self._run_id = run.pk
        self._reached = run.cells_done
        self._noted = self._asked = float("-inf")
        self._cancelled = False

    def note(self, done: int, total: int, **fields: Any) -> None:
        """Write down that ``done`` of ``total`` cells are done; the last of them always.

        A run that comes further than before has made progress: its attempts count anew.
        """
        if done < total and time.monotonic() - self._noted < SECONDS:
            return
        self._noted = time.monotonic()
        if done > self._reached:
            fields["attempts"] = 0
        Run.objects.filter(pk=self._run_id).update(
            cells_done=done, cells_total=total, updated_at=timezone.now(), **fields
        )

    def cancelled(self) -> bool:
        """Whether the run is no longer wanted."""
        if time.monotonic() - self._asked >= SECONDS:
            self._asked = time.monotonic()
            self._cancelled = not runs.is_open(self._run_id)
        return self._cancelled
