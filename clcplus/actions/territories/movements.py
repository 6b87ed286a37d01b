"""Import what an official table says has become of codes: INSEE's movements of communes."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from analytics.files import StrictTable, read_strict_table, shown
from clcplus.actions import audit
from clcplus.actions.territories import layer_zones
from clcplus.database import locks
from clcplus.errors import BadTable, UnknownLevel
from clcplus.models import Level, Movement, Publication, Zone

_KINDS = {
    "10": Movement.Kind.RENAMED,
    "20": Movement.Kind.SPLIT,
    "21": Movement.Kind.SPLIT,
    "30": Movement.Kind.DIVIDED,
    "31": Movement.Kind.MERGED,
    "32": Movement.Kind.MERGED,
    "33": Movement.Kind.MERGED,
    # The end of associated and delegated communes: only the name of the commune may change.
    "34": Movement.Kind.RENAMED,
    "35": Movement.Kind.RENAMED,
    "41": Movement.Kind.RECODED,
    "50": Movement.Kind.RECODED,
}
_COMMUNE = "COM"
_PARTS = ("", "COMA", "COMD", "ARM")
"""Of what a commune consists, or nothing: not of the level."""
_COLUMNS = (
    *("MOD", "DATE_EFF", "TYPECOM_AV", "COM_AV", "LIBELLE_AV"),
    *("TYPECOM_AP", "COM_AP", "LIBELLE_AP"),
)
_MOST_STEPS = 20
"""Movements of one day that follow from each other; more are a circle."""


@dataclass(frozen=True, slots=True)
class ImportedMovements:
    """Numbers of movements, and of zones of older vintages that they lead to later ones."""

    movements: int
    zones: int


def import_movements(*, path: Path, level: str) -> ImportedMovements:
    """Import INSEE's table in place of what was imported before for a level, whole or not at all.

    Zones whose code is gone get the successor that the table names. Raises UnreadableTable,
    BadTable, UnknownLevel.
    """
    found = Level.objects.filter(slug=level, custom=False).first()
    if found is None or not Zone.objects.filter(layer__level=found).exists():
        raise UnknownLevel(f"level {level!r}", found="no zone", expected="one that was imported")
    table = read_strict_table(path)
    movements = list(_movements(table, found))
    if not movements:
        raise BadTable(
            table.name, found="no movement of a commune", expected=f"rows of type {_COMMUNE}"
        )
    _order(table.name, movements)
    with transaction.atomic():
        # That of imports of zones: both link zones to their successors.
        locks.lock_until_commit(locks.Kind.FINALISE)
        Movement.objects.filter(level=found).delete()
        Movement.objects.bulk_create(movements, batch_size=2000)
        zones = layer_zones.link_successors(found)
        audit.publish_data(Publication.Event.MOVEMENTS, subject=table.name, by=None)
    return ImportedMovements(movements=len(movements), zones=zones)


def _movements(table: StrictTable, level: Level) -> Iterator[Movement]:
    seen: set[tuple[str, datetime.date, str]] = set()
    columns = zip(*(table.column(name) for name in _COLUMNS), strict=True)
    for line, row in zip(table.lines, columns, strict=True):
        place = f"{table.name}, line {line}"
        mod, on, former_type, former_code, former_name, later_type, code, name = row
        kind, date = _KINDS.get(mod), _date(place, on)
        for column, value in (("TYPECOM_AV", former_type), ("TYPECOM_AP", later_type)):
            if value not in (_COMMUNE, *_PARTS):
                raise BadTable(
                    place,
                    found=f"{column} {shown(value)}",
                    expected=f"{_COMMUNE}, {', '.join(filter(None, _PARTS))} or nothing",
                )
        if former_type != _COMMUNE or later_type not in (_COMMUNE, ""):
            continue
        if kind is None:
            raise BadTable(place, found=f"MOD {shown(mod)}", expected=f"one of {', '.join(_KINDS)}")
        _check_text(place, "COM_AV", former_code, "former_code")
        _check_text(place, "LIBELLE_AV", former_name, "former_name")
        if later_type == _COMMUNE:
            _check_text(place, "COM_AP", code, "code")
            _check_text(place, "LIBELLE_AP", name, "name")
        else:
            kind, code, name = Movement.Kind.ENDED, "", ""
        if kind == Movement.Kind.RENAMED and (former_code, former_name) == (code, name):
            continue
        key = former_code, date, code
        if key in seen:
            raise BadTable(
                place,
                found=f"a second movement from {former_code} to {code or 'nothing'} on {date}",
                expected="one",
            )
        seen.add(key)
        yield Movement(
            level=level,
            date=date,
            step=0,
            kind=kind,
            former_code=former_code,
            former_name=former_name,
            code=code,
            name=name,
        )


def _date(place: str, text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise BadTable(
            place, found=f"DATE_EFF {shown(text)}", expected="a date such as 2023-01-01"
        ) from None


def _check_text(place: str, column: str, text: str, field: str) -> None:
    of_table: Any = Movement._meta.get_field(field)
    most: int = of_table.max_length
    if not text or len(text) > most or not text.isprintable():
        raise BadTable(
            place,
            found=f"{column} {shown(text)}",
            expected=f"plain text of 1 to {most} characters",
        )


def _order(name: str, movements: Iterable[Movement]) -> None:
    """Number the movements of each day, so that what follows from another comes after it. Raises
    BadTable for a circle."""
    by_day: dict[datetime.date, list[Movement]] = defaultdict(list)
    for movement in movements:
        by_day[movement.date].append(movement)
    for day, of_day in by_day.items():
        depth: dict[str, int] = defaultdict(int)
        moved = [one for one in of_day if one.former_code != one.code]
        for _ in range(_MOST_STEPS):
            before = dict(depth)
            for one in moved:
                depth[one.code] = max(depth[one.code], depth[one.former_code] + 1)
            if all(before.get(code, 0) == value for code, value in depth.items()):
                break
        else:
            raise BadTable(
                name, found=f"movements of {day} in a circle", expected="an order of them"
            )
        for one in of_day:
            # A territory that takes others in stays itself: its line stands beside theirs.
            stays = one.former_code == one.code
            one.step = max(depth[one.code] - 1, 0) if stays else depth[one.former_code]
