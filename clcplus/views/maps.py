"""What a page tells its map: tiles, levels and the zooms that suit them, classes, words."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _

from analytics.main_editions import main_pair
from analytics.nomenclature import CLASSES, MISSING_CLASSES
from analytics.queries import tile_property
from analytics.records import Bounds, Edition, Level
from clcplus.origins import ACROSS, PARAMETER, may_compare
from clcplus.presentation.charts import colour_of
from clcplus.presentation.class_names import class_name
from clcplus.presentation.colours import change_legend, change_share_legend, share_legend
from clcplus.presentation.indicators import shades
from clcplus.presentation.level_names import level_name
from clcplus.presentation.map_classes import BREAKS, CHANGE_BREAKS, PER_INHABITANT_BREAKS
from clcplus.presentation.numbers import decimal, percent, signed
from clcplus.presentation.zooms import CLASSES_FROM_ZOOM, LAST_VECTOR_ZOOM, LAST_ZOOM, first_zoom

_LEGIBLE = 18
"""Pixels that a middling territory of a level must measure across for the level to be shown."""
_NAMED = 76
"""Pixels that it must measure for names to be written."""
_WORLD = 512
_METRES_PER_DEGREE = 111_320
_CIRCUMFERENCE = 40_075_017
_RASTER_STEP = 1.5
"""A tile of 256 pixels is drawn from this much below its zoom on: MapLibre counts in 512 pixels."""


@dataclass(frozen=True, slots=True)
class LegendStep:
    """A class of territories in the legend."""

    number: int
    label: str


def legend_steps() -> list[LegendStep]:
    """Classes of sealed share, from the lowest."""
    limits = (0.0, *BREAKS)
    labels = [f"{limit * 100:.0f}" for limit in limits[:-1]]
    return [
        *(LegendStep(number, label) for number, label in enumerate(labels, start=1)),
        LegendStep(len(limits), f"≥ {percent(limits[-1], 0)}"),
    ]


def legend_change() -> list[LegendStep]:
    """Classes of net change, from the largest decrease."""
    shown = [signed(limit, 1) for limit in CHANGE_BREAKS]
    labels = [f"< {shown[0]}", *shown[:-1], f"≥ {shown[-1]}"]
    return [LegendStep(number, label) for number, label in enumerate(labels, start=1)]


def legend_per_inhabitant() -> list[LegendStep]:
    """Classes of sealed area per inhabitant, from the lowest."""
    shown = [decimal(limit, 0) for limit in (0, *PER_INHABITANT_BREAKS)]
    labels = [*shown[:-1], f"≥ {shown[-1]}"]
    return [LegendStep(number, label) for number, label in enumerate(labels, start=1)]


def legend_shades() -> list[dict[str, Any]]:
    """Further indicators that the map offers, each with its classes from the lowest."""
    found = []
    for entry, shade in shades():
        limits = (0.0, *shade.breaks)
        shown = [entry.write(limit) for limit in limits]
        labels = [*shown[:-1], f"≥ {shown[-1]}"]
        steps = [LegendStep(number, label) for number, label in enumerate(labels, start=1)]
        found.append({"name": entry.name, "label": str(entry.label), "steps": steps})
    return found


def legend_gain() -> list[dict[str, str]]:
    """What the map of gain and loss shows of a cell."""
    words = {
        "gained": _("newly sealed"),
        "lost": _("no longer sealed"),
        "kept": _("sealed in both"),
    }
    return [{"label": words[item["kind"]], "colour": item["colour"]} for item in change_legend()]


def legend_gain_far() -> list[dict[str, Any]]:
    """Rows of classes of gain and of loss from afar: the share of a square's cells that changed."""
    steps = change_share_legend()
    decimals = [0 if float(step["share"] * 100).is_integer() else 1 for step in steps]
    labels = [decimal(step["share"] * 100, n) for step, n in zip(steps, decimals, strict=True)]
    labels[-1] = f"≥ {percent(steps[-1]['share'], 0)}"
    return [
        {
            "label": label,
            "steps": [
                {"label": text, "colour": step[kind]}
                for text, step in zip(labels, steps, strict=True)
            ],
        }
        for kind, label in (("gained", _("newly sealed")), ("lost", _("no longer sealed")))
    ]


def legend_far() -> list[dict[str, str]]:
    """Colours of land cover seen from afar: the share of sealed ground under a pixel."""
    return [
        {"label": percent(step["share"], 0), "colour": step["colour"]} for step in share_legend()
    ]


def legend_classes() -> list[dict[str, str]]:
    """Classes of land cover with their official colours."""
    return [
        {"name": class_name(c.code), "colour": colour_of(c.code)}
        for c in (*CLASSES, *MISSING_CLASSES[:1])
    ]


def legends() -> dict[str, Any]:
    """The legends of a map, as its template takes them."""
    return {
        "legend_steps": legend_steps(),
        "legend_change": legend_change(),
        "legend_per_inhabitant": legend_per_inhabitant(),
        "legend_shades": legend_shades(),
        "legend_gain": legend_gain(),
        "legend_gain_far": legend_gain_far(),
        "legend_far": legend_far(),
        "legend_classes": legend_classes(),
    }


def _zoom_for(level: Level, pixels: float) -> float:
    """The zoom at which a middling territory of a level measures that many pixels across."""
    west, south, east, north = level.bounds
    shrink = math.cos(math.radians((south + north) / 2))
    area = (east - west) * shrink * (north - south) * _METRES_PER_DEGREE**2
    side = math.sqrt(max(area, 1.0) / max(level.zones, 1))
    return math.log2(pixels * _CIRCUMFERENCE * shrink / (_WORLD * side))


def _tiles(
    name: str,
    slug: str | tuple[str, str],
    ending: str,
    version: str,
    twice: str = "",
    *,
    asked: str = "",
) -> str:
    """The address of tiles, with the identity of the data, so that browsers may keep them, and with
    what else they are asked for."""
    slugs = (slug,) if isinstance(slug, str) else slug
    path = reverse(name, args=slugs).removesuffix(".json")
    return f"{path}/{{z}}/{{x}}/{{y}}{twice}.{ending}?v={version}{asked}"


def _levels(levels: Sequence[Level], version: str) -> list[dict[str, Any]]:
    if not levels:  # editions alone, before any territory was imported
        return []
    starts = [0.0]
    for level in levels[1:]:
        start = max(_zoom_for(level, _LEGIBLE), starts[-1], first_zoom(levels, level))
        starts.append(round(min(start, 22.0), 2))
    ends = [*starts[1:], 24.0]
    return [
        {
            "slug": level.slug,
            "name": level_name(level.name),
            "tiles": _tiles("tiles:territories-about", level.slug, "mvt", version),
            "minzoom": start,
            "maxzoom": end,
            "names": round(min(max(_zoom_for(level, _NAMED), 0.0), 22.0), 2),
            "finest": level is levels[-1],
            "apart": level.custom,
            "tile_maxzoom": LAST_VECTOR_ZOOM,
        }
        for level, start, end in zip(levels, starts, ends, strict=True)
    ]


def _pairs(editions: Sequence[Edition], version: str, *, across: bool) -> list[dict[str, Any]]:
    """Each edition with each later one of its product and, unless others are asked for, of its
    origin; and where the change between them is: in which tiles of cells, and under which names in
    the tiles of territories, which are ``asked`` for any pair but the main one."""
    found, main = [], main_pair(editions)
    for earlier, later in itertools.product(editions, repeat=2):
        fit = earlier.product == later.product and earlier.year < later.year
        if fit and may_compare(earlier, later, across=across):
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
                    "tiles": _tiles("tiles:change-about", slugs, "png", version, asked=asked),
                    "tiles_twice": _tiles(
                        "tiles:change-about", slugs, "png", version, "@2x", asked=asked
                    ),
                }
            )
    return found


def _main(editions: Sequence[Edition]) -> dict[str, str] | None:
    """The pair that is first compared."""
    pair = main_pair(editions)
    return {"from": pair[0].slug, "to": pair[1].slug} if pair else None


def _shadings(editions: Sequence[Edition]) -> dict[str, Any]:
    """Further indicators that territories are shaded by; nothing where there are none."""
    found = [
        {
            "name": entry.name,
            "label": str(entry.label),
            "unit": entry.unit,
            "decimals": shade.figure.decimals,
            "breaks": shade.breaks,
            "keys": {item.slug: tile_property(shade.figure.name, item) for item in editions},
        }
        for entry, shade in shades()
    ]
    return {"shadings": found} if found else {}


def _words(label: str) -> dict[str, str]:
    """What scripts write on the map."""
    return {
        "map": label or _("Map of sealed share"),
        "sealed": _("sealed"),
        "not_observed": _("not observed"),
        "not_in_both": _("not observed in at least one of the two"),
        "pending": _("to be counted"),
        # {share} and {year} are filled in by the script.
        "partly": _("{share} not observed in {year}"),
        "unknown": _("not known"),
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
        "CooperativeGesturesHandler.WindowsHelpText": _("Use Ctrl + scroll to zoom the map"),
        "CooperativeGesturesHandler.MacHelpText": _("Use ⌘ + scroll to zoom the map"),
        "CooperativeGesturesHandler.MobileHelpText": _("Use two fingers to move the map"),
    }


def _attribution(editions: Sequence[Edition]) -> str:
    if any(edition.origin == "synthetic" for edition in editions):
        return _("Synthetic data")
    return _("CLC+ Backbone © European Union, Copernicus Land Monitoring Service; modified")


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
) -> str:
    """The configuration of a map as JSON.

    Editions of different origin are compared only where the page was asked to: ``across``.

    ``place`` is the level and code of the page's territory; ``shape`` its geometry (GeoJSON), where
    it is not in the tiles.
    """
    west, south, east, north = levels[0].bounds if levels else bounds
    return json.dumps(
        {
            "worker": static("build/maplibre-gl-worker.js"),
            "bounds": bounds,
            "layer": layer,
            "edition": edition.slug if edition else None,
            "breaks": BREAKS,
            "change_breaks": CHANGE_BREAKS,
            "per_inhabitant_breaks": PER_INHABITANT_BREAKS,
            **_shadings(editions),
            "pairs": _pairs(editions, version, across=across),
            "pair": _main(editions),
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
                    "tiles": _tiles("tiles:edition-about", item.slug, "png", version),
                    "tiles_twice": _tiles("tiles:edition-about", item.slug, "png", version, "@2x"),
                    "tile_maxzoom": LAST_ZOOM,
                    "bounds": (west, south, east, north),
                }
                for item in editions
            ],
            "place": {"level": place[0], "code": place[1], "shape": shape} if place else None,
            "page": reverse("territory", args=("LEVEL", "CODE")),
            "about": reverse("api:territory", args=("LEVEL", "CODE")),
            "basemap": settings.BASEMAP,
            "attribution": _attribution(editions),
            "words": _words(label),
            "locale": _controls(),
        },
        ensure_ascii=False,
    )
