"""The ground of a territory by former and later class, as a file."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from analytics import indicators, queries
from analytics.nomenclature import BY_CODE, OBSERVED_CODES
from clcplus.access import limits
from clcplus.citations import citation
from clcplus.files import formats
from clcplus.http import parameters
from clcplus.http.errors import UnusablePair
from clcplus.snapshots import Snapshot
from clcplus.views import column_files
from clcplus.views.column_files import Line
from clcplus.views.files import permanent_address, published_file, territory_of

FORMATS = ("csv", "xlsx", "json")
MISSING = "missing"


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    meaning: str


COLUMNS = (
    _Column("from_class", f"code in the earlier edition, 1 to 11; {MISSING}: see the last row"),
    _Column("from_name", "its name"),
    _Column("to_class", f"code in the later edition, 1 to 11, or {MISSING}"),
    _Column("to_name", "its name"),
    _Column("cells", "cells of 100 m²"),
    _Column("area_ha", "hectares"),
)


@published_file
def transition_table(
    request: HttpRequest, snapshot: Snapshot, level: str, code: str, chosen: str
) -> HttpResponseBase:
    """All 121 pairs of classes between two editions, and what is not observed in one of them."""
    if chosen not in FORMATS:
        raise Http404(f"no such format; formats: {', '.join(FORMATS)}")
    parameters.only(request, {"vintage", "from", "to", "across", "dialect"})
    dialect = parameters.dialect(request, chosen, formats.DIALECTS)
    connection = snapshot.connection
    territory = territory_of(request, connection, level, code)
    earlier, later = parameters.pair(request, queries.editions(connection))
    if chosen == "xlsx":
        limits.spend(request)
    change = queries.change(connection, zone_id=territory.id, earlier=earlier.id, later=later.id)
    if change is None:
        raise UnusablePair(f"{earlier.slug} and {later.slug} cannot be compared")
    lines: list[Line] = [
        (
            str(before),
            BY_CODE[before].name,
            str(after),
            BY_CODE[after].name,
            cells,
            indicators.hectares(cells),
        )
        for before, row in zip(OBSERVED_CODES, change.matrix, strict=False)
        for after, cells in zip(OBSERVED_CODES, row, strict=True)
    ]
    missing = territory.cells - change.observed
    said = "not observed in one of the editions or in both"
    lines.append((MISSING, said, MISSING, said, missing, indicators.hectares(missing)))
    about = {
        "territory": f"{territory.name} ({territory.level_name} {territory.code}), "
        f"boundary of {territory.vintage}",
        "earlier": formats.described(earlier),
        "later": formats.described(later),
        "status": change.status,
        "address": permanent_address(request, territory),
        "note": "As mapped. Differences of editions are not change by themselves: much of what "
        "lies off the diagonal is noise of the maps.",
        "citation": citation([earlier, later]),
    }
    return column_files.whole_file(
        COLUMNS,
        lines,
        about,
        chosen=chosen,
        dialect=dialect,
        name="-".join(["sealing-transitions", level, code, earlier.slug, later.slug]),
        sheet="transitions",
        widths={"from_name": 34, "to_name": 34},
    )
