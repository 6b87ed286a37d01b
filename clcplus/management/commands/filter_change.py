"""filter_change: patches of change between editions, and what each filter accepts."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from clcplus.actions.change import filter_plans, pairs
from clcplus.management.terminal import ExplainedCommand


class Command(ExplainedCommand):
    help = "Filter the change of every pair of editions that lacks it, or of one pair again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--earlier", metavar="SLUG", help="the earlier edition of one pair")
        parser.add_argument("--later", metavar="SLUG", help="the later edition of it")
        parser.add_argument("--no-wait", action="store_true", help="do not follow the runs")

    def handle(self, *, earlier: str | None, later: str | None, no_wait: bool, **_: Any) -> None:
        if (earlier is None) != (later is None):
            raise CommandError("--earlier and --later name a pair together", returncode=2)
        if earlier is not None and later is not None:
            chosen = [pairs.named(earlier=earlier, later=later)]
        else:
            chosen = pairs.lacking()
        if not chosen:
            self.stdout.write("change: all pairs of editions are filtered")
        for pair, run in zip(chosen, filter_plans.request(chosen), strict=True):
            name = " → ".join(edition.slug for edition in pair)
            if not no_wait:
                self.follow(run, name=name)
                run.refresh_from_db()
            self.stdout.write(f"{name}: {run.get_state_display()}, run {run.pk}")
            if refused := pairs.refused(pair):
                self.stdout.write(f"{name}: {refused}")
