"""import_zones: layers of zones from vector files, by a preset or by named columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from clcplus.actions.territories.boundaries import Choice, import_boundaries
from clcplus.actions.territories.boundary_request import preset_named, request_boundaries
from clcplus.actions.territories.presets import PRESETS
from clcplus.actions.territories.zones import Imported, import_zones
from clcplus.management.terminal import ExplainedCommand
from clcplus.models import Layer, Run
from clcplus.sources.boundary_files import is_address

_OF_COLUMNS = ("code_field", "name_field", "parent_field", "parent_level", "layer")


class Command(ExplainedCommand):
    help = (
        "Import zones of one vintage from vector files that GDAL reads: all levels of files that "
        "a preset knows, or one level of any other file, whose columns you name."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", nargs="+", help="a file; with a preset also an address, which a worker fetches"
        )
        parser.add_argument(
            "--preset",
            choices=sorted(PRESETS),
            help="; ".join(f"{preset.name}: {preset.title}" for preset in PRESETS.values()),
        )
        parser.add_argument(
            "--level", help="such as commune; with a preset, these levels alone (a,b)"
        )
        parser.add_argument(
            "--vintage",
            type=int,
            help="year of the boundaries; with a preset by default that in the file's name",
        )
        parser.add_argument(
            "--country", default="", help="letters of a country, where the preset has several"
        )
        parser.add_argument(
            "--zone", default="", metavar="LEVEL:CODE", help="this zone and those in it alone"
        )
        parser.add_argument("--code-field")
        parser.add_argument("--name-field")
        parser.add_argument("--parent-field", help="field with the code of the zone above")
        parser.add_argument("--parent-level", help="level of the zone above")
        parser.add_argument("--layer", help="layer of the file, where it has several")
        parser.add_argument("--no-wait", action="store_true", help="do not follow the count")

    def handle(self, *, file: list[str], preset: str | None, no_wait: bool, **options: Any) -> None:
        done = (
            self._by_columns(file, options)
            if preset is None
            else self._by_preset(file, preset, options, no_wait=no_wait)
        )
        self.progress.end()
        for imported in done:
            self._tell(imported.layer)
        for imported in done:
            if imported.run is not None and not no_wait:
                self.follow(imported.run, name=str(imported.layer))

    def _by_columns(self, files: list[str], options: dict[str, Any]) -> list[Imported]:
        needed = ("level", "vintage", "code_field", "name_field")
        missing = [_option(name) for name in needed if options[name] is None]
        unfit = [_option(name) for name in ("country", "zone") if options[name]]
        addresses = [file for file in files if is_address(file)]
        if missing or unfit or addresses:
            found = f"no {missing[0]}" if missing else (unfit or addresses)[0]
            raise CommandError(
                f"import_zones: found {found}; expected --preset, or a file with --level, "
                "--vintage, --code-field and --name-field"
            )
        imported = import_zones(
            paths=[Path(file) for file in files],
            level=options["level"],
            vintage=options["vintage"],
            code_field=options["code_field"],
            name_field=options["name_field"],
            parent_field=options["parent_field"],
            parent_level=options["parent_level"],
            layer_name=options["layer"],
            say=self.progress.show,
        )
        return [imported]

    def _by_preset(
        self, files: list[str], name: str, options: dict[str, Any], *, no_wait: bool
    ) -> list[Imported]:
        unfit = [_option(option) for option in _OF_COLUMNS if options[option] is not None]
        if unfit:
            raise CommandError(
                f"import_zones: found {unfit[0]} beside --preset; expected one of them"
            )
        choice = Choice(
            levels=tuple(word.strip() for word in (options["level"] or "").split(",") if word),
            country=options["country"],
            zone=options["zone"],
        )
        if not any(is_address(file) for file in files):
            return import_boundaries(
                paths=[Path(file) for file in files],
                presets=[preset_named(name)],
                vintage=options["vintage"],
                choice=choice,
                say=self.progress.show,
            )
        run = request_boundaries(
            files=files, presets=[name], vintage=options["vintage"], choice=choice
        )
        if no_wait:
            self.stdout.write(f"import of boundaries: run {run.pk}")
            return []
        self.follow(run, name="import of boundaries")
        counts = {count.layer_id: count for count in _counts(run)}
        return [
            Imported(layer, counts.get(layer.pk))
            for pk in run.parameters["layers"]
            for layer in Layer.objects.filter(pk=pk)
        ]

    def _tell(self, layer: Layer) -> None:
        report = layer.report
        repairs, overlaps, gaps = (report.get(n, []) for n in ("repairs", "overlaps", "gaps"))
        for repair in repairs:
            self.stdout.write(
                f"zone {repair['code']}: repaired ({repair['reason']}), "
                f"{repair['area_before']:.0f} → {repair['area_after']:.0f} m²"
            )
        for overlap in overlaps[:20]:
            self.stdout.write(
                f"zones {overlap['code']} and {overlap['other_code']} overlap: "
                f"{overlap['area']:.0f} m²"
            )
        self.stdout.write(
            f"{layer}: {layer.zones_total} zones; {len(repairs)} repaired; "
            f"overlaps {len(overlaps)} ({report.get('overlap_m2', 0):.0f} m²); "
            f"gaps {len(gaps)} ({report.get('gap_m2', 0):.0f} m²)"
        )


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _counts(run: Run) -> list[Run]:
    return list(Run.objects.filter(pk__in=run.parameters["counts"]))
