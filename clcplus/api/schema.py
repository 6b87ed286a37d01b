"""What is alike in all operations of the OpenAPI schema, and what no view of the framework
describes: bodies by name, statuses that every address can have, tiles."""

from __future__ import annotations

from typing import Any

from clcplus.api import tiles
from clcplus.api.base import AccountView, PublishedView
from clcplus.api.code_samples import SAMPLES, SAMPLES_MEMBER
from clcplus.api.zones.serializers import SAID
from clcplus.http.problems import CONTENT_TYPE

AREA, ZONES, FORM = "Area", "Zones", "UploadForm"
_SUFFIXES = {"application/geo+json": "GeoJson", "application/json": "Json"}
_UNSAFE = frozenset({"post", "put", "patch", "delete"})
_PROBLEM = "Problem"
_ANYWHERE = (400, 406, 429, 503)
_RETRY = {
    "Retry-After": {
        "description": "Seconds after which it is worth asking again.",
        "schema": {"type": "integer", "minimum": 1},
    }
}


def reference(name: str) -> dict[str, str]:
    """A component as the schema of something."""
    return {"$ref": f"#/components/schemas/{name}"}


def geojson_bodies(name: str) -> dict[str, Any]:
    """The schema of a document for each media type that it may have. Each is a component of its
    own: generated clients know by the kind of what they send how to call it."""
    return {kind: reference(name + suffix) for kind, suffix in _SUFFIXES.items()}


def _geojson(description: str, *types: str) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "properties": {"type": {"type": "string", "enum": list(types)}},
        "required": ["type"],
        "additionalProperties": True,
    }


_DOCUMENTS = {
    AREA: _geojson(
        "A Polygon, a MultiPolygon or a GeometryCollection of such, a Feature of one, or a "
        "FeatureCollection of exactly one such Feature (RFC 7946): longitude and latitude in "
        "WGS 84.",
        *("Polygon", "MultiPolygon", "GeometryCollection", "Feature", "FeatureCollection"),
    ),
    ZONES: _geojson(
        "A FeatureCollection of areas (RFC 7946): longitude and latitude in WGS 84, unless crs "
        "says otherwise. What is said of it stands in the address.",
        *("FeatureCollection", "Feature", "Polygon", "MultiPolygon", "GeometryCollection"),
    ),
}
_BODIES: dict[str, Any] = {
    FORM: {
        "type": "object",
        "description": "A file in the field file: GeoJSON, GeoPackage, zipped Shapefile, KML, KMZ, "
        "FlatGeobuf, GeoParquet, WKT or CSV with WKT, each also in a ZIP archive.",
        "properties": {"file": {"type": "string", "format": "binary"}, **SAID},
        "required": ["file"],
    },
    **{
        name + suffix: document
        for name, document in _DOCUMENTS.items()
        for suffix in _SUFFIXES.values()
    },
}


def complete(result: dict[str, Any], generator: Any, **_more: Any) -> dict[str, Any]:
    """The schema with all of this; drf-spectacular calls it when its own part is made."""
    schemas = result["components"]["schemas"]
    schemas.update(_BODIES)
    schemas.update(tiles.COMPONENTS)
    schemas[_PROBLEM]["additionalProperties"] = True
    views = {(path, method.lower()): view.cls for path, _, method, view in generator.endpoints}
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            _complete(operation, method, views.get((path, method)))
    of_tiles = tiles.paths()
    result["paths"].update(of_tiles)
    for operations in of_tiles.values():
        for operation in operations.values():
            _complete(operation, "get", PublishedView)
            # Tiles have one format, whatever Accept says.
            del operation["responses"]["406"]
    result["components"]["schemas"] = dict(sorted(schemas.items()))
    return result


def _complete(operation: dict[str, Any], method: str, view: Any) -> None:
    responses = operation["responses"]
    statuses = [*_ANYWHERE]
    if method in _UNSAFE:
        statuses += [413, 415]
    if view is not None and issubclass(view, AccountView):
        statuses += [401]
    for status in statuses:
        responses.setdefault(
            str(status), {"content": {CONTENT_TYPE: {"schema": reference(_PROBLEM)}}}
        )
    if method == "get" and view is not None and issubclass(view, PublishedView):
        responses["304"] = {"description": "What If-None-Match names is still what is published."}
    for status, response in responses.items():
        response["description"] = response.get("description") or _MEANING.get(status, "")
        if status in {"429", "503"}:
            response["headers"] = _RETRY
    operation["responses"] = dict(sorted(responses.items()))
    if operation["operationId"] in SAMPLES:
        operation[SAMPLES_MEMBER] = [
            {"lang": "Shell", "source": command} for command in SAMPLES[operation["operationId"]]
        ]
    if "requestBody" in operation:
        operation["requestBody"]["required"] = True


_MEANING = {
    "200": "What was asked for.",
    "202": "It is being done; the job tells how far it is.",
    "204": "It is gone.",
    "400": "A parameter or the body is wrong.",
    "401": "An account is needed, or the token opens nothing.",
    "403": "The account may not do this, or the token is not for it.",
    "404": "There is no such thing, or it is not for whoever asks.",
    "406": "Accept excludes all formats of the address.",
    "409": "It cannot be done in the present state.",
    "411": "The length of the body is not told.",
    "413": "The body is too large.",
    "415": "The body is of another media type, charset or encoding.",
    "422": "It can be read, and cannot be counted or compared.",
    "429": "More than one client may ask.",
    "503": "A part of the platform is away.",
}
