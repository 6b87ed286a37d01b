"""Bulk tables: statistics and change of all territories of a level, streamed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.request import Request
from sqlalchemy import Connection

from analytics import queries
from analytics.figures import VERDICT_BASES, Change
from analytics.records import Edition
from clcplus.access import limits
from clcplus.api.base import PublishedView
from clcplus.api.operations import EDITION, PAIR, TERRITORIES, published, query
from clcplus.api.serializers import BASIS_HELP, Serializer, StatusField
from clcplus.borrowed_accuracy import with_borrowed
from clcplus.citations import citation
from clcplus.files import formats, streams, tidy, xlsx
from clcplus.http import parameters
from clcplus.http.errors import BadParameter
from clcplus.presentation.indicators import CHANGE, STATUS, UNITS, Indicator, by_default
from clcplus.snapshots import Snapshot


class RowSerializer(Serializer):
    """One figure; null where the status is not one that lets it be told."""

    code = serializers.CharField()
    name = serializers.CharField()
    level = serializers.CharField()
    vintage = serializers.IntegerField()
    edition = serializers.CharField(help_text="Slug; of change `earlier/later`.")
    indicator = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    unit = serializers.CharField(
        help_text="; ".join(f"{unit}: {words}" for unit, words in UNITS.items()) + "."
    )
    ci_low = serializers.FloatField(allow_null=True)
    ci_high = serializers.FloatField(allow_null=True)
    status = StatusField()
    parent_level = serializers.CharField(
        allow_null=True, help_text="Level of the territory that holds this one; null for none."
    )
    parent_code = serializers.CharField(allow_null=True, help_text="Code of that territory.")
    verdict = serializers.ChoiceField(
        choices=tidy.VERDICTS,
        allow_null=True,
        help_text="Of `sealed_net_change` and `sealed_net_change_per_year` only. Where the true "
        "net change has an interval: `increase`, `decrease` or `not_distinguishable`. Elsewhere by "
        "a stress test with independent errors, whether it is more than `map_noise`, which noise "
        "of the maps alone could make: `stands_out` or `in_map_noise`. Null where nothing is "
        "observed in both editions, and across origins.",
    )
    partly_observed = serializers.ChoiceField(
        choices=tidy.PARTLY,
        allow_null=True,
        help_text="Of one edition's figures: whether another edition has observed over 1 % more of "
        "the territory, so that they are not to be compared with its figures; null of change, and "
        "where nothing is observed.",
    )
    method = serializers.CharField(
        allow_null=True, help_text="Name of the estimator behind `ci_low` and `ci_high`."
    )
    basis = serializers.ChoiceField(
        choices=VERDICT_BASES,
        allow_null=True,
        help_text=f"{BASIS_HELP} `stress_test` of a verdict without an interval.",
    )


class TableSerializer(Serializer):
    """A bulk table."""

    level = serializers.CharField()
    within = serializers.CharField(
        required=False, help_text="Level and code of the territory that holds all of them."
    )
    editions = serializers.ListField(child=serializers.CharField())
    citation = serializers.CharField()
    rows = RowSerializer(many=True)


FORMAT = query(
    "format",
    "Or ask by `Accept`, such as `Accept: text/csv`. `xlsx` has a sheet of rows and one that "
    f"says what they are about, and at most {xlsx.LARGEST} rows.",
    enum=list(formats.TABLES),
)
DIALECT = query(
    "dialect",
    "Of CSV: `plain` has commas and decimal points; `spreadsheet` has semicolons, decimal "
    f"commas and a byte order mark. {streams.TEXT_NOTE}",
    enum=list(streams.DIALECTS),
)
_FILES = {
    formats.MEDIA_TYPES["csv"]: OpenApiTypes.STR,
    formats.MEDIA_TYPES["xlsx"]: OpenApiTypes.BINARY,
    formats.MEDIA_TYPES["parquet"]: OpenApiTypes.BINARY,
}


class TableView(PublishedView):
    """A table that is read and sent row by row, in one snapshot that lasts until its end."""

    renderer_classes = formats.renderers(formats.TABLES)
    seconds_in_proxy = 0
    name = ""

    def read(self, request: Request, snapshot: Snapshot, **address: Any) -> HttpResponseBase:
        chosen = str(request.accepted_renderer.format)
        dialect = parameters.dialect(request, chosen, streams.DIALECTS)
        connection = snapshot.connection
        level = parameters.level(request, connection)
        within = parameters.within(request, connection)
        limits.spend(request)
        editions, rows = self.table(request, connection, level=level, within=within)
        slugs = [edition.slug for edition in editions]
        about = {
            "level": level,
            **({"within": ":".join(within)} if within else {}),
            "editions": slugs,
            "citation": citation(editions),
        }
        return formats.table_response(
            rows,
            about,
            editions=editions,
            name="-".join([self.name, level, *(within or ()), *slugs]),
            chosen=chosen,
            dialect=dialect,
            # From here on the response closes the snapshot.
            snapshot=snapshot.taken_along(),
            head=request.method == "HEAD",
        )

    def table(
        self, request: Request, connection: Connection, **territories: Any
    ) -> tuple[Sequence[Edition], Iterator[tidy.Row]]:
        """The editions of the table, and its rows; ``territories`` are ``level`` and ``within``."""
        raise NotImplementedError


def _indicator(entries: Mapping[str, Indicator[Any]]) -> Any:
    return query(
        "indicator",
        f"Separated by commas; of: {', '.join(entries)}. "
        f"By default: {', '.join(by_default(entries))}.",
    )


def _wanted(request: Request, entries: Mapping[str, Indicator[Any]]) -> Sequence[str]:
    """Indicators asked for, in the order of the documentation."""
    text = request.GET.get("indicator")
    if text is None:
        return by_default(entries)
    asked = text.split(",")
    for name in asked:
        if name not in entries:
            raise BadParameter("indicator", found=name, allowed=tuple(entries))
    return [name for name in entries if name in asked]


@published(
    "bulk_statistics",
    "Statistics of all territories of a level",
    TableSerializer,
    problems=(401, 404),
    parameters=[*TERRITORIES, EDITION, _indicator(STATUS), FORMAT, DIALECT],
    files=_FILES,
)
class BulkStatisticsView(TableView):
    """Tidy rows: one figure of one territory in one edition each."""

    name = "sealing"

    def table(
        self, request: Request, connection: Connection, **territories: Any
    ) -> tuple[Sequence[Edition], Iterator[tidy.Row]]:
        wanted = _wanted(request, STATUS)
        editions = parameters.editions(request, queries.editions(connection))
        needed = any(STATUS[name].inhabitants for name in wanted)
        records = queries.bulk_statistics(
            connection,
            editions=editions,
            inhabitants=needed,
            flicker=any(STATUS[name].flicker for name in wanted),
            **territories,
        )
        filled = ((zone, with_borrowed(record)) for zone, record in records)
        return editions, tidy.statistics_rows(filled, wanted)


def _is_told_apart(change: Change) -> bool:
    """Whether the net change is told from noise; none is across origins, where no verdict is."""
    verdict = None if change.across_origins else change.verdict
    return verdict is not None and verdict.distinguishable


@published(
    "bulk_change",
    "Change of all territories of a level",
    TableSerializer,
    problems=(401, 404, 409, 422),
    parameters=[
        *TERRITORIES,
        *PAIR,
        _indicator(CHANGE),
        query(
            parameters.ONLY,
            "Rows of those territories alone whose net change is told from noise: by its interval "
            "where there is one, else by the stress test.",
            enum=[parameters.TOLD_APART],
        ),
        FORMAT,
        DIALECT,
    ],
    files=_FILES,
)
class BulkChangeView(TableView):
    """Tidy rows: one figure of one territory's change each. What is mapped is indicative.
    `map_noise` is what noise of the maps alone could make of gain, and as much of loss. Rows of the
    net change carry the interval of the true net change, where a sample tells it, and the verdict.
    `…_filtered_…` are what a filter of patches leaves, where the pair of editions was filtered, and
    `…_estimate` what a published reference sample says; a table has no rows of what there is
    not."""

    name = "sealing-change"

    def table(
        self, request: Request, connection: Connection, **territories: Any
    ) -> tuple[Sequence[Edition], Iterator[tidy.Row]]:
        wanted = _wanted(request, CHANGE)
        earlier, later = parameters.pair(request, queries.editions(connection))
        found = queries.bulk_change(connection, earlier=earlier, later=later, **territories)
        told = parameters.told_apart(request)
        records = (row for row in found if not told or _is_told_apart(row[1]))
        return (earlier, later), tidy.change_rows(records, wanted)
