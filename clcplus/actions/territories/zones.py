"""Layers of territories: imported from files, or dissolved from the level below."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import shapely
from django.contrib.gis.db.models.functions import AsWKB
from django.contrib.postgres.aggregates import ArrayAgg
from django.db import transaction
from django.db.models import Sum

from analytics.counting import zone_cells
from analytics.files import printable, read_table
from analytics.geometry import multipolygon
from analytics.rasters import file_hash
from analytics.search import search_key
from analytics.zones import ZoneLayer, layers
from clcplus.actions.editions import completion, tile_plans
from clcplus.actions.territories import layer_zones
from clcplus.actions.territories.levels import KNOWN_LEVELS, rank_of
from clcplus.database import locks
from clcplus.errors import BadTable, UnknownLevel, WrongState
from clcplus.jobs import runs
from clcplus.jobs.states import ENDED_EARLY
from clcplus.models import Layer, Level, Run, Zone

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Imported:
    """A layer, and the run that counts its zones in the loaded editions, if there are any."""

    layer: Layer
    run: Run | None


def import_zones(
    *,
    paths: Sequence[Path],
    level: str,
    vintage: int,
    code_field: str,
    name_field: str,
    parent_field: str | None = None,
    parent_level: str | None = None,
    layer_name: str | None = None,
    say: Say = lambda line: None,
) -> Imported:
    """Import a layer of zones from vector files, whole or not at all.

    The layer's report lists repairs, overlaps and gaps. The same files again change nothing. Raises
    analytics.errors.ZoneError and its kin for files with errors, WrongState if other files were
    imported for this level and vintage.
    """
    source = ", ".join(path.name for path in paths)[:200]
    say(f"reading {source}")
    zones = layers.read_zones(
        paths,
        code_field=code_field,
        name_field=name_field,
        parent_field=parent_field,
        layer=layer_name,
    )
    return import_layer(
        zones, level=level, parent_level=parent_level, vintage=vintage, source=source, say=say
    )


def import_layer(
    zones: ZoneLayer,
    *,
    level: str,
    vintage: int,
    source: str,
    parent_level: str | None = None,
    say: Say = lambda line: None,
) -> Imported:
    """Import zones that were read, whole or not at all. Raises WrongState and UnknownLevel."""
    _check_texts(zones, source=source)
    same = _imported_before(level, vintage, zones.sha256, source)
    if same is not None:
        return same
    say(f"{len(zones.codes)} zones: looking for overlaps and gaps")
    overlaps = layers.overlaps(zones.geometries, zones.codes)
    gaps = layers.gaps(zones.geometries)
    say("counting the cells of each zone")
    cells = zone_cells.count_cells(zones.geometries).tolist()
    with transaction.atomic():
        locks.lock_until_commit(locks.Kind.FINALISE)
        layer = Layer.objects.create(
            level=_level(level, parent_level),
            vintage=vintage,
            source=source,
            content_hash=zones.sha256,
            report={
                "repairs": [asdict(repair) for repair in zones.repairs],
                "overlaps": [asdict(overlap) for overlap in overlaps],
                "overlap_m2": sum(overlap.area for overlap in overlaps),
                "gaps": gaps,
                "gap_m2": sum(gaps),
            },
        )
        rows = zip(
            zones.codes, zones.names, zones.parent_codes, zones.geometries, cells, strict=True
        )
        return _complete(layer, rows)


def _check_texts(zones: ZoneLayer, *, source: str) -> None:
    """Raise BadTable for a text that the table of zones cannot hold."""
    for field, texts in (
        ("code", zones.codes),
        ("name", zones.names),
        ("parent_code", zones.parent_codes),
    ):
        column: Any = Zone._meta.get_field(field)
        most: int = column.max_length
        for text in texts:
            # The key that searches compare has more letters where one letter stands for two.
            longest = max(len(text), len(search_key(text)) if field == "name" else 0)
            if longest > most or "\0" in text:
                raise BadTable(
                    source,
                    found=f"the {field.replace('_', ' ')} {printable(text[:30])!r} of "
                    f"{longest} letters",
                    expected=f"plain text of at most {most} letters",
                )


def dissolve_zones(
    *,
    path: Path,
    level: str,
    from_level: str,
    vintage: int,
    code_field: str = "code",
    name_field: str = "name",
    parent_field: str | None = None,
    say: Say = lambda line: None,
) -> Imported:
    """Make a higher level by dissolving a layer along its parents' codes.

    ``path`` is a CSV file that names the zones to make. The statistics of such a layer are the sums
    of its children's. Raises UnknownLevel, BadTable, MissingField.
    """
    fields = [code_field, name_field] + ([parent_field] if parent_field else [])
    named = {row[code_field]: row for row in read_table(path, fields)}
    digest = file_hash([path])
    same = _imported_before(level, vintage, digest, path.name)
    if same is not None:
        return same
    children = Layer.objects.filter(level__slug=from_level, vintage=vintage).first()
    if children is None:
        raise UnknownLevel(
            f"level {from_level!r}",
            found=f"no layer of {vintage}",
            expected="one that was imported",
        )
    say(f"dissolving {children}")
    groups = sorted(
        Zone.objects.filter(layer=children)
        .exclude(parent_code="")
        .order_by("parent_code")
        .values_list("parent_code")
        .annotate(parts=ArrayAgg(AsWKB("geometry"), order_by="code"), total=Sum("cells"))
    )
    if not groups:
        raise BadTable(
            str(children), found="no parents' codes", expected="zones that name their parent"
        )
    unnamed = sorted({code for code, _, _ in groups} - set(named))
    if unnamed:
        raise BadTable(
            path.name,
            found=f"no row for {', '.join(unnamed[:5])}",
            expected=f"every parent that {children} names",
        )
    rows = [
        (
            code,
            named[code][name_field],
            named[code][parent_field] if parent_field else "",
            multipolygon(shapely.union_all(shapely.from_wkb(parts))),
            cells,
        )
        for code, parts, cells in groups
    ]
    with transaction.atomic():
        locks.lock_until_commit(locks.Kind.FINALISE)
        layer = Layer.objects.create(
            level=_level(level),
            vintage=vintage,
            source=path.name,
            content_hash=digest,
            report={"dissolved_from": from_level},
            aggregated=True,
        )
        Level.objects.filter(slug=from_level).update(parent=layer.level)
        return _complete(layer, rows)


def _imported_before(level: str, vintage: int, digest: str, source: str) -> Imported | None:
    layer = Layer.objects.filter(level__slug=level, vintage=vintage).first()
    if layer is None:
        return None
    if layer.content_hash != digest:
        raise WrongState(
            source,
            found=f"zones of {level} {vintage} that were imported from {layer.source}",
            expected="another vintage, or the same file",
            hint="Boundaries that were published are never changed in place",
        )
    run = Run.objects.filter(layer=layer).order_by("-created_at").first()
    if run is not None and run.state in ENDED_EARLY:
        runs.take_up(run)
    return Imported(layer, run)


def _level(slug: str, parent_slug: str | None = None) -> Level:
    name, plural, rank = KNOWN_LEVELS.get(
        slug, (slug.capitalize(), slug.capitalize(), rank_of(slug))
    )
    parent = None
    if parent_slug is not None:
        parent = Level.objects.filter(slug=parent_slug).first()
        if parent is None:
            known = ", ".join(Level.objects.values_list("slug", flat=True)) or "none yet"
            raise UnknownLevel(
                f"level {parent_slug!r}", found="no such level", expected=f"one of: {known}"
            )
        rank = max(rank, parent.rank + 1)
    level, _ = Level.objects.get_or_create(
        slug=slug, defaults={"name": name, "name_plural": plural, "rank": rank}
    )
    if parent is not None and level.parent_id != parent.pk:
        level.parent = parent
        level.save(update_fields=("parent",))
    return level


def _complete(layer: Layer, rows: Iterable[tuple[str, str, str, Any, int]]) -> Imported:
    """Store and link the zones of a new layer, and have them counted in the loaded editions.

    Without an edition the layer is shown at once.
    """
    layer_zones.store(layer, rows)
    layer_zones.link_parents(layer.vintage)
    layer_zones.link_successors(layer.level)
    layer_zones.refresh_names()
    layer.refresh_from_db()
    editions = tile_plans.counted_editions()
    if not editions:
        completion.activate_layer(layer=layer)
        return Imported(layer, None)
    run = Run(kind=Run.Kind.COUNT, layer=layer, parameters={"layers": [layer.pk]})
    return Imported(layer, runs.start(run, tile_plans.plan_count(run, editions=editions)))
