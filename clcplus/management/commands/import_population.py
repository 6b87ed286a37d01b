"""import_population: inhabitants of zones from a CSV file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from clcplus.actions.population import import_population
from clcplus.management.terminal import one_clear_line


class Command(BaseCommand):
    help = "Import inhabitants from a CSV file with the columns [vintage,]code,year,population."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--level", default="commune", help="level of the codes")

    def handle(self, *args: Any, **options: Any) -> None:
        with one_clear_line():
            rows = import_population(path=options["file"], level=options["level"])
            self.stdout.write(f"{rows} figures of inhabitants")
