"""Tiles over HTTP. They are open to other sites, and asked for anew each time: what they show may
be withdrawn. Who has one is told so by its ETag, for the price of a look at what is published."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from threading import Condition
from typing import Any

from cachetools import LRUCache, cached
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from sqlalchemy import Connection

from analytics import queries
from analytics.figures import DEFAULT_PRESET
from analytics.grid import EUROPE
from analytics.main_editions import main_pair
from analytics.patches import PRESETS, RAW
from analytics.queries import LAYER_NAME, LineFigure, TileFigure, tile_property
from analytics.rasters import open_store
from analytics.records import Edition, Level
from clcplus import access, origins, snapshots
from clcplus.access.published_headers import set_published_headers
from clcplus.citations import citation
from clcplus.http import filtered_change, parameters, site_address
from clcplus.http.compression import QUICKLY, Compressed
from clcplus.http.errors import AcrossOrigins, NothingHere, UnusablePair
from clcplus.http.problems import reading_only
from clcplus.maps import raster
from clcplus.maps.addresses import WEB_MERCATOR, TileAddress
from clcplus.maps.change import Mask, change_shares_tile, change_tile, squares_below
from clcplus.maps.kept import kept
from clcplus.models.zone_set import SLUG_PREFIX
from clcplus.presentation import colours, zooms
from clcplus.presentation.indicators import STATUS, shades
from clcplus.snapshots import Snapshot, freshness

MVT = "application/vnd.mapbox-vector-tile"


def _address(zoom: int, column: int, row: int, *, last_zoom: int) -> TileAddress:
    address = TileAddress(zoom, column, row)
    if zoom > last_zoom or not address.exists:
        raise NothingHere(
            f"tile {zoom}/{column}/{row} does not exist; zoom is 0 to {last_zoom}, column and row "
            "are below 2^zoom"
        )
    return address


Make = Callable[[], HttpResponse]


def _published(view: Callable[..., Make]) -> Callable[..., HttpResponseBase]:
    """Give a view the snapshot to read from, with the layer that its reader alone may see; call
    what it returns, unless the reader has that already; say what caches need to know."""

    @functools.wraps(view)
    def answer(request: HttpRequest, **address: Any) -> HttpResponseBase:
        showing = access.shown_layer(request, address.get("level"))
        with snapshots.opened(showing=showing) as snapshot:
            make = view(request, snapshot, **address)
            tag = freshness.data_tag(request, snapshot)
            response = freshness.not_modified(request, tag) or make()
        set_published_headers(request, response, tag=tag, showing=showing)
        return response

    return reading_only(answer)


@cached(LRUCache(maxsize=1), key=lambda snapshot: snapshot.data.public, condition=Condition())
def published(snapshot: Snapshot) -> tuple[list[Level], list[Edition]]:
    """Levels and editions; kept for the tiles that follow, until something is published.

    What is shown to one reader alone is in neither list.
    """
    return queries.levels(snapshot.connection), queries.editions(snapshot.connection)


def _level(connection: Connection, levels: list[Level], slug: str) -> tuple[Level, int]:
    """The level of a slug, and the zoom from which it is drawn: any for a set of zones, which are
    ten thousand at most."""
    if slug.startswith(SLUG_PREFIX) and (custom := queries.level(connection, slug=slug)):
        return custom, 0
    for level in levels:
        if level.slug == slug:
            return level, zooms.first_zoom(levels, level)
    slugs = [level.slug for level in levels]
    raise NothingHere(
        f"level {slug!r} does not exist; levels: {', '.join(slugs) or 'none'}", levels=slugs
    )


def _edition(connection: Connection, slug: str) -> Edition:
    found = queries.edition(connection, slug=slug)
    if found is None:
        published = [edition.slug for edition in queries.editions(connection)]
        raise NothingHere(
            f"edition {slug!r} is not published; published: {', '.join(published) or 'none'}",
            published=published,
        )
    return found


def _pair(
    request: HttpRequest, connection: Connection, earlier: str, later: str
) -> tuple[Edition, Edition]:
    """Two published editions of a product, the earlier one first; of one origin, unless the request
    asks for others."""
    first, last = _edition(connection, earlier), _edition(connection, later)
    if first.year >= last.year:
        raise UnusablePair(f"found {first.slug}; expected an edition earlier than {last.slug}")
    if first.product != last.product:
        raise UnusablePair(
            f"found {last.slug} of {last.product_name}; expected an edition of "
            f"{first.product_name}, as {first.slug} is"
        )
    if not origins.may_compare(first, last, across=parameters.across_origins(request)):
        raise AcrossOrigins.of(first, last)
    return first, last


def _picture(
    snapshot: Snapshot,
    name: str,
    identity: object,
    address: TileAddress,
    twice: bool,
    draw: Callable[[int], bytes],
) -> Make:
    """A picture as large as is asked for, from the cache or drawn."""
    size = raster.SIZE * (2 if twice else 1)
    place = (address.zoom, address.column, address.row, size)
    key = freshness.tile_key(snapshot, name, identity, *place)
    return lambda: HttpResponse(kept(key, lambda: draw(size)), content_type="image/png")


@_published
def territories_tile(
    request: HttpRequest, snapshot: Snapshot, level: str, zoom: int, column: int, row: int
) -> Make:
    """Territories of a level: sealed share and area per inhabitant of each published edition, and
    the net change between two, ``from`` and ``to``: without them the first comparable one and the
    last. A ``figure`` of all editions together is there where it is asked for."""
    _address(zoom, column, row, last_zoom=zooms.LAST_VECTOR_ZOOM)
    connection = snapshot.connection
    levels, editions = published(snapshot)
    found, first = _level(connection, levels, level)
    if zoom < first:
        raise NothingHere(
            f"tiles of level {level!r} begin at zoom {first}: it has {found.zones} territories;"
            " ask a higher level for less zoom"
        )
    pair = main_pair(editions)
    if "from" in request.GET or "to" in request.GET:
        pair = _pair(request, connection, *(request.GET.get(name, "") for name in ("from", "to")))

    offered = _figures_of_lines()
    chosen = parameters.figure(request, offered)

    def tile() -> bytes:
        plain = queries.vector_tile(
            connection,
            level=level,
            zoom=zoom,
            column=column,
            row=row,
            editions=editions,
            pair=pair,
            further=[shade.figure for _, shade in shades() if isinstance(shade.figure, TileFigure)],
            of_lines=[offered[chosen]] if chosen else [],
        )
        return Compressed.of(plain, MVT, level=QUICKLY).body

    years = f"{pair[0].id}-{pair[1].id}" if pair else ""
    key = freshness.tile_key(snapshot, "territories", level, years, chosen, zoom, column, row)
    return lambda: Compressed(kept(key, tile), MVT).response(request)


def _figures_of_lines() -> dict[str, LineFigure]:
    """Figures that tiles have only where they are asked for, by name."""
    figures = (shade.figure for _, shade in shades())
    return {figure.name: figure for figure in figures if isinstance(figure, LineFigure)}


@_published
def territories_about(request: HttpRequest, snapshot: Snapshot, level: str) -> Make:
    """TileJSON of the territories of a level."""
    levels, editions = published(snapshot)
    found, first = _level(snapshot.connection, levels, level)

    def make() -> HttpResponse:
        fields = {"code": "Code; text", "name": "Name"}
        for edition in editions:
            fields[tile_property("share", edition)] = f"Sealed share of {edition.name}, 0..1"
            fields[tile_property("per_inhabitant", edition)] = (
                f"Sealed area of {edition.name} per inhabitant of the nearest year known, m²"
            )
            fields[tile_property("partly", edition)] = (
                f"Part that {edition.name} has not observed, 0..1, where another edition has "
                "observed over 1 % more"
            )
            for entry, shade in shades():
                if isinstance(shade.figure, TileFigure):
                    fields[tile_property(shade.figure.name, edition)] = (
                        f"{entry.label} of {edition.name} ({entry.unit})"
                    )
        for figure in _figures_of_lines().values():
            for line in queries.lines_of(editions):
                years = ", ".join(str(edition.year) for edition in line)
                fields[figure.property_of(line)] = (
                    f"{STATUS[figure.name].label}, {years} ({STATUS[figure.name].unit}); only in "
                    f"tiles that are asked for {parameters.FIGURE}={figure.name}"
                )
        if pair := main_pair(editions):
            names = f"from {pair[0].name} to {pair[1].name}"
            fields[tile_property("change", *pair)] = f"Net change {names}, percentage points"
            fields[tile_property("clear", *pair)] = (
                f"Whether the net change {names} stands out of map noise"
            )
        return _tilejson(
            request,
            snapshot,
            address=reverse("tiles:territories-about", args=(level,)),
            ending="mvt",
            name=level,
            bounds=found.bounds,
            minzoom=first,
            maxzoom=zooms.LAST_VECTOR_ZOOM,
            attribution=citation(editions),
            vector_layers=[{"id": LAYER_NAME, "fields": fields}],
            legend=colours.share_legend(),
        )

    return make


@_published
def edition_tile(
    request: HttpRequest,
    snapshot: Snapshot,
    slug: str,
    zoom: int,
    column: int,
    row: int,
    twice: bool = False,
) -> Make:
    """A picture of an edition: classes from zoom 12 on, before that the share of sealed cells."""
    address = _address(zoom, column, row, last_zoom=zooms.LAST_ZOOM)
    connection, window = snapshot.connection, address.window
    edition = _edition(connection, slug)

    def draw(size: int) -> bytes:
        store = open_store(settings.RASTER_STORE)
        if window is None:
            return raster.empty_tile(size=size)
        if zoom >= zooms.CLASSES_FROM_ZOOM:
            tiles = queries.edition_tiles(connection, edition_id=edition.id, window=window)
            return raster.classes_tile(store, tiles, address, size=size)
        if not edition.overview_key:
            raise NothingHere(f"{edition.name} has no overview; ask for zoom 12 or more")
        return raster.shares_tile(store, edition.overview_key, address, size=size)

    return _picture(snapshot, "edition", edition.id, address, twice, draw)


@_published
def edition_about(request: HttpRequest, snapshot: Snapshot, slug: str) -> Make:
    """TileJSON of an edition."""
    edition = _edition(snapshot.connection, slug)
    return lambda: _of_pictures(
        request,
        snapshot,
        [edition],
        address=reverse("tiles:edition-about", args=(slug,)),
        name=edition.name,
        legend=colours.share_legend(),
        classes=colours.class_legend(),
        classesFromZoom=zooms.CLASSES_FROM_ZOOM,
    )


@_published
def change_view(
    request: HttpRequest,
    snapshot: Snapshot,
    earlier: str,
    later: str,
    zoom: int,
    column: int,
    row: int,
    twice: bool = False,
) -> Make:
    """Cells gained, lost, and sealed in both; before zoom 12 the share of them in squares. All of
    them, or those that a filter accepts."""
    address = _address(zoom, column, row, last_zoom=zooms.LAST_ZOOM)
    connection, window = snapshot.connection, address.window
    pair = _pair(request, connection, earlier, later)
    chosen = parameters.change_filter(request, default=RAW, raw=True)
    mask = None
    if chosen != RAW:
        mask = Mask(filtered_change.mask_key(connection, pair, chosen), [*PRESETS].index(chosen))

    def draw(size: int) -> bytes:
        squares = squares_below(address, size=size)
        if window is None or squares is None:
            return raster.empty_tile(size=size)
        if zoom < zooms.CHANGE_FROM_ZOOM:
            of_squares: dict[str, Any] = {
                "earlier_id": pair[0].id,
                "later_id": pair[1].id,
                "window": squares.window,
                "side": squares.side,
            }
            counts = (
                queries.change_squares(connection, **of_squares)
                if mask is None
                else queries.filtered_squares(connection, preset=chosen, **of_squares)
            )
            return change_shares_tile(counts, squares, address, size=size)
        before, after = (
            queries.edition_tiles(connection, edition_id=edition.id, window=window)
            for edition in pair
        )
        store = open_store(settings.RASTER_STORE)
        return change_tile(store, before, after, address, mask=mask, size=size)

    identity = f"{pair[0].id}-{pair[1].id}" + ("" if mask is None else f"-{chosen}")
    return _picture(snapshot, "change", identity, address, twice, draw)


@_published
def change_about(request: HttpRequest, snapshot: Snapshot, earlier: str, later: str) -> Make:
    """TileJSON of the change between two editions."""
    pair = _pair(request, snapshot.connection, earlier, later)
    chosen = parameters.change_filter(request, default=RAW, raw=True)
    asked = ""
    if chosen != RAW:
        filtered_change.mask_key(snapshot.connection, pair, chosen)
        asked = f"&filter={chosen}"
    return lambda: _of_pictures(
        request,
        snapshot,
        pair,
        address=reverse("tiles:change-about", args=(earlier, later)),
        asked=asked,
        name=f"{pair[0].name} → {pair[1].name}",
        legend=colours.change_legend(),
        shares=colours.change_share_legend(),
        cellsFromZoom=zooms.CHANGE_FROM_ZOOM,
    )


@_published
def patches_tile(
    request: HttpRequest,
    snapshot: Snapshot,
    earlier: str,
    later: str,
    zoom: int,
    column: int,
    row: int,
) -> Make:
    """Patches of change between two editions that a filter accepts, from zoom 12 on."""
    _address(zoom, column, row, last_zoom=zooms.LAST_VECTOR_ZOOM)
    connection = snapshot.connection
    pair = _pair(request, connection, earlier, later)
    chosen = parameters.change_filter(request, default=DEFAULT_PRESET, raw=False)
    filtered_change.mask_key(connection, pair, chosen)
    if zoom < zooms.PATCHES_FROM_ZOOM:
        raise NothingHere(
            f"tiles of patches begin at zoom {zooms.PATCHES_FROM_ZOOM}; "
            "the tiles of change show squares before"
        )

    def tile() -> bytes:
        plain = queries.patch_tile(
            connection,
            earlier_id=pair[0].id,
            later_id=pair[1].id,
            chosen=PRESETS[chosen],
            place=queries.TilePlace(zoom, column, row),
        )
        return Compressed.of(plain, MVT, level=QUICKLY).body

    years = f"{pair[0].id}-{pair[1].id}-{chosen}"
    key = freshness.tile_key(snapshot, "patches", years, zoom, column, row)
    return lambda: Compressed(kept(key, tile), MVT).response(request)


@_published
def patches_about(request: HttpRequest, snapshot: Snapshot, earlier: str, later: str) -> Make:
    """TileJSON of the patches of change between two editions."""
    connection = snapshot.connection
    pair = _pair(request, connection, earlier, later)
    chosen = parameters.change_filter(request, default=DEFAULT_PRESET, raw=False)
    filtered_change.mask_key(connection, pair, chosen)
    fields = {
        "number": "Number of the patch in this pair: that of its first cell",
        "kind": "gain or loss",
        "former": "Class of most of its cells before; code",
        "later": "Class of most of its cells after; code",
        "hectares": "Area, ha",
        "width": "Side of the largest square of cells in it, m",
        "confidence": "Mean confidence of its cells, 0 to 100, where it is known",
    }
    left_out = {"patches": "Smaller patches that the tile has no room for"}
    return lambda: _tilejson(
        request,
        snapshot,
        address=reverse("tiles:patches-about", args=(earlier, later)),
        asked=f"&filter={chosen}",
        ending="mvt",
        name=f"{pair[0].name} → {pair[1].name}, {chosen}",
        bounds=queries.edition_bounds(connection, edition_id=pair[1].id) or EUROPE,
        minzoom=zooms.PATCHES_FROM_ZOOM,
        maxzoom=zooms.LAST_VECTOR_ZOOM,
        attribution=citation(pair),
        vector_layers=[
            {"id": queries.PATCHES, "fields": fields},
            {"id": queries.LEFT_OUT, "fields": left_out},
        ],
    )


def _of_pictures(
    request: HttpRequest, snapshot: Snapshot, editions: Sequence[Edition], **more: Any
) -> HttpResponse:
    bounds = queries.edition_bounds(snapshot.connection, edition_id=editions[-1].id)
    return _tilejson(
        request,
        snapshot,
        ending="png",
        bounds=bounds or EUROPE,
        maxzoom=zooms.LAST_ZOOM,
        attribution=citation(editions),
        tileSize=raster.SIZE,
        **more,
    )


def _tilejson(
    request: HttpRequest,
    snapshot: Snapshot,
    *,
    address: str,
    ending: str,
    name: str,
    asked: str = "",
    **more: Any,
) -> HttpResponse:
    """A TileJSON 3.0 document; its tiles, below its own ``address``, carry the identity of the
    data and what else is ``asked`` for. ``crs`` is that of the tiles: TileJSON has no member for
    it; bounds are in WGS 84, as it wants them."""
    # Its braces stay as they are.
    tiles = f"{address.removesuffix('.json')}/{{z}}/{{x}}/{{y}}.{ending}?v={snapshot.data}{asked}"
    return JsonResponse(
        {
            "tilejson": "3.0.0",
            "name": name,
            "scheme": "xyz",
            "crs": f"EPSG:{WEB_MERCATOR.to_epsg()}",
            "tiles": [f"{site_address.origin(request)}{tiles}"],
            "minzoom": 0,
            **more,
        }
    )
