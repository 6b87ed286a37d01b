"""publish_edition: show an edition to readers."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from clcplus.actions.editions import publication
from clcplus.management.terminal import ExplainedCommand


class Command(ExplainedCommand):
    help = "Show a counted edition to readers, in one transaction."
    action = staticmethod(publication.publish_edition)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="such as clcplus-2021")

    def handle(self, *, slug: str, **_: Any) -> None:
        edition = self.action(slug=slug)
        self.stdout.write(f"{edition.slug}: {edition.get_status_display()}")
