"""What a person names, a checkpoint or a territory, as the rows that are meant."""

from __future__ import annotations

from clcplus.errors import UnknownCheckpoint, UnknownLevel
from clcplus.models import Checkpoint, Zone


def checkpoint_named(text: str) -> Checkpoint:
    """The checkpoint of an identity, of its beginning, or of a name. Raises UnknownCheckpoint."""
    by_identity = list(Checkpoint.objects.filter(identity__startswith=text)[:2]) if text else []
    found = by_identity or list(Checkpoint.objects.filter(name=text)[:2])
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"{c.name} ({c.identity[:12]})" for c in Checkpoint.objects.all()[:20])
    raise UnknownCheckpoint(
        text or "checkpoint",
        found="more than one of this name" if found else "no such checkpoint",
        expected=f"one of: {known or 'none yet'}",
        hint="Register one with register_checkpoint" if not known else "",
    )


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
