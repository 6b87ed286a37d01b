"""What a page tells its map: tiles, levels and the zooms that suit them, pairs, words."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.figures import DEFAULT_PRESET
from analytics.main_editions import main_pair
from analytics.nomenclature import OBSERVED_CODES
from analytics.queries import Ids, LineFigure, TileFigure, lines_of, tile_property
from analytics.records import Bounds, Edition, Level
from clcplus.http.parameters import FIGURE
from clcplus.origins import ACROSS, PARAMETER, pairs
from clcplus.presentation.classes import class_name
from clcplus.presentation.colours import BREAKS, CHANGE_BREAKS, PER_INHABITANT_BREAKS
from clcplus.presentation.indicators import FILTER_NAMES, shades
from clcplus.presentation.level_names import level_name
from clcplus.presentation.zooms import (
    CLASSES_FROM_ZOOM,
    LAST_VECTOR_ZOOM,
    LAST_ZOOM,
    PATCHES_FROM_ZOOM,
    first_zoom,
)

_LEGIBLE = 18
"""Pixels that a middling territory of a level must measure across for the level to be shown."""
_NAMED = 76
"""Pixels that it must measure for names to be written."""
_WORLD = 512
_METRES_PER_DEGREE = 111_320
_CIRCUMFERENCE = 40_075_017
_RASTER_STEP = 1.5
"""A tile of 256 pixels is drawn from this much below its zoom on: MapLibre counts in 512 pixels."""


def _zoom_for(level: Level, pixels: float) -> float:
    """The zoom at which a middling territory of a level measures that many pixels across."""
    west, south, east, north = level.bounds
    shrink = math.cos(math.radians((south + north) / 2))
    area = (east - west) * shrink * (north - south) * _METRES_PER_DEGREE**2
    side = math.sqrt(max(area, 1.0) / max(level.zones, 1))
    return math.log2(pixels * _CIRCUMFERENCE * shrink / (_WORLD * side))


def _pictures(name: str, slugs: Sequence[str], version: str, asked: str = "") -> dict[str, str]:
    """The addresses of tiles of pictures, with the identity of the data, so that browsers may keep
    them, and with what else they are asked for."""
    path = reverse(name, args=slugs).removesuffix(".json")
    place, query = f"{path}/{{z}}/{{x}}/{{y}}", f"?v={version}{asked}"
    return {"tiles": f"{place}.png{query}", "tiles_twice": f"{place}@2x.png{query}"}


def _levels(levels: Sequence[Level], version: str) -> list[dict[str, Any]]:
    if not levels:  # editions alone, before any territory was imported
        return []
    starts = [0.0]
    for level in levels[1:]:
        start = max(_zoom_for(level, _LEGIBLE), starts[-1], first_zoom(levels, level))
        starts.append(round(min(start, 22.0), 2))
    ends = [*starts[1:], 24.0]
    paths = [
        reverse("tiles:territories-about", args=(level.slug,)).removesuffix(".json")
        for level in levels
    ]
    return [
        {
            "slug": level.slug,
            "name": level_name(level.name),
            "tiles": f"{path}/{{z}}/{{x}}/{{y}}.mvt?v={version}",
            "minzoom": start,
            "maxzoom": end,
            "names": round(min(max(_zoom_for(level, _NAMED), 0.0), 22.0), 2),
            "finest": level is levels[-1],
            "apart": level.custom,
            "tile_maxzoom": LAST_VECTOR_ZOOM,
        }
        for level, path, start, end in zip(levels, paths, starts, ends, strict=True)
    ]


def _pairs(
    editions: Sequence[Edition],
    version: str,
    *,
    across: bool,
    filtered: Mapping[Ids, Sequence[str]],
) -> list[dict[str, Any]]:
    """Each edition with each later one of its product and, unless others are asked for, of its
    origin; and where the change between them is: in which tiles of cells, and under which names in
    the tiles of territories, which are ``asked`` for any pair but the main one."""
    found, main = [], main_pair(editions)
    for earlier, later in pairs(editions, across=across):
        slugs = (earlier.slug, later.slug)
        asked = "" if earlier.origin == later.origin else f"&{PARAMETER}={ACROSS}"
        named = f"&from={earlier.slug}&to={later.slug}{asked}"
        found.append(
            {
                "from": earlier.slug,
                "to": later.slug,
                "key": tile_property("change", earlier, later),
                # Across origins nobody knows what is noise.
                "clear": None if asked else tile_property("clear", earlier, later),
                "asked": "" if (earlier, later) == main else named,
                **_pictures("tiles:change-about", slugs, version, asked),
                "filters": {
                    name: _filtered(slugs, version, f"{asked}&filter={name}")
                    for name in filtered.get((earlier.id, later.id), ())
                },
            }
        )
    return found


def _filtered(slugs: Sequence[str], version: str, asked: str) -> dict[str, str]:
    """Where the change that a filter accepts is, and its patches."""
    path = reverse("tiles:patches-about", args=slugs).removesuffix(".json")
    return {
        **_pictures("tiles:change-about", slugs, version, asked),
        "patches": f"{path}/{{z}}/{{x}}/{{y}}.mvt?v={version}{asked}",
    }


def _of_editions(figure: TileFigure | LineFigure, editions: Sequence[Edition]) -> dict[str, Any]:
    """Where tiles hold a figure of each edition; one of a line of editions is the same for each of
    them, and has to be asked for."""
    if isinstance(figure, TileFigure):
        return {"keys": {item.slug: tile_property(figure.name, item) for item in editions}}
    lines = [(item, line) for line in lines_of(editions) for item in line]
    return {
        "keys": {item.slug: figure.property_of(line) for item, line in lines},
        "vintages": {
            item.slug: f"{item.product_name} {', '.join(str(one.year) for one in line)}"
            for item, line in lines
        },
        "asked": f"&{FIGURE}={figure.name}",
    }


def _words(label: str) -> dict[str, str]:
    return {
        "map": label or _("Map of sealed share"),
        "sealed": _("sealed"),
        "not_observed": _("not observed"),
        "not_in_both": _("not observed in at least one of the two"),
        "pending": _("to be counted"),
        # {share} and {year} are filled in by the script.
        "partly": _("{share} not observed in {year}"),
        "unknown": _("not known"),
        "no_figure": pgettext("of a place on the map", "no figure"),
        "points": _("pp"),
        "net": _("net change"),
        "noise": _("not distinguishable from map noise"),
        "across": _("editions of different origin: not comparable"),
        "per_inhabitant": _("m² sealed per inhabitant"),
        "open": _("Open its page"),
        "middle": _("Map centre"),
        "pointer": _("Pointer"),
        # Letters of the points of the compass: after a latitude, and after a longitude.
        "north_south": _("NS"),
        "east_west": _("EW"),
        "divider": _("Divider between two editions"),
        "gain": _("newly sealed"),
        "loss": _("no longer sealed"),
        # {former} and {later} are classes, such as Sealed; filled in by the script.
        "became": _("{former} → {later}"),
        # {width} is a length with its unit: the side of the largest square in a patch.
        "wide": _("up to {width} wide"),
        # {confidence} is a number from 0 to 100, of the map's makers.
        "confident": _("mean confidence {confidence} of 100"),
        **{f"filter-{name}": str(label) for name, label in FILTER_NAMES.items()},
        "filter-raw": _("all change, with map noise"),
        "left": _("left"),
        "right": _("right"),
    }


def _controls() -> dict[str, str]:
    """What MapLibre's own controls say, by the names that it gives these messages."""
    return {
        "Map.Title": _("Map"),
        "NavigationControl.ZoomIn": _("Zoom in"),
        "NavigationControl.ZoomOut": _("Zoom out"),
        "FullscreenControl.Enter": _("Enter full screen"),
        "FullscreenControl.Exit": _("Leave full screen"),
        "Popup.Close": _("Close"),
        "CooperativeGesturesHandler.WindowsHelpText": _("Use Ctrl + scroll to zoom the map"),
        "CooperativeGesturesHandler.MacHelpText": _("Use ⌘ + scroll to zoom the map"),
        "CooperativeGesturesHandler.MobileHelpText": _("Use two fingers to move the map"),
    }


def map_config(
    *,
    version: str,
    levels: Sequence[Level],
    editions: Sequence[Edition],
    edition: Edition | None,
    bounds: Bounds,
    layer: str = "share",
    place: tuple[str, str] | None = None,
    shape: dict[str, Any] | None = None,
    label: str = "",
    across: bool = False,
    filtered: Mapping[Ids, Sequence[str]] = MappingProxyType({}),
) -> str:
    """The configuration of a map as JSON.

    Editions of different origin are compared only where the page was asked to: ``across``.
    ``filtered`` has the presets by which the change of each pair was filtered.

    ``place`` is the level and code of the page's territory; ``shape`` its geometry (GeoJSON), where
    it is not in the tiles.
    """
    pair = main_pair(editions)
    shadings = [
        {
            "name": entry.name,
            "label": str(entry.label),
            "unit": entry.unit,
            "decimals": shade.decimals,
            "lower_bound": entry.lower_bound,
            "inhabitants": entry.inhabitants,
            "breaks": shade.breaks,
            **of_editions,
        }
        for entry, shade in shades()
        if (of_editions := _of_editions(shade.figure, editions))["keys"]
    ]
    synthetic = any(edition.origin == "synthetic" for edition in editions)
    return json.dumps(
        {
            "worker": static("build/maplibre-gl-worker.js"),
            "bounds": bounds,
            "layer": layer,
            "edition": edition.slug if edition else None,
            "breaks": BREAKS,
            "change_breaks": CHANGE_BREAKS,
            "per_inhabitant_breaks": PER_INHABITANT_BREAKS,
            **({"shadings": shadings} if shadings else {}),
            "pairs": _pairs(editions, version, across=across, filtered=filtered),
            "filter": DEFAULT_PRESET,
            "patches_from": PATCHES_FROM_ZOOM,
            "classes": {code: class_name(code) for code in OBSERVED_CODES},
            "pair": {"from": pair[0].slug, "to": pair[1].slug} if pair else None,
            "levels": _levels(levels, version),
            # Nobody knows how many people live in a zone of a set.
            "people": any(not level.custom for level in levels),
            "classes_from": CLASSES_FROM_ZOOM - _RASTER_STEP,
            "editions": [
                {
                    "slug": item.slug,
                    "name": item.name,
                    "key": tile_property("share", item),
                    "per_inhabitant": tile_property("per_inhabitant", item),
                    "pending": tile_property("pending", item),
                    "partly": tile_property("partly", item),
                    "year": str(item.year),
                    **_pictures("tiles:edition-about", (item.slug,), version),
                    "tile_maxzoom": LAST_ZOOM,
                    "bounds": levels[0].bounds if levels else bounds,
                }
                for item in editions
            ],
            "place": {"level": place[0], "code": place[1], "shape": shape} if place else None,
            "page": reverse("territory", args=("LEVEL", "CODE")),
            "about": reverse("api:territory", args=("LEVEL", "CODE")),
            "basemap": settings.BASEMAP,
            "attribution": _("Synthetic data")
            if synthetic
            else _("CLC+ Backbone © European Union, Copernicus Land Monitoring Service; modified"),
            "words": _words(label),
            "locale": _controls(),
        },
        ensure_ascii=False,
    )
