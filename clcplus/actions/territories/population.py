"""Import inhabitants of zones, and sum them up the levels."""

from __future__ import annotations

from pathlib import Path

from django.db import connection, transaction

from analytics.files import read_table
from clcplus.actions import audit
from clcplus.actions.territories import layer_zones
from clcplus.errors import BadTable, UnknownLevel
from clcplus.models import Level, Population, Publication, Zone


def import_population(*, path: Path, level: str) -> int:
    """Import inhabitants from a CSV file with ``[vintage,]code,year,population``.

    Without a vintage, a row applies to every vintage with the code. A zone of a higher level gets
    the sum of its children if all of them have a figure of the year. Returns the number of figures.
    Raises BadTable, UnknownLevel.
    """
    rows = read_table(path, ["code", "year", "population"])
    zones = Zone.objects.filter(layer__level__slug=level)
    by_code: dict[tuple[str, str], list[int]] = {}
    for pk, code, vintage in zones.values_list("pk", "code", "layer__vintage"):
        by_code.setdefault((str(vintage), code), []).append(pk)
        by_code.setdefault(("", code), []).append(pk)
    if not by_code:
        raise UnknownLevel(f"level {level!r}", found="no zone", expected="one that was imported")
    figures: dict[tuple[int, int], int] = {}
    unknown: list[str] = []
    for number, row in enumerate(rows, start=2):
        key = (row.get("vintage") or "", row["code"])
        if key not in by_code:
            unknown.append(row["code"])
            continue
        try:
            year, inhabitants = int(row["year"]), int(row["population"])
        except ValueError:
            raise BadTable(
                f"{path.name}, line {number}",
                found=f"year {row['year']!r}, population {row['population']!r}",
                expected="whole numbers",
            ) from None
        if inhabitants < 0:
            raise BadTable(
                f"{path.name}, line {number}", found=str(inhabitants), expected="0 or more"
            )
        for zone in by_code[key]:
            figures[zone, year] = inhabitants
    if unknown:
        raise BadTable(
            path.name,
            found=f"{len(unknown)} codes of no {level}, such as {', '.join(unknown[:3])}",
            expected="codes of imported zones",
        )
    with transaction.atomic():
        Population.objects.bulk_create(
            [
                Population(zone_id=zone, year=year, inhabitants=inhabitants)
                for (zone, year), inhabitants in figures.items()
            ],
            update_conflicts=True,
            unique_fields=("zone", "year"),
            update_fields=("inhabitants",),
        )
        _sum_population(level)
        layer_zones.refresh_names()
        audit.publish_data(Publication.Event.POPULATION, subject=path.name, by=None)
    return len(figures)


def _sum_population(level: str) -> None:
    current = Level.objects.select_related("parent").get(slug=level).parent
    while current is not None:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO clcplus_population (zone_id, year, inhabitants)"
                " SELECT child.parent_id, p.year, sum(p.inhabitants) FROM clcplus_population p"
                " JOIN clcplus_zone child ON child.id = p.zone_id"
                " JOIN clcplus_zone parent ON parent.id = child.parent_id"
                " JOIN clcplus_layer layer ON layer.id = parent.layer_id"
                " WHERE layer.level_id = %s GROUP BY 1, 2 HAVING count(*) = ("
                "  SELECT count(*) FROM clcplus_zone z WHERE z.parent_id = child.parent_id)"
                " ON CONFLICT (zone_id, year) DO UPDATE SET inhabitants = EXCLUDED.inhabitants",
                [current.pk],
            )
        current = current.parent
