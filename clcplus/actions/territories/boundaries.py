"""Boundaries of a preset: all levels of its files, the highest first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import shapely
from django.db import transaction

from analytics.grid import Window
from analytics.zones import Rows, ZoneLayer, field_texts, joined, read_zones
from clcplus.actions.territories import layer_zones
from clcplus.actions.territories.levels import rank_of
from clcplus.actions.territories.presets import PRESETS, Found, Preset, recognise, vintage_of
from clcplus.actions.territories.zones import Imported, Say, import_layer
from clcplus.errors import UnfitBoundaries, UnknownLevel
from clcplus.models import Level, Zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which zones of the files are imported; all of them unless it says otherwise."""

    levels: tuple[str, ...] = ()
    country: str = ""
    """Letters of a country, as the files have them."""
    zone: str = ""
    """``level:code``: this zone, and the zones of finer levels in it."""
    window: Window | None = None
    """Zones of the finest level that have an inner point in a window."""

    @property
    def zone_level(self) -> str:
        """Level of the zone."""
        return self.zone.partition(":")[0]


EVERYTHING = Choice()


def import_boundaries(
    *,
    paths: Sequence[Path],
    presets: Sequence[Preset],
    vintage: int | None = None,
    choice: Choice = EVERYTHING,
    say: Say = lambda line: None,
) -> list[Imported]:
    """Import the levels of files that one of the presets fits.

    Without a vintage the names of the files say it. Everything is read and checked before the
    first level is stored; each level is stored whole or not at all. The same files again change
    nothing. Raises UnfitBoundaries and UnknownLevel beside the errors of ``zones.import_zones``.
    """
    found = [one for path in paths for one in recognise(path, presets)]
    year = vintage or vintage_of([path.name for path in paths])
    if year is None:
        raise UnfitBoundaries(
            ", ".join(path.name for path in paths[:3]),
            found="no year in the name",
            expected="the vintage",
            hint="Say it with --vintage",
        )
    found = _with_rows(found, country=choice.country)
    chosen = _by_level(found, choice)
    area = _area(found, choice)
    read = []
    for level, parts in chosen.items():
        say(f"reading {level}")
        read.append((parts, joined([_zones(part, choice, area=area) for part in parts])))
    done = [
        import_layer(
            _placed(zones, parts[0], vintage=year),
            level=parts[0].level.level,
            parent_level=_loaded(parts[0].level.parent),
            vintage=year,
            source=", ".join(dict.fromkeys(part.path.name for part in parts))[:200],
            say=say,
        )
        for parts, zones in read
    ]
    _link_levels(vintage=year)
    return done


def _by_level(found: Sequence[Found], choice: Choice) -> dict[str, list[Found]]:
    """The layers of each chosen level, the highest level first."""
    by_level: dict[str, list[Found]] = {}
    for one in sorted(found, key=lambda one: rank_of(one.level.level)):
        by_level.setdefault(one.level.level, []).append(one)
    names = list(by_level)
    for level in (*choice.levels, choice.zone_level):
        if level and level not in names:
            raise UnknownLevel(
                f"level {level!r}",
                found="no such level in the files",
                expected=f"one of: {', '.join(names)}",
            )
    if choice.zone:
        names = names[names.index(choice.zone_level) :]
    if choice.window is not None:
        names = names[-1:]
    if choice.levels:
        names = [name for name in names if name in choice.levels]
    return {name: by_level[name] for name in names}


def _with_rows(found: Sequence[Found], *, country: str) -> list[Found]:
    """The levels that have a row. Raises UnfitBoundaries for a row that is of no level, since it
    would be left out unseen, and for a country without a row."""
    kept = [one for one in found if not _rows(one, country=country)]
    of_layer: dict[tuple[Path, str | None], list[Found]] = {}
    for one in found:
        if one not in kept:
            of_layer.setdefault((one.path, one.layer), []).append(one)
    for (path, layer), levels in of_layer.items():
        patterns = [_rows(one, country=country) for one in levels]
        fields = list(dict.fromkeys(field for rows in patterns for field in rows))
        texts = field_texts(path, fields=fields, layer=layer)
        rows = [
            dict(zip(fields, values, strict=True))
            for values in set(zip(*(texts[field] for field in fields), strict=True))
        ]
        if country:
            rows = _of_country(rows, levels[0], country=country)
        stray = [row for row in rows if not any(_fits(row, pattern) for pattern in patterns)]
        if stray:
            row = ", ".join(f"{field} {text!r}" for field, text in stray[0].items())
            raise UnfitBoundaries(
                path.name,
                found=f"{len(stray)} rows of no level, such as {row}"[:200],
                expected=f"rows of {', '.join(one.level.level for one in levels)}",
            )
        kept += [
            one
            for one, pattern in zip(levels, patterns, strict=True)
            if any(_fits(row, pattern) for row in rows)
        ]
    return kept


def _of_country(
    rows: Sequence[dict[str, str]], one: Found, *, country: str
) -> list[dict[str, str]]:
    column = one.preset.country
    found = [row for row in rows if row[column] == country]
    if not found:
        known = sorted({row[column] for row in rows})
        raise UnfitBoundaries(
            one.path.name,
            found=f"no row with {column} {country!r}",
            expected=f"one of: {', '.join(known[:60])}"[:300],
        )
    return found


def _fits(row: dict[str, str], pattern: Rows) -> bool:
    return all(re.fullmatch(wanted, row[field]) for field, wanted in pattern.items())


def _rows(one: Found, *, country: str) -> Rows:
    if not country:
        return one.level.rows
    if not one.preset.country:
        raise UnfitBoundaries(
            one.path.name,
            found=f"files of one country (preset {one.preset.name})",
            expected="a preset of several countries for --country",
        )
    return {**one.level.rows, one.preset.country: re.escape(country)}


def _area(found: Sequence[Found], choice: Choice) -> shapely.Geometry | None:
    """The area in which zones are taken, in EPSG:3035."""
    if choice.window is not None:
        return shapely.box(*choice.window.bounds)
    if not choice.zone:
        return None
    of_level = [one for one in found if one.level.level == choice.zone_level]
    return shapely.union_all(
        joined([_zones(one, choice, area=None) for one in of_level]).geometries
    )


def _zones(one: Found, choice: Choice, *, area: shapely.Geometry | None) -> ZoneLayer:
    rows = dict(_rows(one, country=choice.country))
    if one.level.level == choice.zone_level:
        rows[one.level.code] = re.escape(choice.zone.partition(":")[2])
        area = None
    return read_zones(
        [one.path],
        code_field=one.level.code,
        name_field=one.level.name,
        parent_field=one.level.parent_column or None,
        parent_letters=one.level.parent_letters,
        layer=one.layer,
        rows=rows,
        inside=area,
    )


def _placed(zones: ZoneLayer, one: Found, *, vintage: int) -> ZoneLayer:
    """The zones with the codes of the loaded zones that hold them, where the file has none."""
    if not one.level.parent_by_place:
        return zones
    above = list(Zone.objects.filter(layer__level__slug=one.level.parent, layer__vintage=vintage))
    tree = shapely.STRtree([shapely.from_wkb(bytes(zone.geometry.wkb)) for zone in above])
    children, parents = tree.query(
        shapely.point_on_surface(zones.geometries), predicate="intersects"
    )
    codes = [""] * len(zones.codes)
    for child, parent in zip(children.tolist(), parents.tolist(), strict=True):
        codes[child] = above[parent].code
    return replace(zones, parent_codes=codes)


def _loaded(level: str) -> str | None:
    return level if level and Level.objects.filter(slug=level).exists() else None


def _link_levels(*, vintage: int) -> None:
    """Link levels that were imported before the level above them."""
    of_level = {
        level.level: level.parent
        for preset in PRESETS.values()
        for form in preset.forms
        for level in form
    }
    with transaction.atomic():
        linked = [
            Level.objects.filter(slug=level, parent=None).update(parent=parent)
            for level, above in of_level.items()
            for parent in Level.objects.filter(slug=above)
        ]
        if any(linked):
            layer_zones.link_parents(vintage)
