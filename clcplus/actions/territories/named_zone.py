"""The territories that a person names."""

from __future__ import annotations

from clcplus.errors import UnknownLevel
from clcplus.models import Layer, Zone


def territory_named(text: str) -> Zone:
    """The territory of ``level:code``, in its newest boundaries. Raises UnknownLevel."""
    level, _, code = text.partition(":")
    found = (
        Zone.objects.select_related("layer__level")
        .filter(layer__level__slug=level, layer__active=True, code=code)
        .order_by("-layer__vintage")
        .first()
    )
    if found is None:
        raise UnknownLevel(
            text, found="no such territory", expected="level:code, such as region:11"
        )
    return found


def territories_named(text: str) -> list[Zone]:
    """Territories named as ``level:code``, or ``level:*`` for all of a level, parted by commas; in
    their newest boundaries. Raises UnknownLevel."""
    found: list[Zone] = []
    for name in (part.strip() for part in text.split(",")):
        level, _, code = name.partition(":")
        found += _of_level(level) if code == "*" else [territory_named(name)]
    return found


def _of_level(slug: str) -> list[Zone]:
    layer = Layer.objects.filter(level__slug=slug, active=True).order_by("-vintage").first()
    if layer is None:
        raise UnknownLevel(slug, found="no layer of this level", expected="an imported level")
    return list(Zone.objects.filter(layer=layer).order_by("code"))


def highest_level() -> str:
    """All territories of the highest level, as :func:`territories_named` takes them. Raises
    UnknownLevel."""
    layers = Layer.objects.filter(level__custom=False, active=True).select_related("level")
    highest = layers.order_by("level__rank", "level__slug").first()
    if highest is None:
        raise UnknownLevel(
            "territories",
            found="none",
            expected="a layer of territories",
            hint="Import one first (import_zones)",
        )
    return f"{highest.level.slug}:*"
