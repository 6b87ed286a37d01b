"""Tiles over HTTP. They are open to other sites, and asked for anew each time: what they show may
be withdrawn. Who has one is told so by its ETag, for the price of a look at what is published."""

from __future__ import annotations

import functools
from collections.abc import Callable
from threading import Condition
from typing import Any

from cachetools import LRUCache, cached
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from sqlalchemy import Connection

from analytics import queries
from analytics.grid import EUROPE
from analytics.main_editions import main_pair
from analytics.queries import LAYER_NAME, tile_property
from analytics.rasters import open_store
from analytics.records import Edition, Level
from clcplus import access, freshness, origins, site_address, snapshots
from clcplus.citations import citation
from clcplus.compressed import QUICKLY, Compressed
from clcplus.http import parameters
from clcplus.http.cors import open_to_other_sites
from clcplus.http.errors import AcrossOrigins, NothingHere, UnusablePair
from clcplus.http.problems import reading_only
from clcplus.maps import raster
from clcplus.maps.addresses import WEB_MERCATOR, TileAddress
from clcplus.maps.change import change_tile
from clcplus.maps.change_shares import change_shares_tile, squares_below
from clcplus.maps.kept import kept
from clcplus.models.zone_set import SLUG_PREFIX
from clcplus.presentation import colours
from clcplus.presentation.indicators import shades
from clcplus.presentation.zooms import (
    CHANGE_FROM_ZOOM,
    CLASSES_FROM_ZOOM,
    LAST_VECTOR_ZOOM,
    LAST_ZOOM,
    first_zoom,
)
from clcplus.snapshots import Snapshot

MVT = "application/vnd.mapbox-vector-tile"


def _address(zoom: int, column: int, row: int, *, last_zoom: int) -> TileAddress:
    address = TileAddress(zoom, column, row)
    if zoom > last_zoom or not address.exists:
        raise NothingHere(
            f"tile {zoom}/{column}/{row} does not exist; zoom is 0 to {last_zoom}, column and row "
            "are below 2^zoom"
        )
    return address


def _answer(
    request: HttpRequest, snapshot: Snapshot, make: Callable[[], HttpResponse]
) -> HttpResponseBase:
    """The response of ``make`` with what caches need to know; 304 where the reader has it."""
    tag = freshness.data_tag(request, snapshot)
    response = freshness.not_modified(request, tag) or make()
    response["ETag"] = tag
    response["Cache-Control"] = freshness.REVALIDATE
    open_to_other_sites(response)
    return response


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
            return level, first_zoom(levels, level)
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


def _privately(
    view: Callable[..., HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Give a view of a level the layer that its reader may see, and let nobody else keep that."""

    @functools.wraps(view)
    def answer(request: HttpRequest, level: str, **address: Any) -> HttpResponseBase:
        showing = access.shown_layer(request, level)
        with snapshots.opened(showing=showing) as snapshot:
            response = view(request, snapshot, level, **address)
        if showing is not None:
            access.keep_private(request, response)
        return response

    return answer


def _change_of(
    request: HttpRequest, connection: Connection, editions: list[Edition]
) -> tuple[Edition, Edition] | None:
    """The pair that a request names, else the main one."""
    earlier, later = (request.GET.get(name) for name in ("from", "to"))
    if earlier is None and later is None:
        return main_pair(editions)
    return _pair(request, connection, earlier or "", later or "")


@reading_only
@_privately
def territories_tile(
    request: HttpRequest, snapshot: Snapshot, level: str, zoom: int, column: int, row: int
) -> HttpResponseBase:
    """Territories of a level: sealed share and area per inhabitant of each published edition, and
    the net change between two, ``from`` and ``to``: without them the first comparable one and the
    last."""
    _address(zoom, column, row, last_zoom=LAST_VECTOR_ZOOM)
    connection = snapshot.connection
    levels, editions = published(snapshot)
    found, first = _level(connection, levels, level)
    if zoom < first:
        raise NothingHere(
            f"tiles of level {level!r} begin at zoom {first}: it has {found.zones} territories;"
            " ask a higher level for less zoom"
        )

    pair = _change_of(request, connection, editions)

    def make() -> HttpResponse:
        def tile() -> bytes:
            plain = queries.vector_tile(
                connection,
                level=level,
                zoom=zoom,
                column=column,
                row=row,
                editions=editions,
                pair=pair,
                further=[shade.figure for _, shade in shades()],
            )
            return Compressed.of(plain, MVT, level=QUICKLY).body

        years = f"{pair[0].id}-{pair[1].id}" if pair else ""
        key = freshness.tile_key(snapshot, "territories", level, years, zoom, column, row)
        return Compressed(kept(key, tile), MVT).response(request)

    return _answer(request, snapshot, make)


@reading_only
@_privately
def territories_about(request: HttpRequest, snapshot: Snapshot, level: str) -> HttpResponseBase:
    """TileJSON of the territories of a level."""
    connection = snapshot.connection
    levels, editions = published(snapshot)
    found, first = _level(connection, levels, level)

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
                fields[tile_property(shade.figure.name, edition)] = (
                    f"{entry.label} of {edition.name} ({entry.unit})"
                )
        if pair := main_pair(editions):
            names = f"from {pair[0].name} to {pair[1].name}"
            fields[tile_property("change", *pair)] = f"Net change {names}, percentage points"
            fields[tile_property("clear", *pair)] = (
                f"Whether the net change {names} stands out of map noise"
            )
        address = reverse("tiles:territories-about", args=[level]).removesuffix(".json")
        return _tilejson(
            request,
            snapshot,
            name=level,
            tiles=f"{address}/{{z}}/{{x}}/{{y}}.mvt",
            bounds=found.bounds,
            minzoom=first,
            maxzoom=LAST_VECTOR_ZOOM,
            attribution=citation(editions),
            vector_layers=[{"id": LAYER_NAME, "fields": fields}],
            legend=colours.share_legend(),
        )

    return _answer(request, snapshot, make)


@reading_only
def edition_tile(
    request: HttpRequest, slug: str, zoom: int, column: int, row: int, twice: bool = False
) -> HttpResponseBase:
    """A picture of an edition: classes from zoom 12 on, before that the share of sealed cells."""
    address = _address(zoom, column, row, last_zoom=LAST_ZOOM)
    size = raster.SIZE * (2 if twice else 1)
    with snapshots.opened() as snapshot:
        connection = snapshot.connection
        edition = _edition(connection, slug)

        def make() -> HttpResponse:
            key = freshness.tile_key(snapshot, "edition", edition.id, zoom, column, row, size)
            tile = kept(key, lambda: _picture(connection, edition, address, size))
            return HttpResponse(tile, content_type="image/png")

        return _answer(request, snapshot, make)


def _picture(connection: Connection, edition: Edition, address: TileAddress, size: int) -> bytes:
    store = open_store(settings.RASTER_STORE)
    window = address.window
    if window is None:
        return raster.empty_tile(size=size)
    if address.zoom >= CLASSES_FROM_ZOOM:
        tiles = queries.edition_tiles(connection, edition_id=edition.id, window=window)
        return raster.classes_tile(store, tiles, address, size=size)
    if not edition.overview_key:
        raise NothingHere(f"{edition.name} has no overview; ask for zoom 12 or more")
    return raster.shares_tile(store, edition.overview_key, address, size=size)


@reading_only
def edition_about(request: HttpRequest, slug: str) -> HttpResponseBase:
    """TileJSON of an edition."""
    with snapshots.opened() as snapshot:
        connection = snapshot.connection
        edition = _edition(connection, slug)

        def make() -> HttpResponse:
            address = reverse("tiles:edition-about", args=[slug]).removesuffix(".json")
            return _tilejson(
                request,
                snapshot,
                name=edition.name,
                tiles=f"{address}/{{z}}/{{x}}/{{y}}.png",
                bounds=queries.edition_bounds(connection, edition_id=edition.id) or EUROPE,
                maxzoom=LAST_ZOOM,
                attribution=citation([edition]),
                tileSize=raster.SIZE,
                legend=colours.share_legend(),
                classes=colours.class_legend(),
                classesFromZoom=CLASSES_FROM_ZOOM,
            )

        return _answer(request, snapshot, make)


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


@reading_only
def change_view(
    request: HttpRequest,
    earlier: str,
    later: str,
    zoom: int,
    column: int,
    row: int,
    twice: bool = False,
) -> HttpResponseBase:
    """Cells gained, lost, and sealed in both; before zoom 12 the share of them in squares."""
    address = _address(zoom, column, row, last_zoom=LAST_ZOOM)
    size = raster.SIZE * (2 if twice else 1)
    with snapshots.opened() as snapshot:
        connection = snapshot.connection
        pair = _pair(request, connection, earlier, later)

        def make() -> HttpResponse:
            ids = f"{pair[0].id}-{pair[1].id}"
            key = freshness.tile_key(snapshot, "change", ids, zoom, column, row, size)
            tile = kept(key, lambda: _change_picture(connection, pair, address, size))
            return HttpResponse(tile, content_type="image/png")

        return _answer(request, snapshot, make)


def _change_picture(
    connection: Connection, pair: tuple[Edition, Edition], address: TileAddress, size: int
) -> bytes:
    window, squares = address.window, squares_below(address, size=size)
    if window is None or squares is None:
        return raster.empty_tile(size=size)
    if address.zoom < CHANGE_FROM_ZOOM:
        counts = queries.change_squares(
            connection,
            earlier_id=pair[0].id,
            later_id=pair[1].id,
            window=squares.window,
            side=squares.side,
        )
        return change_shares_tile(counts, squares, address, size=size)
    earlier, later = (
        queries.edition_tiles(connection, edition_id=edition.id, window=window) for edition in pair
    )
    return change_tile(open_store(settings.RASTER_STORE), earlier, later, address, size=size)


@reading_only
def change_about(request: HttpRequest, earlier: str, later: str) -> HttpResponseBase:
    """TileJSON of the change between two editions."""
    with snapshots.opened() as snapshot:
        connection = snapshot.connection
        first, last = _pair(request, connection, earlier, later)

        def make() -> HttpResponse:
            address = reverse("tiles:change-about", args=[earlier, later]).removesuffix(".json")
            return _tilejson(
                request,
                snapshot,
                name=f"{first.name} → {last.name}",
                tiles=f"{address}/{{z}}/{{x}}/{{y}}.png",
                bounds=queries.edition_bounds(connection, edition_id=last.id) or EUROPE,
                maxzoom=LAST_ZOOM,
                attribution=citation([first, last]),
                tileSize=raster.SIZE,
                legend=colours.change_legend(),
                shares=colours.change_share_legend(),
                cellsFromZoom=CHANGE_FROM_ZOOM,
            )

        return _answer(request, snapshot, make)


def _tilejson(
    request: HttpRequest, snapshot: Snapshot, *, name: str, tiles: str, **more: Any
) -> HttpResponse:
    """A TileJSON 3.0 document; its tiles carry the identity of the data. ``crs`` is that of the
    tiles: TileJSON has no member for it; bounds are in WGS 84, as it wants them."""
    return JsonResponse(
        {
            "tilejson": "3.0.0",
            "name": name,
            "scheme": "xyz",
            "crs": f"EPSG:{WEB_MERCATOR.to_epsg()}",
            # Its braces stay as they are.
            "tiles": [f"{site_address.origin(request)}{tiles}?v={snapshot.data}"],
            "minzoom": 0,
            **more,
        }
    )
