"""dissolve_zones: a higher level from the zones below it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from clcplus.actions.zones import dissolve_zones
from clcplus.management.terminal import Progress, follow, one_clear_line


class Command(BaseCommand):
    help = "Make a higher level by dissolving imported zones along the parents' codes they name."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="CSV that names the zones to make")
        parser.add_argument("--level", required=True, help="level to make, such as departement")
        parser.add_argument("--from-level", required=True, help="level to dissolve")
        parser.add_argument("--vintage", required=True, type=int)
        parser.add_argument("--code-field", default="code")
        parser.add_argument("--name-field", default="name")
        parser.add_argument("--parent-field", help="column with the code of the zone above")

    def handle(self, *args: Any, **options: Any) -> None:
        progress = Progress()
        with one_clear_line():
            done = dissolve_zones(
                path=options["file"],
                level=options["level"],
                from_level=options["from_level"],
                vintage=options["vintage"],
                code_field=options["code_field"],
                name_field=options["name_field"],
                parent_field=options["parent_field"],
                say=progress.show,
            )
            progress.end()
            self.stdout.write(f"{done.layer}: {done.zones} zones")
            if done.run is not None:
                follow(done.run, name=str(done.layer), progress=progress)
