"""The territory that a person names."""

from __future__ import annotations

from clcplus.errors import UnknownLevel
from clcplus.models import Zone


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
