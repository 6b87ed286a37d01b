"""add_confidence: the confidence layer of an edition, for filters of change that ask for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from clcplus.actions.change import pairs
from clcplus.actions.editions.confidence import add_confidence
from clcplus.management.terminal import ExplainedCommand


class Command(ExplainedCommand):
    help = (
        "Add the confidence layer of an edition (RASCL: 0 to 100, 254 outside): GeoTIFF, COG or"
        " VRT files on its grid, or folders of them. It replaces a former one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("edition", metavar="EDITION", help="such as clcplus-2021")
        parser.add_argument("source", nargs="+", type=Path)

    def handle(self, *, edition: str, source: list[Path], **_: Any) -> None:
        found = add_confidence(slug=edition, paths=source, say=self.show_check)
        self.progress.end()
        tiles = found.confidence_tiles.count()
        self.stdout.write(f"{found.slug}: confidence layer of {tiles} tiles")
        for pair in pairs.all_pairs():
            if found in pair and pairs.are_confident(pair):
                names = " → ".join(one.slug for one in pair)
                self.stdout.write(f"{names}: can be filtered by confidence")
