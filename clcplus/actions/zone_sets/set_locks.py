"""Hold a set of zones until the open transaction ends, so that nobody deletes it meanwhile.

Whoever holds a set and takes other locks takes them in this order: that of the account, the set,
that of its zones, its runs. The other way round two requests would wait for each other.
"""

from __future__ import annotations

from django.db import connection

from clcplus.errors import UnknownZoneSet
from clcplus.models import ZoneSet


def hold(zone_set: ZoneSet) -> ZoneSet:
    """The set as it is now, for whoever changes it. Raises UnknownZoneSet where it was deleted."""
    found = (
        ZoneSet.objects.select_for_update(of=("self",))
        .select_related("layer__level")
        .filter(pk=zone_set.pk)
        .first()
    )
    if found is None:
        raise UnknownZoneSet(
            str(zone_set.pk), found="no such set of zones", expected="one that was not deleted"
        )
    return found


def keep(layer_id: int) -> bool:
    """Keep the set of a layer from being deleted, and nothing else; False where it is gone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM clcplus_zoneset WHERE layer_id = %s FOR KEY SHARE", [layer_id]
        )
        return cursor.fetchone() is not None
