"""publish_sample: show what follows from a labelled sample to readers, or hide it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from clcplus.actions.samples import publication
from clcplus.actions.samples.sample_rows import sample_named
from clcplus.management.terminal import ExplainedCommand
from clcplus.models import AreaEstimate


class Command(ExplainedCommand):
    help = "Compute the estimates of a labelled sample and show them to readers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("sample", help="id or name of the sample")
        parser.add_argument("--withdraw", action="store_true", help="hide it from readers instead")

    def handle(self, *, sample: str, withdraw: bool, **_: Any) -> None:
        action = publication.withdraw if withdraw else publication.publish
        found = action(sample=sample_named(sample))
        estimates = AreaEstimate.objects.filter(sample=found).count()
        self.stdout.write(f"{found.name}: {found.stage}, {estimates} estimates")
