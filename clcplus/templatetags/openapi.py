"""Filters for the page of the API, which is made from the OpenAPI schema."""

from __future__ import annotations

import json
from typing import Any

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def inline(text: str) -> SafeString:
    """A text; what stands between backticks is code, as Markdown has it."""
    pieces = [
        format_html("<code>{}</code>", piece) if number % 2 else escape(piece)
        for number, piece in enumerate(text.split("`"))
        if piece
    ]
    return mark_safe("".join(pieces))


@register.filter
def object_name(schema: dict[str, Any]) -> str:
    """The name of the object that a schema refers to, alone or in a list; or nothing."""
    target = schema.get("items", schema)
    for part in (target, *target.get("allOf", ()), *target.get("oneOf", ())):
        if "$ref" in part:
            return str(part["$ref"]).rsplit("/", 1)[-1]
    return ""


@register.filter
def description(name: str, objects: dict[str, Any]) -> str:
    """The description of an object."""
    return str(objects.get(name, {}).get("description", ""))


@register.filter
def kind(schema: dict[str, Any]) -> str:
    """The type of a field."""
    if schema.get("type") == "array":
        return "list"
    return str(schema.get("format") or schema.get("type") or "object")


@register.filter
def bounded(schema: dict[str, Any]) -> str:
    """The type of a parameter, with its bounds."""
    kind = str(schema.get("type", ""))
    if "minimum" in schema and "maximum" in schema:
        return f"{kind}, {schema['minimum']} to {schema['maximum']}"
    if "maxLength" in schema:
        return f"{kind} of up to {schema['maxLength']} characters"
    return kind


@register.filter
def as_json(value: Any) -> str:
    """An example in one line."""
    return json.dumps(value, ensure_ascii=False)
