"""Tiles in the OpenAPI schema. Their views are plain ones, so that they are described here."""

from __future__ import annotations

import re
from typing import Any

from analytics.figures import DEFAULT_PRESET
from analytics.patches import PRESETS, RAW
from analytics.queries import LineFigure
from clcplus.http.parameters import FIGURE
from clcplus.presentation.indicators import shades

TILEJSON = "TileJson"
_PNG, _MVT = "image/png", "application/vnd.mapbox-vector-tile"
_ABOUT = (
    "TileJSON 3.0. Its tiles are in web Mercator (EPSG:3857, `crs`), rows from the north; its "
    "`bounds` are in degrees of WGS 84, as TileJSON wants them."
)
_PARTS = {
    "level": "Slug of a level, or of a set of zones.",
    "slug": "Slug of a published edition.",
    "earlier": "Slug of the earlier edition.",
    "later": "Slug of the later edition.",
}
_ACROSS = {
    "in": "query",
    "name": "across",
    "description": "`origins` to have change between editions of different origin.",
    "schema": {"type": "string", "enum": ["origins"]},
}


_FIGURE = {
    "in": "query",
    "name": FIGURE,
    "description": "A figure of all editions together, which tiles have only on request.",
    "schema": {
        "type": "string",
        "enum": [entry.name for entry, shade in shades() if isinstance(shade.figure, LineFigure)],
    },
}


def _filter(*, raw: bool) -> dict[str, Any]:
    """The parameter that chooses a filter of change."""
    default = RAW if raw else DEFAULT_PRESET
    also = f", or `{RAW}` for all change" if raw else ""
    return {
        "in": "query",
        "name": "filter",
        "description": f"Patches that are shown: those that a filter accepts{also}.",
        "schema": {
            "type": "string",
            "enum": [*([RAW] if raw else []), *PRESETS],
            "default": default,
        },
    }


def _parameter(name: str, last_zoom: int) -> dict[str, Any]:
    """A part of an address of tiles."""
    schema: dict[str, Any] = {"type": "string"}
    description = _PARTS.get(name, "")
    if not description:
        largest = last_zoom if name == "zoom" else 2**last_zoom - 1
        schema = {"type": "integer", "minimum": 0, "maximum": largest}
        description = {
            "zoom": f"0 to {last_zoom}.",
            "column": "From the west, below 2^zoom.",
            "row": "From the north, below 2^zoom.",
        }[name]
    about = {"in": "path", "name": name, "required": True, "description": description}
    return {**about, "schema": schema}


def _operation(
    path: str,
    identity: str,
    summary: str,
    description: str = _ABOUT,
    media_type: str = "application/json",
    last_zoom: int = 0,
) -> dict[str, Any]:
    of_pair = "{later}" in path
    asked = [_ACROSS, _filter(raw="/change/" in path)] if of_pair else []
    if path == f"{_LEVEL}{_XYZ}.mvt":
        asked = [_FIGURE]
    parts = [_parameter(name, last_zoom) for name in re.findall(r"{(\w+)}", path)]
    schema = {"type": "string", "format": "binary"}
    if media_type == "application/json":
        schema = {"$ref": f"#/components/schemas/{TILEJSON}"}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        "get": {
            "operationId": identity,
            "summary": summary,
            "description": description,
            "parameters": [*parts, *asked],
            "tags": ["tiles"],
            "responses": {
                "200": {"content": {media_type: {"schema": schema}}},
                **{status: {"content": problem} for status in _problems(path)},
            },
        }
    }


def _problems(path: str) -> tuple[str, ...]:
    """Statuses of requests that cannot be answered."""
    if "{later}" in path:
        return ("400", "404", "409", "422")
    return ("400", "404") if path == f"{_LEVEL}{_XYZ}.mvt" else ("404",)


_LEVEL, _EDITION = "/tiles/territories/{level}", "/tiles/editions/{slug}"
_CHANGE, _XYZ = "/tiles/change/{earlier}/{later}", "/{zoom}/{column}/{row}"
_PATCHES = "/tiles/patches/{earlier}/{later}"
_OPERATIONS: tuple[tuple[Any, ...], ...] = (
    (f"{_LEVEL}.json", "territory_tiles", "Where the tiles of a level are"),
    (
        f"{_LEVEL}{_XYZ}.mvt",
        "territory_tile",
        "Territories of a level as a vector tile",
        "Sealed share and change as properties; the TileJSON names them. `figure=flicker_rate` "
        "adds the flicker rate over all editions.",
        _MVT,
        14,
    ),
    (f"{_EDITION}.json", "edition_tiles", "Where the tiles of an edition are"),
    (
        f"{_EDITION}{_XYZ}.png",
        "edition_tile",
        "An edition as a picture",
        "Classes from zoom 12 on, before that the share of sealed cells. `@2x` after the row "
        "doubles its pixels.",
        _PNG,
        16,
    ),
    (f"{_CHANGE}.json", "change_tiles", "Where the tiles of a change are"),
    (
        f"{_CHANGE}{_XYZ}.png",
        "change_tile",
        "Change between two editions as a picture",
        "Cells gained, lost, and sealed in both; with a filter those of the patches that it "
        "accepts. `@2x` after the row doubles its pixels.",
        _PNG,
        16,
    ),
    (f"{_PATCHES}.json", "patch_tiles", "Where the tiles of patches of change are"),
    (
        f"{_PATCHES}{_XYZ}.mvt",
        "patch_tile",
        "Patches of change between two editions as a vector tile",
        "From zoom 12 on, with kind, classes, hectares and width; the TileJSON names them. Of very "
        "many the tile has the largest, and the layer `left_out` the number of the others.",
        _MVT,
        14,
    ),
)


def paths() -> dict[str, Any]:
    """The addresses of tiles with their operations."""
    return {operation[0]: _operation(*operation) for operation in _OPERATIONS}


COMPONENTS: dict[str, Any] = {
    TILEJSON: {
        "type": "object",
        "description": "A TileJSON 3.0 document, with members of its own: `crs`, `tileSize`, "
        "`legend`.",
        "properties": {
            "tilejson": {"type": "string"},
            "name": {"type": "string"},
            "scheme": {"type": "string", "enum": ["xyz"]},
            "crs": {"type": "string", "description": "Of the tiles: EPSG:3857, web Mercator."},
            "tiles": {"type": "array", "items": {"type": "string"}, "minItems": 1},
            "bounds": {
                "type": "array",
                "items": {"type": "number"},
                "minItems": 4,
                "maxItems": 4,
                "description": "West, south, east, north in degrees of WGS 84.",
            },
            "minzoom": {"type": "integer"},
            "maxzoom": {"type": "integer"},
            "attribution": {"type": "string"},
            "vector_layers": {
                "type": "array",
                "items": {"type": "object", "additionalProperties": True},
                "description": "Of vector tiles: layers and what their fields mean.",
            },
        },
        "required": ["tilejson", "name", "crs", "tiles", "bounds", "minzoom", "maxzoom"],
        "additionalProperties": True,
    }
}
