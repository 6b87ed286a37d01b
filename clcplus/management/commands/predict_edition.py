"""predict_edition: a modelled edition from imagery and a checkpoint, on the workers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from clcplus.actions.predictions.checkpoints import checkpoint_named
from clcplus.actions.predictions.prediction_requests import request_prediction
from clcplus.actions.territories.named_zone import territory_named
from clcplus.management.terminal import ExplainedCommand
from clcplus.models import Run


class Command(ExplainedCommand):
    help = "Predict an edition of a year from imagery, and ingest it as a modelled one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("checkpoint", help="name or identity of a registered checkpoint")
        parser.add_argument("--year", required=True, type=int, help="year of the imagery")
        parser.add_argument(
            "--territory", default="", help="level:code; by default all of the composite"
        )
        parser.add_argument(
            "--composite", type=Path, help="by default composite-YEAR*.tif of CLCPLUS_IMAGERY"
        )
        parser.add_argument("--publish", action="store_true", help="publish once it is counted")
        parser.add_argument("--no-wait", action="store_true", help="do not follow the run")

    def handle(
        self, *, checkpoint: str, year: int, territory: str, no_wait: bool, **options: Any
    ) -> None:
        run = request_prediction(
            checkpoint=checkpoint_named(checkpoint),
            year=year,
            composite=options["composite"],
            territory=territory_named(territory) if territory else None,
            publish=options["publish"],
        )
        if not no_wait:
            self.follow(run, name=f"prediction of {year}")
            run = Run.objects.select_related("edition").get(pk=run.parameters["ingest"])
            self.follow(run, name=str(run.edition))
        edition = run.edition.slug if run.edition else "queued"
        self.stdout.write(f"{edition}, run {run.pk}")
