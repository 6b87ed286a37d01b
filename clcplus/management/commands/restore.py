"""restore: a backup into an empty place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from clcplus.backups import restore
from clcplus.management.terminal import ExplainedCommand


class Command(ExplainedCommand):
    help = (
        "Restore a backup into an empty database, store and folders, and compare every table with"
        " the checksum that it had. Start web, workers and beat afterwards."
    )
    # There is nothing to check yet.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", metavar="SOURCE", type=Path, help="the folder of a backup")
        parser.add_argument(
            "--into-empty",
            action="store_true",
            help="needed: says that database, store and folders are empty, which is checked",
        )

    def handle(self, *, source: Path, into_empty: bool, **_: Any) -> None:
        if not into_empty:
            raise CommandError(
                "restore: found no --into-empty; expected it, since a restore replaces nothing",
                returncode=2,
            )
        made = restore.restore(source.absolute(), tell=self.progress.show)
        self.progress.end()
        rows = sum(one.rows for one in made.tables.values())
        self.stdout.write(
            f"{source}: restored as of {made.made_at:%Y-%m-%d %H:%M:%S} UTC; {len(made.tables)}"
            f" tables, {rows} rows and {len(made.files)} files are as they were"
        )
        self.stdout.write(
            "next: manage.py migrate (if this version is newer), then start workers, beat and web"
        )
