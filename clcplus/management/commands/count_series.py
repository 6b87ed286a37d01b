"""count_series: series of editions that were loaded before series were counted."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from clcplus.actions import missed_series
from clcplus.management.terminal import Progress, follow, one_clear_line


class Command(BaseCommand):
    help = "Count series of the editions that an older version of the platform has loaded."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-wait", action="store_true", help="do not follow the count")

    def handle(self, *args: Any, **options: Any) -> None:
        with one_clear_line():
            run = missed_series.plan()
            if run is None:
                self.stdout.write("series: all stored tiles are counted")
            elif not options["no_wait"]:
                follow(run, name="series", progress=Progress())
