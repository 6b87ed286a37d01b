"""count_series: series of editions that were loaded before series were counted."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from clcplus.actions.editions import missed_series
from clcplus.management.terminal import ExplainedCommand


class Command(ExplainedCommand):
    help = "Count series of the editions that an older version of the platform has loaded."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-wait", action="store_true", help="do not follow the count")

    def handle(self, *, no_wait: bool, **_: Any) -> None:
        run = missed_series.plan()
        if run is None:
            self.stdout.write("series: all stored tiles are counted")
        elif not no_wait:
            self.follow(run, name="series")
