"""ingest_edition: check rasters, store and count them on the workers, publish."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from clcplus.actions.editions import registration
from clcplus.management.terminal import ExplainedCommand
from clcplus.models import Edition


class Command(ExplainedCommand):
    help = "Ingest an edition: GeoTIFF, COG or VRT files, or folders of them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", nargs="+", type=Path)
        parser.add_argument("--year", required=True, type=int, help="reference year")
        parser.add_argument("--product", default="clcplus")
        parser.add_argument(
            "--origin", default=Edition.Origin.OFFICIAL, choices=Edition.Origin.values
        )
        parser.add_argument(
            "--missing",
            nargs="+",
            type=int,
            default=[],
            metavar="CODE",
            help="codes of the source that stand for cells that were not observed",
        )
        parser.add_argument("--everything", action="store_true", help="also tiles without a zone")
        parser.add_argument("--publish", action="store_true", help="publish once it is counted")
        parser.add_argument("--no-wait", action="store_true", help="do not follow the run")

    def handle(
        self, *, source: list[Path], missing: list[int], no_wait: bool, **options: Any
    ) -> None:
        of_edition = {name: options[name] for name in ("product", "year")}
        sources = registration.check_sources(
            paths=source, missing=frozenset(missing), say=self.show_check, **of_edition
        )
        run = registration.register_edition(
            sources=sources,
            origin=options["origin"],
            publish=options["publish"],
            everything=options["everything"],
            **of_edition,
        )
        self.progress.end()
        edition = Edition.objects.get(runs=run)
        if not no_wait:
            self.follow(run, name=edition.slug)
        edition.refresh_from_db()
        self.stdout.write(f"{edition.slug}: {edition.get_status_display()}, run {run.pk}")
