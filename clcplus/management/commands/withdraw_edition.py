"""withdraw_edition: hide an edition from readers."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from clcplus.actions.publication import withdraw_edition
from clcplus.management.terminal import one_clear_line


class Command(BaseCommand):
    help = "Hide a published edition from readers; its counts are kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="such as clcplus-2021")

    def handle(self, *args: Any, **options: Any) -> None:
        with one_clear_line():
            edition = withdraw_edition(slug=options["slug"])
            self.stdout.write(f"{edition.slug}: {edition.get_status_display()}")
