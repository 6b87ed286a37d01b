"""audit_log: verify the log of who did what, and export it."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import CommandError, CommandParser

from analytics.files import replacement
from clcplus.actions import audit
from clcplus.management.terminal import ExplainedCommand


class Command(ExplainedCommand):
    help = "Verify the chain of the audit log; with --output, export it as lines of JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", type=Path, help="file that the entries are written to")
        parser.add_argument(
            "--head",
            default="",
            help="the last digest of an earlier verification: it must be there",
        )

    def handle(self, *, output: Path | None, head: str, **options: object) -> None:
        chain = audit.verify()
        if chain.broken is not None:
            raise CommandError(
                f"entry {chain.broken}: found another content than its digest says; "
                f"expected the one that was written. {chain.entries} entries before it hold"
            )
        if not audit.holds(head):
            raise CommandError(
                f"--head {head[:80]}: found no such entry; expected that of the earlier "
                "verification: entries were removed"
            )
        if output is not None:
            with replacement.replaced(output) as part, part.open("w", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in audit.lines())
        last = chain.head or "none"
        self.stdout.write(f"{chain.entries} entries hold; the last digest is {last}")
