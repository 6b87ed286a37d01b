"""import_zones: a layer of zones from vector files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from clcplus.actions.territories.zones import import_zones
from clcplus.management.terminal import ExplainedCommand


class Command(ExplainedCommand):
    help = "Import the zones of one level and vintage from any vector files that GDAL reads."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="+")
        parser.add_argument("--level", required=True, help="such as commune")
        parser.add_argument("--vintage", required=True, type=int, help="year of the boundaries")
        parser.add_argument("--code-field", required=True)
        parser.add_argument("--name-field", required=True)
        parser.add_argument("--parent-field", help="field with the code of the zone above")
        parser.add_argument("--parent-level", help="level of the zone above")
        parser.add_argument("--layer", help="layer of the file, where it has several")
        parser.add_argument("--no-wait", action="store_true", help="do not follow the count")

    def handle(self, *, file: list[Path], layer: str | None, no_wait: bool, **options: Any) -> None:
        names = ("level", "vintage", "code_field", "name_field", "parent_field", "parent_level")
        done = import_zones(
            paths=file,
            layer_name=layer,
            say=self.progress.show,
            **{name: options[name] for name in names},
        )
        self.progress.end()
        report = done.layer.report
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
            f"{done.layer}: {done.layer.zones_total} zones; {len(repairs)} repaired; "
            f"overlaps {len(overlaps)} ({report.get('overlap_m2', 0):.0f} m²); "
            f"gaps {len(gaps)} ({report.get('gap_m2', 0):.0f} m²)"
        )
        if done.run is not None and not no_wait:
            self.follow(done.run, name=str(done.layer))
