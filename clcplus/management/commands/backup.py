"""backup: all that the platform keeps, in one folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from clcplus.backups import backup
from clcplus.backups.manifest import PARTS
from clcplus.backups.places import secret_files, secrets_elsewhere
from clcplus.management.terminal import ExplainedCommand


class Command(ExplainedCommand):
    help = (
        "Back up the database, the store, checkpoints, imagery, predictions and the inbox into an"
        " empty folder. It is whole once it has a manifest.json, which is written last."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("target", metavar="TARGET", type=Path, help="a folder that is empty")
        parser.add_argument(
            "--leave-out",
            action="append",
            default=[],
            choices=PARTS,
            help="a part that is kept elsewhere, such as a bucket with versions; may be repeated",
        )
        parser.add_argument(
            "--with-secrets", action="store_true", help="keys and passwords as well, from files"
        )

    def handle(self, *, target: Path, leave_out: list[str], with_secrets: bool, **_: Any) -> None:
        made = backup.make(
            target.absolute(), leave_out=leave_out, secrets=with_secrets, tell=self.progress.show
        )
        self.progress.end()
        size = sum(one.bytes for one in made.files)
        self.stdout.write(
            f"{target}: {len(made.files)} files, {size / 1e6:.1f} MB, {len(made.tables)} tables"
        )
        besides = secrets_elsewhere()
        if not with_secrets:
            besides = [*(f"{name} ({file})" for name, file in secret_files().items()), *besides]
        self.stdout.write(f"keep besides: {'; '.join(besides)}")
