"""Register an edition: check its sources, then plan its run, unseen by any reader."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from django.contrib.gis.geos import Polygon
from django.db import transaction

from analytics.errors import RasterError
from analytics.grid import EPSG, Window, store_tiles
from analytics.nomenclature import OBSERVED_CODES, SEA_BUFFER
from analytics.products import PRODUCTS, published_edition, valid_codes
from analytics.rasters import Source, check_disjoint, content_hash, find_sources, inspect
from clcplus import locks
from clcplus.actions import publication, tile_plans
from clcplus.jobs import queue, runs
from clcplus.jobs.states import OPEN
from clcplus.models import Checkpoint, Edition, Run, Unit

MODELLED_NAME = "CLC+ Forward"
"""Name of what is predicted in the classes of CLC+ Backbone; it is not that product."""

Say = Callable[[str, int, int], None]
"""Called with a file's name, its cells checked, and its cells in all."""


def check_sources(
    *,
    paths: Sequence[Path],
    product: str,
    year: int,
    missing: frozenset[int] = frozenset(),
    say: Say | None = None,
) -> list[Source]:
    """Inspect every source of an edition before anything is stored. Raises RasterError."""
    wrong = missing & frozenset(OBSERVED_CODES)
    if wrong:
        raise RasterError(
            "--missing", found=f"{sorted(wrong)}, codes of observed classes", expected="other codes"
        )
    sources = [
        inspect(
            path,
            codes=valid_codes(product, year),
            missing=missing,
            progress=None if say is None else partial(say, path.name),
        )
        for path in find_sources(paths)
    ]
    check_disjoint(sources)
    return sources


def register_edition(
    *,
    sources: Sequence[Source],
    product: str,
    year: int,
    origin: str = Edition.Origin.OFFICIAL,
    checkpoint: Checkpoint | None = None,
    publish: bool = False,
    everything: bool = False,
    by: Any = None,
) -> Run:
    """Register checked sources and queue their ingest; the run to follow.

    A modelled edition has the checkpoint that it was predicted with. The same content again gives
    the same edition: its run is followed, taken up where it failed, or, where all is done, returned
    as it ended. Raises RasterError where no loaded zone is touched.
    """
    with transaction.atomic():
        # Two registrations at once would both find nothing and both register.
        locks.lock_until_commit(locks.Kind.REGISTER)
        coast = _coast(product=product, year=year)
        context = [coast.content_hash] if coast else []
        if checkpoint is not None:
            # What another network says is another edition, even where it says the same.
            context.append(checkpoint.identity)
        digest = content_hash(sources, context=context)
        edition = Edition.objects.filter(product=product, year=year, content_hash=digest).first()
        if edition is None:
            edition = _create(
                sources,
                product,
                year,
                origin=origin,
                digest=digest,
                coast=coast,
                checkpoint=checkpoint,
            )
            return _plan(edition, sources, publish=publish, everything=everything, by=by)
        run = Run.objects.filter(edition=edition, kind=Run.Kind.INGEST).latest("created_at")
        if publish and not run.publish:
            run.publish = True
            run.save(update_fields=("publish",))
        if run.state == Run.State.SUCCEEDED:
            if publish:
                publication.publish_edition(slug=edition.slug, by=by)
        elif run.state not in OPEN:
            runs.take_up(run)
        return run


def _coast(*, product: str, year: int) -> Edition | None:
    """The edition whose sea buffer is masked out of one that has none of its own (2018).

    It is the next later one that is loaded: in 2018 the sea buffer is class 10, which would count
    the sea as observed water.
    """
    if SEA_BUFFER in valid_codes(product, year):
        return None
    return (
        Edition.objects.filter(product=product, year__gt=year, loaded_at__isnull=False)
        .exclude(status=Edition.Status.WITHDRAWN)
        # No model tells the coastal sea from other water.
        .exclude(origin=Edition.Origin.MODELLED)
        .order_by("year", "-version")
        .first()
    )


def _create(
    sources: Sequence[Source],
    product: str,
    year: int,
    *,
    origin: str,
    digest: str,
    coast: Edition | None,
    checkpoint: Checkpoint | None,
) -> Edition:
    modelled = origin == Edition.Origin.MODELLED
    known = None if modelled else published_edition(product, year)
    # Modelled editions have versions of their own, as they have addresses of their own.
    others = Edition.objects.filter(product=product, year=year)
    if modelled:
        version = others.filter(origin=origin).count() + 1
    else:
        version = others.exclude(origin=Edition.Origin.MODELLED).count() + 1
    extent = sources[0].window
    for source in sources[1:]:
        extent = extent.union(source.window)
    area = Polygon.from_bbox(extent.bounds)
    area.srid = EPSG
    return Edition.objects.create(
        slug=f"{product}-{year}"
        + ("-modelled" if modelled else "")
        + (f"-v{version}" if version > 1 else ""),
        product=product,
        product_name=PRODUCTS[product].name if known else (MODELLED_NAME if modelled else product),
        year=year,
        version=version,
        origin=origin,
        window_start=known.window_start if known else None,
        window_end=known.window_end if known else None,
        doi=known.doi if known and origin == Edition.Origin.OFFICIAL else "",
        content_hash=digest,
        sources=[
            {"path": s.path, "sha256": s.sha256, "missing": sorted(s.missing), **asdict(s.window)}
            for s in sources
        ],
        missing_codes=sorted({code for s in sources for code in s.missing}),
        checkpoint=checkpoint,
        coast=coast,
        extent=area,
    )


def sources_of(edition: Edition) -> list[Source]:
    """The sources that an edition was registered with."""
    return [
        Source(
            path=s["path"],
            window=Window(s["row"], s["column"], s["height"], s["width"]),
            sha256=s["sha256"],
            missing=frozenset(s["missing"]),
        )
        for s in edition.sources
    ]


def _plan(
    edition: Edition, sources: Sequence[Source], *, publish: bool, everything: bool, by: Any
) -> Run:
    extents = [source.window for source in sources]
    tiles = sorted({tile for extent in extents for tile in store_tiles(extent)})
    layers = tile_plans.layers_of_territories()
    if not everything:
        touched = tile_plans.touched_tiles(tiles, layers=tile_plans.counted_layers(layers))
        tiles = [tile for tile in tiles if tile.name in touched]
    if not tiles:
        raise RasterError(
            edition.slug,
            found="no loaded zone in the area of the raster",
            expected="zones to count",
            hint="Import zones first (import_zones), or take all of it with --everything",
        )
    compare_with = tile_plans.comparable(edition, tile_plans.counted_editions())
    run = Run.objects.create(
        kind=Run.Kind.INGEST,
        edition=edition,
        publish=publish,
        requested_by=by,
        parameters={"layers": layers},
    )
    units = [
        Unit(
            run=run,
            edition=edition,
            tile=tile.name,
            compare_with=compare_with,
            cells=window.cells,
        )
        for tile in tiles
        if (window := tile_plans.window_in_tile(extents, tile)) is not None
    ]
    Unit.objects.bulk_create(units)
    run.units_total = len(units)
    run.cells_total = sum(unit.cells for unit in units)
    run.save(update_fields=("units_total", "cells_total"))
    queue.send_waiting(run.kind, run.pk)
    return run
