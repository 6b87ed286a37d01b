"""fetch_edition: an edition over an area, from the services of Copernicus."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import CommandParser

from clcplus.actions.editions import fetch
from clcplus.actions.editions.bounds import Bounds, bounds_of
from clcplus.errors import UnknownArea
from clcplus.management.terminal import ExplainedCommand
from clcplus.models import Run


def _bounds(text: str) -> Bounds:
    try:
        return bounds_of(text)
    except UnknownArea as error:
        raise ArgumentTypeError(f"found {error.found}; expected {error.expected}") from None


class Command(ExplainedCommand):
    help = "Fetch an edition of CLC+ Backbone over an area, ingest and count it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--year", required=True, type=int, help="reference year")
        area = parser.add_mutually_exclusive_group(required=True)
        area.add_argument("--zone", default="", metavar="LEVEL:CODE", help="a loaded territory")
        area.add_argument("--bbox", type=_bounds, metavar="W,S,E,N", help="degrees (EPSG:4326)")
        parser.add_argument(
            "--source",
            choices=fetch.SOURCES,
            default="",
            help="by default the one without a login, where it has the year",
        )
        parser.add_argument("--publish", action="store_true", help="publish once it is counted")
        parser.add_argument("--no-wait", action="store_true", help="do not follow the run")

    def handle(
        self,
        *,
        year: int,
        zone: str,
        bbox: Bounds | None,
        source: str,
        publish: bool,
        no_wait: bool,
        **_: Any,
    ) -> None:
        run = fetch.request_fetch(
            year=year,
            zone=zone,
            window=None if bbox is None else fetch.window_of_degrees(bbox),
            source=source,
            publish=publish,
        )
        if no_wait:
            self.stdout.write(f"fetch of {year}: run {run.pk}")
            return
        self.follow(run, name=f"fetch of {year}")
        ingest = Run.objects.select_related("edition").get(pk=run.parameters["ingest"])
        assert ingest.edition is not None
        self.follow(ingest, name=ingest.edition.slug)
        ingest.edition.refresh_from_db()
        self.stdout.write(f"{ingest.edition.slug}: {ingest.edition.get_status_display()}")
