"""export_sample: the points of a sample as a file for interpreters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from analytics.files import replacement
from clcplus.actions.samples import label_table, sample_files
from clcplus.actions.samples.sample_rows import sample_named
from clcplus.management.terminal import ExplainedCommand


class Command(ExplainedCommand):
    help = "Write the points of a sample: .csv, .geojson, .kml, or .gpkg with a form for QGIS."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("sample", help="id or name of the sample")
        parser.add_argument("-o", "--output", required=True, type=Path)
        parser.add_argument(
            "--blind", action="store_true", help="without what tells what the map shows"
        )

        parser.add_argument(
            "--labels", action="store_true", help="the labels instead, a row for each (.csv)"
        )

    def handle(self, *, sample: str, output: Path, blind: bool, labels: bool, **_: Any) -> None:
        format = output.suffix.lower().removeprefix(".")
        if format not in sample_files.FORMATS:
            known = ", ".join(f".{name}" for name in sample_files.FORMATS)
            raise CommandError(f"{output}: found {output.suffix!r}; expected one of {known}")
        found = sample_named(sample)
        if labels:
            if format != "csv" or blind:
                raise CommandError("--labels: found another file; expected a .csv, not blind")
            with replacement.replacing(output) as file:
                label_table.write_labels(found, file)
            self.stdout.write(f"{output}: labels of {found.name}")
            return
        with replacement.replacing(output) as file:
            sample_files.write_points(found, file, format=format, blind=blind)
        self.stdout.write(f"{output}: {found.points_total} points")
