"""The names of the 35 000 communes of France in the search, in several vintages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
from django.db import transaction

from analytics.search.names import search_key
from clcplus.actions.territories import layer_zones
from clcplus.database.bulk_copy import copy_rows
from clcplus.models import Layer, Level, Zone

FILE = (
    Path(__file__).resolve().parents[2]
    / "shared"
    / "data"
    / "france"
    / "communes_2018_population.parquet"
)


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune of 2018."""

    code: str
    name: str
    inhabitants: int


def communes() -> list[Commune]:
    """All of them, as the file has them."""
    table = pq.read_table(FILE, columns=["code", "nom", "pop"]).to_pydict()
    rows = zip(table["code"], table["nom"], table["pop"], strict=True)
    return [
        Commune(code=code, name=name, inhabitants=int(people or 0)) for code, name, people in rows
    ]


def load(communes: Sequence[Commune], *, vintages: Sequence[int]) -> None:
    """Layers of these vintages with all of the communes, and the names for the search."""
    level = Level.objects.create(slug="commune", name="Commune", name_plural="Communes", rank=30)
    with transaction.atomic():
        for vintage in vintages:
            layer = Layer.objects.create(
                level=level, vintage=vintage, active=True, source="tests", content_hash="0" * 64
            )
            copy_rows(
                "clcplus_zone",
                ("layer_id", "code", "name", "search_name", "parent_code", "geometry", "cells"),
                (
                    (layer.pk, c.code, c.name, search_key(c.name), "", _square(number), 1)
                    for number, c in enumerate(communes)
                ),
            )
        _count_people(communes)
        layer_zones.refresh_names()


def _square(number: int) -> str:
    """It stands for the boundary, which no search reads. Each has its own place: statistics of
    thousands of equal boundaries would take PostGIS a minute."""
    x, y = 100 * (number % 200), 100 * (number // 200)
    ring = f"{x} {y},{x} {y + 100},{x + 100} {y + 100},{x + 100} {y},{x} {y}"
    return f"SRID=3035;MULTIPOLYGON((({ring})))"


def _count_people(communes: Sequence[Commune]) -> None:
    people = {commune.code: commune.inhabitants for commune in communes}
    copy_rows(
        "clcplus_population",
        ("zone_id", "year", "inhabitants"),
        ((pk, 2018, people[code]) for pk, code in Zone.objects.values_list("pk", "code")),
    )
