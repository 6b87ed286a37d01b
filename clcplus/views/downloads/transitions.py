"""The ground of a territory by former and later class, as a file."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from analytics import indicators, queries
from analytics.nomenclature import BY_CODE, OBSERVED_CODES
from clcplus import limits
from clcplus.citations import citation
from clcplus.files import formats
from clcplus.http import parameters
from clcplus.http.errors import UnusablePair
from clcplus.snapshots import Snapshot
from clcplus.views.downloads.columns import Column, Line, dialect_of, whole_file
from clcplus.views.downloads.published import (
    described,
    permanent_address,
    published_file,
    territory_of,
)

FORMATS = ("csv", "xlsx", "json")
MISSING = "missing"
COLUMNS = (
    Column("from_class", f"code in the earlier edition, 1 to 11; {MISSING}: see the last row"),
    Column("from_name", "its name"),
    Column("to_class", f"code in the later edition, 1 to 11, or {MISSING}"),
    Column("to_name", "its name"),
    Column("cells", "cells of 100 m²"),
    Column("area_ha", "hectares"),
)


@published_file
def transition_table(
    request: HttpRequest, snapshot: Snapshot, level: str, code: str, chosen: str
) -> HttpResponseBase:
    """All 121 pairs of classes between two editions, and what is not observed in one of them."""
    allowed = {"vintage", "from", "to", "across"}
    dialect = dialect_of(request, chosen, known=FORMATS, allowed=allowed)
    connection = snapshot.connection
    territory = territory_of(request, connection, level, code)
    earlier, later = parameters.pair(request, queries.editions(connection))
    if chosen == "xlsx":
        limits.spend(request)
    change = queries.change(connection, zone_id=territory.id, earlier=earlier.id, later=later.id)
    if change is None:
        raise UnusablePair(f"{earlier.slug} and {later.slug} cannot be compared")
    lines: list[Line] = []
    for before, row in zip(OBSERVED_CODES, change.matrix, strict=False):
        for after, cells in zip(OBSERVED_CODES, row, strict=True):
            names = BY_CODE[before].name, BY_CODE[after].name
            hectares = indicators.hectares(cells)
            lines.append((str(before), names[0], str(after), names[1], cells, hectares))
    missing = territory.cells - change.observed
    said = "not observed in one of the editions or in both"
    lines.append((MISSING, said, MISSING, said, missing, indicators.hectares(missing)))
    about = {
        "territory": described(territory),
        "earlier": formats.described(earlier),
        "later": formats.described(later),
        "status": change.status,
        "address": permanent_address(request, territory),
        "note": "As mapped. Differences of editions are not change by themselves: much of what "
        "lies off the diagonal is noise of the maps.",
        "citation": citation([earlier, later]),
    }
    name = "-".join(["sealing-transitions", level, code, earlier.slug, later.slug])
    return whole_file(
        COLUMNS, lines, about, chosen=chosen, dialect=dialect, name=name, sheet="transitions"
    )
