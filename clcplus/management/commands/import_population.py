"""import_population: inhabitants of zones from a CSV file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from clcplus.actions.territories.population import import_population
from clcplus.management.terminal import ExplainedCommand


class Command(ExplainedCommand):
    help = "Import inhabitants from a CSV file with the columns [vintage,]code,year,population."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--level", default="commune", help="level of the codes")

    def handle(self, *, file: Path, level: str, **_: Any) -> None:
        rows = import_population(path=file, level=level)
        self.stdout.write(f"{rows} figures of inhabitants")
