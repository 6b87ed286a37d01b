"""load_real: boundaries of an area, and the editions over it, from the public services."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.urls import reverse

from clcplus.actions import real_data
from clcplus.management.terminal import ExplainedCommand
from clcplus.models import Run


class Command(ExplainedCommand):
    help = (
        "Load real data of an area: import its boundaries, fetch the editions 2021 and 2018 over "
        "it, count and publish them. The same command continues what has stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("area", help="departement:38, nuts:FRK24, or bbox:W,S,E,N in degrees")
        parser.add_argument(
            "--boundaries",
            nargs="+",
            default=[],
            metavar="FILE_OR_URL",
            help="files that a preset fits; by default those of IGN or Eurostat",
        )
        parser.add_argument(
            "--vintage", type=int, help="year of the boundaries, where no file's name says it"
        )

    def handle(self, *, area: str, boundaries: list[str], vintage: int | None, **_: Any) -> None:
        wanted = real_data.read_area(area, files=boundaries)
        if not real_data.is_loaded(wanted):
            real_data.check_sources(wanted)
        imported = self.follow(
            real_data.request_zones(wanted, vintage=vintage), name=f"boundaries of {area}"
        )
        for count in Run.objects.filter(pk__in=imported.parameters["counts"]):
            self.follow(count, name=str(count.layer))
        for year in real_data.YEARS:
            fetched = self.follow(
                real_data.request_edition(wanted, year=year, imported=imported),
                name=f"fetch of {year}",
            )
            ingest = self.follow(real_data.ingest_of(fetched), name=f"count of {year}")
            edition = real_data.publish(ingest)
            self.stdout.write(f"{edition.slug}: {edition.get_status_display()}")
        page = reverse("territory", args=wanted.zone.split(":")) if wanted.zone else reverse("home")
        self.stdout.write(f"{area}: {settings.SITE_URL}{page}")
