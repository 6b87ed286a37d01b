"""look_for_editions: what the watched place has; complete editions that lie still are taken."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from clcplus.actions.editions import watch
from clcplus.management.terminal import ExplainedCommand


class Command(ExplainedCommand):
    help = "Look for editions in CLCPLUS_WATCH, and take those that are complete and lie still."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be done, and change nothing"
        )

    def handle(self, *, dry_run: bool, **_: Any) -> None:
        place = watch.place()
        outcome = watch.preview() if dry_run else watch.look()
        for taken in outcome.taken:
            said = "would be taken" if taken.run is None else f"run {taken.run.pk}"
            self.stdout.write(f"{taken.edition.name}: {len(taken.files)} files; {said}")
        for waiting in outcome.look.waiting:
            self.stdout.write(f"{waiting.edition.name}: waits: {waiting.reason}")
        for misfit in outcome.look.misfits:
            self.stdout.write(f"{misfit.name}: left alone: {misfit.reason}")
        if not (outcome.taken or outcome.look.waiting or outcome.look.misfits):
            self.stdout.write(f"{place}: nothing new")
