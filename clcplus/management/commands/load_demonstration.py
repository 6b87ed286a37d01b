"""load_demonstration: make the demonstration region and take it through the real ingest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from clcplus.actions import population, registration, zones
from clcplus.management.terminal import Progress, follow, one_clear_line
from clcplus.models import Edition, Population
from demonstration.build import build

# 2018 comes after 2021, whose coast is masked out of it.
YEARS = (2021, 2018, 2023)
VINTAGES = (2020, 2024)
PLANNING_OFFICE = "planning-office"
"""Account that owns the demonstration's custom zones."""


class Command(BaseCommand):
    help = "Load the synthetic demonstration region; a second call finds what is there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", type=Path, default=settings.CLCPLUS_DATA)
        parser.add_argument("--size-km", type=int, default=60)

    def handle(self, *args: Any, **options: Any) -> None:
        progress = Progress()
        with one_clear_line():
            folder = build(
                folder=options["folder"],
                size_km=options["size_km"],
                progress=lambda step, share: progress.show(
                    f"demonstration region: {step}, {share:.0%}"
                ),
            )
            progress.end("demonstration region: made")
            for vintage in VINTAGES:
                self._load_zones(folder / "zones", vintage, progress)
            if not Population.objects.exists():
                population.import_population(path=folder / "population.csv", level="commune")
            runs = []
            for year in YEARS:
                sources = registration.check_sources(
                    paths=[folder / "editions" / str(year)],
                    product="clcplus",
                    year=year,
                    say=lambda name, done, total: progress.show(
                        f"checking {name}: {done * 100 // total} %"
                    ),
                )
                run = registration.register_edition(
                    sources=sources,
                    product="clcplus",
                    year=year,
                    origin=Edition.Origin.SYNTHETIC,
                    publish=True,
                )
                runs.append(follow(run, name=f"edition {year}", progress=progress))
            self._load_planning_areas(folder / "zones" / "planning_areas.geojson", progress)
        self.stdout.write("the demonstration region is loaded")

    def _load_planning_areas(self, path: Path, progress: Progress) -> None:
        """A set of custom zones, taken the way of any upload; its owner cannot sign in."""
        owner, created = get_user_model().objects.get_or_create(username=PLANNING_OFFICE)
        if created:
            owner.set_unusable_password()
            owner.save(update_fields=("password",))
        call_command(
            "upload_zones",
            path,
            owner=PLANNING_OFFICE,
            name="Planning areas",
            publish=True,
            stdout=self.stdout,
        )
        progress.end("planning areas: counted and published")

    def _load_zones(self, folder: Path, vintage: int, progress: Progress) -> None:
        done = [
            zones.import_zones(
                paths=[folder / f"communes_{vintage}.gpkg"],
                level="commune",
                vintage=vintage,
                code_field="code",
                name_field="name",
                parent_field="departement",
                say=progress.show,
            ),
            zones.dissolve_zones(
                path=folder / "departements.csv",
                level="departement",
                from_level="commune",
                vintage=vintage,
                parent_field="region",
                say=progress.show,
            ),
            zones.dissolve_zones(
                path=folder / "regions.csv",
                level="region",
                from_level="departement",
                vintage=vintage,
                say=progress.show,
            ),
        ]
        for imported in done:
            if imported.run is not None:
                follow(imported.run, name=str(imported.layer), progress=progress)
        progress.end(f"zones of {vintage}: {', '.join(str(i.zones) for i in done)}")
