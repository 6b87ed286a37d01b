"""load_demonstration: make the demonstration region and take it through the real ingest."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import CommandParser

from clcplus.actions.editions import registration
from clcplus.actions.samples import label_files, publication, sample_files, sample_request
from clcplus.actions.samples.sample_rows import newest_run
from clcplus.actions.territories import population, zones
from clcplus.actions.territories.named_zone import territory_named
from clcplus.management.terminal import ExplainedCommand
from clcplus.models import Edition, Population, ReferenceSample
from demonstration.build import build
from demonstration.reference_sample import POINTS, RULE
from demonstration.territories.communes import REGION_CODE
from demonstration.territories.names import REGION
from demonstration.truth_labels import INTERPRETER, PAIR, label_points

# 2018 comes after 2021, whose coast is masked out of it.
YEARS = (2021, 2018, 2023)
VINTAGES = (2020, 2024)
PLANNING_OFFICE = "planning-office"
"""Account that owns the demonstration's custom zones."""
SURVEY_OFFICE = "survey-office"
"""Account that owns the demonstration's reference sample."""
SEED = 2018


class Command(ExplainedCommand):
    help = "Load the synthetic demonstration region; a second call finds what is there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", type=Path, default=settings.CLCPLUS_DATA)
        parser.add_argument("--size-km", type=int, default=60)

    def handle(self, *, folder: Path, size_km: int, **_: Any) -> None:
        folder = build(
            folder=folder,
            size_km=size_km,
            progress=lambda step, share: self.progress.show(
                f"demonstration region: {step}, {share:.0%}"
            ),
        )
        self.progress.end("demonstration region: made")
        for vintage in VINTAGES:
            self._load_zones(folder / "zones", vintage)
        if not Population.objects.exists():
            population.import_population(path=folder / "population.csv", level="commune")
        for year in YEARS:
            sources = registration.check_sources(
                paths=[folder / "editions" / str(year)],
                product="clcplus",
                year=year,
                say=self.show_check,
            )
            run = registration.register_edition(
                sources=sources,
                product="clcplus",
                year=year,
                origin=Edition.Origin.SYNTHETIC,
                publish=True,
            )
            self.follow(run, name=f"edition {year}")
        self._load_planning_areas(folder / "zones" / "planning_areas.geojson")
        self._load_sample(folder)
        self.stdout.write("the demonstration region is loaded")

    def _load_zones(self, folder: Path, vintage: int) -> None:
        communes = zones.import_zones(
            paths=[folder / f"communes_{vintage}.gpkg"],
            level="commune",
            vintage=vintage,
            code_field="code",
            name_field="name",
            parent_field="departement",
            say=self.progress.show,
        )
        dissolved = [
            zones.dissolve_zones(
                path=folder / f"{level}s.csv",
                level=level,
                from_level=from_level,
                vintage=vintage,
                parent_field=parent_field,
                say=self.progress.show,
            )
            for level, from_level, parent_field in (
                ("departement", "commune", "region"),
                ("region", "departement", None),
            )
        ]
        done = [communes, *dissolved]
        for imported in done:
            if imported.run is not None:
                self.follow(imported.run, name=str(imported.layer))
        numbers = ", ".join(str(imported.layer.zones_total) for imported in done)
        self.progress.end(f"zones of {vintage}: {numbers}")

    def _load_sample(self, folder: Path) -> None:
        """Draw a sample of the region, label it from the truth, and publish it."""
        _account(SURVEY_OFFICE)
        sample = ReferenceSample.objects.filter(owner__username=SURVEY_OFFICE).first()
        if sample is None:
            earlier, later = (sample_request.edition_named(f"clcplus-{year}") for year in PAIR)
            sample = sample_request.request_sample(
                owner=_account(SURVEY_OFFICE),
                name=f"{REGION} {PAIR[0]}–{PAIR[1]}",
                earlier=earlier,
                later=later,
                territory=territory_named(f"region:{REGION_CODE}"),
                points=POINTS,
                options={"allocation": RULE},
                seed=SEED,
                source="Classes read from the known truth of the demonstration region",
            )
        run = newest_run(sample)
        if run is not None:
            self.follow(run, name="labelled sample")
        sample.refresh_from_db()
        if sample.stage == ReferenceSample.Stage.LABELLING:
            with TemporaryDirectory() as scratch:
                points, labels = (Path(scratch) / name for name in ("points.csv", "labels.csv"))
                with points.open("wb") as file:
                    sample_files.write_points(sample, file, format="csv")
                label_points(folder=folder, points=points, labels=labels, years=PAIR)
                label_files.import_labels(
                    sample=sample, path=labels, interpreter=INTERPRETER, synthetic=True
                )
            publication.publish(sample=sample)
        self.progress.end(f"labelled sample: {sample.points_total} points, published")

    def _load_planning_areas(self, path: Path) -> None:
        """Upload a set of custom zones."""
        _account(PLANNING_OFFICE)
        call_command(
            "upload_zones",
            path,
            owner=PLANNING_OFFICE,
            name="Planning areas",
            publish=True,
            stdout=self.stdout,
        )
        self.progress.end("planning areas: counted and published")


def _account(name: str) -> Any:
    """An account that cannot sign in, made if it is not there."""
    owner, created = get_user_model().objects.get_or_create(username=name)
    if created:
        owner.set_unusable_password()
        owner.save(update_fields=("password",))
    return owner
