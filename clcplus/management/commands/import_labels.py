"""import_labels: labels of a reference sample from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from clcplus.actions.samples import label_files
from clcplus.actions.samples.sample_rows import sample_named
from clcplus.management.terminal import ExplainedCommand


class Command(ExplainedCommand):
    help = "Import labels of the points of a sample, all or none (CSV, GeoPackage or GeoJSON)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("sample", help="id or name of the sample")
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--interpreter", required=True, help="of rows that do not name their own"
        )
        parser.add_argument(
            "--crosswalk", type=Path, help="CSV code,class: the references are its codes"
        )
        parser.add_argument(
            "--synthetic", action="store_true", help="the labels were read from a known truth"
        )

    def handle(
        self, *, sample: str, file: Path, interpreter: str, crosswalk: Path | None, **options: Any
    ) -> None:
        found = sample_named(sample)
        stored = label_files.import_labels(
            sample=found,
            path=file,
            interpreter=interpreter,
            crosswalk=crosswalk,
            synthetic=options["synthetic"],
        )
        self.stdout.write(f"{found.name}: {stored} labels")
