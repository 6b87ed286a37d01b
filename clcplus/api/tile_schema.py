"""Tiles in the OpenAPI schema. Their views are plain ones, so that they are described here."""

from __future__ import annotations

from typing import Any

TILEJSON = "TileJson"
_PNG, _MVT = "image/png", "application/vnd.mapbox-vector-tile"
_ABOUT = (
    "TileJSON 3.0. Its tiles are in web Mercator (EPSG:3857, `crs`), rows from the north; its "
    "`bounds` are in degrees of WGS 84, as TileJSON wants them."
)


def _part(name: str, description: str) -> dict[str, Any]:
    return {
        "in": "path",
        "name": name,
        "required": True,
        "description": description,
        "schema": {"type": "string"},
    }


def _number(name: str, description: str, largest: int) -> dict[str, Any]:
    bounds = {"type": "integer", "minimum": 0, "maximum": largest}
    return {**_part(name, description), "schema": bounds}


_LEVEL = _part("level", "Slug of a level, or of a set of zones.")
_SLUG = _part("slug", "Slug of a published edition.")
_PAIR = [
    _part("earlier", "Slug of the earlier edition."),
    _part("later", "Slug of the later edition."),
]
_ACROSS = {
    "in": "query",
    "name": "across",
    "description": "`origins` to have change between editions of different origin.",
    "schema": {"type": "string", "enum": ["origins"]},
}


def _xyz(last_zoom: int) -> list[dict[str, Any]]:
    largest = 2**last_zoom - 1
    return [
        _number("zoom", f"0 to {last_zoom}.", last_zoom),
        _number("column", "From the west, below 2^zoom.", largest),
        _number("row", "From the north, below 2^zoom.", largest),
    ]


def _operation(
    identity: str,
    summary: str,
    description: str,
    parameters: list[dict[str, Any]],
    media_type: str = "application/json",
    problems: tuple[int, ...] = (404,),
) -> dict[str, Any]:
    schema = (
        {"$ref": f"#/components/schemas/{TILEJSON}"}
        if media_type == "application/json"
        else {"type": "string", "format": "binary"}
    )
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        "get": {
            "operationId": identity,
            "summary": summary,
            "description": description,
            "parameters": parameters,
            "tags": ["tiles"],
            "responses": {
                "200": {"content": {media_type: {"schema": schema}}},
                **{str(status): {"content": problem} for status in problems},
            },
        }
    }


_OF_PAIR = (404, 409, 422)
PATHS: dict[str, Any] = {
    "/tiles/territories/{level}.json": _operation(
        "territory_tiles", "Where the tiles of a level are", _ABOUT, [_LEVEL]
    ),
    "/tiles/territories/{level}/{zoom}/{column}/{row}.mvt": _operation(
        "territory_tile",
        "Territories of a level as a vector tile",
        "Sealed share and change as properties; the TileJSON names them.",
        [_LEVEL, *_xyz(14)],
        _MVT,
    ),
    "/tiles/editions/{slug}.json": _operation(
        "edition_tiles", "Where the tiles of an edition are", _ABOUT, [_SLUG]
    ),
    "/tiles/editions/{slug}/{zoom}/{column}/{row}.png": _operation(
        "edition_tile",
        "An edition as a picture",
        "Classes from zoom 12 on, before that the share of sealed cells. `@2x` after the row "
        "doubles its pixels.",
        [_SLUG, *_xyz(16)],
        _PNG,
    ),
    "/tiles/change/{earlier}/{later}.json": _operation(
        "change_tiles",
        "Where the tiles of a change are",
        _ABOUT,
        [*_PAIR, _ACROSS],
        problems=_OF_PAIR,
    ),
    "/tiles/change/{earlier}/{later}/{zoom}/{column}/{row}.png": _operation(
        "change_tile",
        "Change between two editions as a picture",
        "Cells gained, lost, and sealed in both. `@2x` after the row doubles its pixels.",
        [*_PAIR, *_xyz(16), _ACROSS],
        _PNG,
        _OF_PAIR,
    ),
}

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
