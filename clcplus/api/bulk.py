"""Bulk tables: statistics and change of all territories of a level, streamed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from sqlalchemy import Connection

from analytics import queries
from analytics.records import Edition
from clcplus import limits
from clcplus.api.base import PublishedView, documented, query
from clcplus.api.shapes import Shape, StatusField
from clcplus.api.statistics import ACROSS, FROM, TO
from clcplus.citations import citation
from clcplus.files import formats, tidy, xlsx
from clcplus.files.cells import TEXT_NOTE
from clcplus.http import parameters
from clcplus.http.errors import BadParameter
from clcplus.presentation.indicators import CHANGE, STATUS, Indicator, by_default
from clcplus.snapshots import Snapshot


class RowShape(Shape):
    """One figure; null where the status is not one that lets it be told."""

    code = serializers.CharField()
    name = serializers.CharField()
    level = serializers.CharField()
    vintage = serializers.IntegerField()
    edition = serializers.CharField(help_text="Slug; of change `earlier/later`.")
    indicator = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    unit = serializers.CharField(help_text="m2, m2/a, 1 (fraction), pp (percentage points), %.")
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
        help_text="Of `sealed_net_change` and `sealed_net_change_per_year` only: whether it is "
        "more than `map_noise`, which noise of the maps alone could make. A stress test with "
        "independent errors; null where nothing is observed in both editions, and across origins.",
    )
    partly_observed = serializers.ChoiceField(
        choices=tidy.PARTLY,
        allow_null=True,
        help_text="Of one edition's figures: whether another edition has observed over 1 % more of "
        "the territory, so that they are not to be compared with its figures; null of change, and "
        "where nothing is observed.",
    )


class TableShape(Shape):
    """A bulk table."""

    level = serializers.CharField()
    within = serializers.CharField(
        required=False, help_text="Level and code of the territory that holds all of them."
    )
    editions = serializers.ListField(child=serializers.CharField())
    citation = serializers.CharField()
    rows = RowShape(many=True)


class BulkView(PublishedView):
    """A table that is read and sent row by row, in one snapshot that lasts until its end."""

    renderer_classes = (
        JSONRenderer,
        formats.CsvRenderer,
        formats.XlsxRenderer,
        formats.ParquetRenderer,
    )
    name = ""
    indicators: Mapping[str, Indicator[Any]]

    def read(self, request: Request, snapshot: Snapshot, **address: Any) -> HttpResponseBase:
        chosen = str(request.accepted_renderer.format)
        dialect = parameters.dialect(request, chosen, formats.DIALECTS)
        connection = snapshot.connection
        level = self._level(request, connection)
        within = parameters.within(request, connection)
        limits.spend(request)
        editions, rows = self.table(request, connection, level, within)
        place = {"within": ":".join(within)} if within else {}
        about = {
            "level": level,
            **place,
            "editions": [edition.slug for edition in editions],
            "citation": citation(editions),
        }
        return formats.table_response(
            rows,
            about,
            editions=editions,
            name="-".join([self.name, level, *(within or ()), *about["editions"]]),
            chosen=chosen,
            dialect=dialect,
            # From here on the response closes the snapshot.
            snapshot=snapshot.taken_along(),
            head=request.method == "HEAD",
        )

    def table(
        self,
        request: Request,
        connection: Connection,
        level: str,
        within: tuple[str, str] | None,
    ) -> tuple[Sequence[Edition], Iterator[tidy.Row]]:
        """The editions of the table, and its rows."""
        raise NotImplementedError

    def _level(self, request: Request, connection: Connection) -> str:
        level = parameters.level(request, connection, required=True)
        assert level is not None
        return level

    def wanted(self, request: Request) -> Sequence[str]:
        """Indicators asked for, in the order of the documentation."""
        text = request.GET.get("indicator")
        if text is None:
            return by_default(self.indicators)
        asked = text.split(",")
        for name in asked:
            if name not in self.indicators:
                raise BadParameter("indicator", found=name, allowed=tuple(self.indicators))
        return [name for name in self.indicators if name in asked]


def _format() -> Any:
    return query(
        "format",
        "Or ask by `Accept`, such as `Accept: text/csv`. `xlsx` has a sheet of rows and one that "
        f"says what they are about, and at most {xlsx.LARGEST} rows.",
        enum=list(formats.FORMATS),
    )


def _dialect() -> Any:
    return query(
        "dialect",
        "Of CSV: `plain` has commas and decimal points; `spreadsheet` has semicolons, decimal "
        f"commas and a byte order mark. {TEXT_NOTE}",
        enum=list(formats.DIALECTS),
    )


def _table(*statuses: int) -> dict[Any, Any]:
    return {
        **documented(TableShape, *statuses),
        (200, "text/csv"): OpenApiTypes.STR,
        (200, formats.FORMATS["xlsx"].media_type): OpenApiTypes.BINARY,
        (200, formats.FORMATS["parquet"].media_type): OpenApiTypes.BINARY,
    }


def _indicator(entries: Mapping[str, Indicator[Any]]) -> Any:
    return query(
        "indicator",
        f"Separated by commas; of: {', '.join(entries)}. "
        f"By default: {', '.join(by_default(entries))}.",
    )


LEVEL = query("level", "Slug of a level.", required=True)
WITHIN = query("within", "Only below this territory, such as `region:11`.")


@extend_schema_view(
    get=extend_schema(
        operation_id="bulk_statistics",
        summary="Statistics of all territories of a level",
        parameters=[
            LEVEL,
            WITHIN,
            query("edition", "Slug or year; several separated by commas; by default all."),
            _indicator(STATUS),
            _format(),
            _dialect(),
        ],
        responses=_table(401, 404),
    )
)
class BulkStatisticsView(BulkView):
    """Tidy rows: one figure of one territory in one edition each."""

    parameters = ("level", "within", "edition", "indicator", "dialect")
    name = "sealing"
    indicators = STATUS

    def table(
        self,
        request: Request,
        connection: Connection,
        level: str,
        within: tuple[str, str] | None,
    ) -> tuple[Sequence[Edition], Iterator[tidy.Row]]:
        wanted = self.wanted(request)
        editions = parameters.editions(request, queries.editions(connection))
        records = queries.bulk_statistics(
            connection,
            level=level,
            editions=editions,
            within=within,
            inhabitants=any(self.indicators[name].inhabitants for name in wanted),
        )
        return editions, tidy.statistics_rows(records, wanted)


@extend_schema_view(
    get=extend_schema(
        operation_id="bulk_change",
        summary="Change of all territories of a level",
        parameters=[
            LEVEL,
            WITHIN,
            FROM,
            TO,
            ACROSS,
            _indicator(CHANGE),
            _format(),
            _dialect(),
        ],
        responses=_table(401, 404, 409, 422),
    )
)
class BulkChangeView(BulkView):
    """Tidy rows: one figure of one territory's change each; all of them indicative. `map_noise` is
    what noise of the maps alone could make of gain, and as much of loss; rows of the net change
    carry the verdict on it."""

    parameters = ("level", "within", "from", "to", "across", "indicator", "dialect")
    name = "sealing-change"
    indicators = CHANGE

    def table(
        self,
        request: Request,
        connection: Connection,
        level: str,
        within: tuple[str, str] | None,
    ) -> tuple[Sequence[Edition], Iterator[tidy.Row]]:
        wanted = self.wanted(request)
        earlier, later = parameters.pair(request, queries.editions(connection))
        records = queries.bulk_change(
            connection, level=level, earlier=earlier, later=later, within=within
        )
        return (earlier, later), tidy.change_rows(records, wanted)
