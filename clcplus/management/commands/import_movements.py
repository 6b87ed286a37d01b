"""import_movements: what has become of former communes, from INSEE's table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from clcplus.actions.territories.movements import import_movements
from clcplus.management.terminal import ExplainedCommand


class Command(ExplainedCommand):
    help = "Import mergers, splits and changes of name and code from INSEE's table of movements."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="CSV with the columns MOD, DATE_EFF, COM_AV …")
        parser.add_argument("--level", default="commune", help="level of the codes")

    def handle(self, *, file: Path, level: str, **_: Any) -> None:
        done = import_movements(path=file, level=level)
        self.stdout.write(
            f"{done.movements} movements; {done.zones} zones of older boundaries have a successor"
            " or several from them"
        )
