"""Registration of editions: check the sources, then plan the ingest, unseen by readers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial, reduce
from pathlib import Path
from typing import Any

from django.contrib.gis.geos import Polygon
from django.db import transaction
from django.db.models import F, Q

from analytics.errors import RasterError
from analytics.grid import EPSG, Window, store_tiles
from analytics.nomenclature import OBSERVED_CODES, SEA_BUFFER
from analytics.products import PRODUCTS, published_edition, valid_codes
from analytics.rasters import Source, check_disjoint, content_hash, find_sources, inspect
from clcplus.actions.editions import publication, tile_plans
from clcplus.database import locks
from clcplus.jobs import runs
from clcplus.jobs.states import OPEN
from clcplus.models import Checkpoint, Edition, Run, Unit

MODELLED_NAME = "CLC+ Forward"
"""Product name of predicted editions: they have the classes of CLC+ Backbone, but are not it."""

Say = Callable[[str, int, int], None]
"""Called with a file's name, the number of its checked cells, and of all its cells."""


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
    """Register checked sources and queue their ingest. Returns its run.

    A modelled edition has the checkpoint that it was predicted with. The same content again gives
    the same edition and its run, which is taken up if it has ended early. Raises RasterError if no
    loaded zone is touched.
    """
    with transaction.atomic():
        # Two registrations at once would both find nothing and both register.
        locks.lock_until_commit(locks.Kind.REGISTER)
        coast = _coast(product=product, year=year)
        context = [coast.content_hash] if coast else []
        if checkpoint is not None:
            # The same map of another network is another edition.
            context.append(checkpoint.identity)
        digest = content_hash(sources, context=context)
        edition = Edition.objects.filter(product=product, year=year, content_hash=digest).first()
        if edition is None:
            edition = _create(
                sources,
                product=product,
                year=year,
                origin=origin,
                content_hash=digest,
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


def end_with_ingest(run: Run, **registration: Any) -> Edition | None:
    """Register an edition as a run requests, and end the run; part of the open transaction.

    ``registration`` has the further arguments of :func:`register_edition`. The ended run names the
    ingest. Returns None if the run was cancelled.
    """
    if not runs.hold_open(run.pk):
        return None
    ingest = register_edition(publish=run.publish, by=run.requested_by, **registration)
    runs.succeed(
        run.pk,
        parameters={**run.parameters, "ingest": str(ingest.pk)},
        edition=ingest.edition,
        cells_done=F("cells_total"),
    )
    return ingest.edition


def _coast(*, product: str, year: int) -> Edition | None:
    """The edition whose sea buffer is masked out of one that has none of its own (2018).

    It is the next later one. In 2018 the sea buffer is class 10: the sea would count as observed
    water.
    """
    if SEA_BUFFER in valid_codes(product, year):
        return None
    return (
        Edition.objects.filter(product=product, year__gt=year, loaded_at__isnull=False)
        .exclude(status__in=tile_plans.REPLACED)
        # Models do not distinguish the coastal sea from other water.
        .exclude(origin=Edition.Origin.MODELLED)
        .order_by("year", "-version")
        .first()
    )


def _create(
    sources: Sequence[Source],
    *,
    product: str,
    year: int,
    origin: str,
    content_hash: str,
    coast: Edition | None,
    checkpoint: Checkpoint | None,
) -> Edition:
    modelled = origin == Edition.Origin.MODELLED
    known = None if modelled else published_edition(product, year)
    # Modelled editions have their own addresses, and so their own versions.
    of_year = Edition.objects.filter(product=product, year=year)
    is_modelled = Q(origin=Edition.Origin.MODELLED)
    version = of_year.filter(is_modelled if modelled else ~is_modelled).count() + 1
    area = Polygon.from_bbox(reduce(Window.union, (s.window for s in sources)).bounds)
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
        sources=[
            {"path": s.path, "sha256": s.sha256, "missing": sorted(s.missing), **asdict(s.window)}
            for s in sources
        ],
        missing_codes=sorted({code for s in sources for code in s.missing}),
        content_hash=content_hash,
        coast=coast,
        checkpoint=checkpoint,
        extent=area,
    )


def sources_of(edition: Edition) -> list[Source]:
    """The registered sources of an edition."""
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
    run = Run(
        kind=Run.Kind.INGEST,
        edition=edition,
        publish=publish,
        requested_by=by,
        parameters={"layers": layers},
    )
    units = [
        Unit(
            run=run, edition=edition, tile=tile.name, compare_with=compare_with, cells=window.cells
        )
        for tile in tiles
        if (window := tile_plans.window_in_tile(extents, tile)) is not None
    ]
    return runs.start(run, units)
