"""draw_sample: a reference sample, drawn by the workers."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from analytics.sampling import allocation, strata
from clcplus.actions.samples import sample_request
from clcplus.actions.samples.sample_rows import newest_run
from clcplus.actions.territories.named_zone import territory_named
from clcplus.errors import RunFailed
from clcplus.management.terminal import ExplainedCommand, account_named
from clcplus.models import ReferenceSample


class Command(ExplainedCommand):
    help = "Draw a reference sample from one edition, or from a pair of them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="name of the sample")
        parser.add_argument("--owner", required=True, help="name of the account that owns it")
        parser.add_argument("--later", required=True, help="edition, such as clcplus-2021")
        parser.add_argument("--earlier", help="edition of an earlier year, for change")
        parser.add_argument(
            "--territory", default="", help="level:code; by default all that the editions show"
        )
        parser.add_argument(
            "--design",
            choices=ReferenceSample.Design.values,
            default=ReferenceSample.Design.STRATIFIED.value,
        )
        parser.add_argument("--points", required=True, type=int)
        parser.add_argument(
            "--allocation",
            choices=sample_request.RULES,
            help=f"of a stratified sample; {allocation.DEFAULT_RULE} by default: enough points for "
            "change that the map has missed",
        )
        parser.add_argument("--minimum", type=int, help="points of each stratum at least")
        parser.add_argument("--units", type=int, help="primary units of a two-stage sample")
        parser.add_argument("--unit-km", type=float, help="side of a primary unit")
        parser.add_argument(
            "--buffer-m",
            type=float,
            default=strata.BUFFER,
            help="buffer round sealed cells; 0 for none",
        )
        parser.add_argument("--seed", type=int, help="the same seed draws the same points")
        parser.add_argument(
            "--second-opinion",
            type=float,
            default=0.0,
            help="share of the points that two interpreters label, 0 to 1",
        )
        parser.add_argument("--source", default="", help="who labels, with which imagery")
        parser.add_argument("--no-wait", action="store_true", help="do not follow the run")

    def handle(
        self,
        *,
        name: str,
        owner: str,
        later: str,
        earlier: str | None,
        territory: str,
        no_wait: bool,
        **options: Any,
    ) -> None:
        of_design = ("allocation", "minimum", "units", "unit_km")
        sample = sample_request.request_sample(
            owner=account_named(owner, expected="one that is active", is_active=True),
            name=name,
            later=sample_request.edition_named(later),
            earlier=sample_request.edition_named(earlier) if earlier else None,
            territory=territory_named(territory) if territory else None,
            design=options["design"],
            points=options["points"],
            options={key: options[key] for key in of_design if options[key] is not None},
            buffer_m=options["buffer_m"],
            seed=options["seed"],
            second_opinion=options["second_opinion"],
            source=options["source"],
        )
        run = newest_run(sample)
        if not no_wait and run is not None:
            try:
                self.follow(run, name=sample.name)
            except RunFailed as error:
                raise RunFailed(
                    error.subject,
                    found=error.found,
                    expected=error.expected,
                    hint=f"Delete the sample, or resume the run {run.pk}",
                ) from None
            sample.refresh_from_db()
            for stratum in sample.strata.all():
                self.stdout.write(f"{stratum.name}: {stratum.points} of {stratum.cells} cells")
        self.stdout.write(f"{sample.name}: {sample.points_total} points, {sample.pk}")
