"""dissolve_zones: a higher level from the zones below it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from clcplus.actions.territories.zones import dissolve_zones
from clcplus.management.terminal import ExplainedCommand


class Command(ExplainedCommand):
    help = "Make a higher level by dissolving imported zones along the parents' codes they name."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="CSV that names the zones to make")
        parser.add_argument("--level", required=True, help="level to make, such as departement")
        parser.add_argument("--from-level", required=True, help="level to dissolve")
        parser.add_argument("--vintage", required=True, type=int)
        parser.add_argument("--code-field", default="code")
        parser.add_argument("--name-field", default="name")
        parser.add_argument("--parent-field", help="column with the code of the zone above")

    def handle(self, *, file: Path, **options: Any) -> None:
        names = ("level", "from_level", "vintage", "code_field", "name_field", "parent_field")
        done = dissolve_zones(
            path=file, say=self.progress.show, **{name: options[name] for name in names}
        )
        self.progress.end()
        self.stdout.write(f"{done.layer}: {done.layer.zones_total} zones")
        if done.run is not None:
            self.follow(done.run, name=str(done.layer))
