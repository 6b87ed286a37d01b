"""Fills an empty database with the communes of France: ``python -m
tests.benchmarks.dashboard_database``, with DATABASE_URL in the environment.

Zones and populations come by the platform's own commands; counts of the communes as the engine made
them, those of the levels above as their sums, by the statements that finalise an ingest.
"""

from __future__ import annotations

import os
from typing import Any

from tests.benchmarks.communes import PAIRS, YEARS, Communes, communes

VINTAGE = 2018
_TILE = "E00N00"


def main() -> None:
    """Migrate, import, publish."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clcplus.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from clcplus.models import Layer

    found = communes()
    call_command("migrate", interactive=False, verbosity=0)
    call_command(
        *("import_zones", str(found.layer)),
        **{"level": "commune", "vintage": VINTAGE, "parent_field": "dep"},
        **{"code_field": "code", "name_field": "name"},
    )
    for level, path, lower, parent in (
        ("departement", found.departements, "commune", "region"),
        ("region", found.regions, "departement", None),
    ):
        fields = ("code", "name") if level == "departement" else ("REG", "LIBELLE")
        call_command(
            *("dissolve_zones", str(path)),
            **{"level": level, "from_level": lower, "vintage": VINTAGE, "parent_field": parent},
            **{"code_field": fields[0], "name_field": fields[1]},
        )
    call_command("import_population", str(found.population), level="commune")
    editions = _editions()
    _count(found, editions, list(Layer.objects.values_list("pk", flat=True)))
    for edition in editions.values():
        call_command("publish_edition", edition.slug)
    _analyse()


def _editions() -> dict[int, Any]:
    from django.utils import timezone

    from analytics.products import CLCPLUS
    from clcplus.models import Edition

    return {
        year: Edition.objects.create(
            slug=f"clcplus-{year}",
            product="clcplus",
            product_name=CLCPLUS.name,
            year=year,
            origin=Edition.Origin.SYNTHETIC,
            status=Edition.Status.LOADED,
            window_start=CLCPLUS.editions[year].window_start,
            window_end=CLCPLUS.editions[year].window_end,
            content_hash=f"{year:064d}",
            loaded_at=timezone.now(),
        )
        for year in YEARS
    }


def _count(found: Communes, editions: dict[int, Any], layers: list[int]) -> None:
    """Counts as one tile's, for each edition and pair, then summed up as an ingest does."""
    from django.db import transaction

    from clcplus.actions.editions import completion
    from clcplus.database.bulk_copy import copy_rows
    from clcplus.models import ChangePart, Run, StatisticsPart, Unit, Zone

    ids = dict(Zone.objects.filter(layer__level__slug="commune").values_list("code", "pk"))
    with transaction.atomic():
        for year, cells in found.status.items():
            copy_rows(
                StatisticsPart._meta.db_table,
                ("edition_id", "tile", "zone_id", "cells"),
                (
                    (editions[year].pk, _TILE, ids[code], row.tolist())
                    for code, row in zip(found.codes, cells, strict=True)
                ),
            )
        for (earlier, later), cells in found.change.items():
            copy_rows(
                ChangePart._meta.db_table,
                ("earlier_id", "later_id", "tile", "zone_id", "matrix"),
                (
                    (editions[earlier].pk, editions[later].pk, _TILE, ids[code], row.tolist())
                    for code, row in zip(found.codes, cells, strict=True)
                ),
            )
        for year in YEARS:
            run = Run.objects.create(
                kind=Run.Kind.INGEST, edition=editions[year], parameters={"layers": layers}
            )
            before = [editions[earlier].pk for earlier, later in PAIRS if later == year]
            Unit.objects.create(
                run=run, edition=editions[year], tile=_TILE, compare_with=before, cells=0
            )
            completion._sum_up(run)
            run.delete()


def _analyse() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


if __name__ == "__main__":
    main()
