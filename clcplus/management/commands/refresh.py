"""refresh: find what is new elsewhere, fetch it, check it, publish it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from clcplus.actions.refresh import offers, requests
from clcplus.management.terminal import ExplainedCommand


class Command(ExplainedCommand):
    help = "Fetch new editions, count and check them, and publish those that pass all checks."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be done, and change nothing"
        )
        parser.add_argument("--no-wait", action="store_true", help="do not follow the run")

    def handle(self, *, dry_run: bool, no_wait: bool, **_: Any) -> None:
        if dry_run:
            self._foresee()
            return
        run = requests.request_refresh()
        if no_wait:
            self.stdout.write(f"refresh: run {run.pk}")
            return
        self.follow(run, name="refresh")
        self.stdout.write(f"refresh: {run.message}")

    def _foresee(self) -> None:
        area = requests.area()
        for run in offers.taken_runs():
            year = run.parameters["year"]
            self.stdout.write(f"{year} ({offers.WATCHED}): taken, run {run.pk}")
        known = offers.known_years()
        for offer in offers.offers():
            what = "known" if offer.year in known else f"new, to be fetched over {area}"
            self.stdout.write(f"{offer.year} ({offer.source}): {what}")
