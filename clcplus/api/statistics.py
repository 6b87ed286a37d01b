"""Statistics and change of one territory."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from analytics import land_consumption, queries
from clcplus.api import figures
from clcplus.api.base import CODE, LEVEL, VINTAGE, PublishedView, documented, found_territory, query
from clcplus.api.shapes import (
    AreaShape,
    ClassAreaShape,
    EditionShape,
    IndicatorsShape,
    LinkShape,
    Shape,
    StatusField,
)
from clcplus.citations import citation
from clcplus.files import tidy
from clcplus.http import parameters
from clcplus.http.errors import UnusablePair
from clcplus.presentation.indicators import CHANGE, STATUS
from clcplus.snapshots import Snapshot


class EditionStatisticsShape(IndicatorsShape):
    """Cells of the territory in one edition; figures are null where nothing is observed."""

    registry = STATUS

    edition = serializers.CharField()
    status = StatusField()
    partly_observed = serializers.BooleanField(
        help_text="Whether another edition has observed over 1 % more of the territory: the "
        "figures are right, and say nothing of the rest."
    )
    observed = AreaShape()
    not_observed = AreaShape()
    sealed = AreaShape()
    sealed_share = serializers.FloatField(allow_null=True)
    ci_low = serializers.FloatField(allow_null=True)
    ci_high = serializers.FloatField(allow_null=True)
    by_class = ClassAreaShape(many=True)


class SeriesShareShape(Shape):
    """Sealed part, in one edition, of the cells that all editions of the series have observed."""

    edition = serializers.CharField()
    sealed = AreaShape()
    sealed_share = serializers.FloatField(allow_null=True)


class SeriesShape(Shape):
    """Editions of one product and origin, like for like: only these shares may be compared with
    each other. An edition that has observed nothing of the territory is not part of it; where no
    cell is observed in all of them the figures are null."""

    product = serializers.CharField()
    origin = serializers.ChoiceField(choices=("official", "modelled", "synthetic"))
    observed_in_all = AreaShape(help_text="Cells that every edition of the series has observed.")
    observed_in_all_share = serializers.FloatField(help_text="Of the whole territory.")
    shares = SeriesShareShape(many=True)


SERIES_HELP = "Null where the cells are not counted over all editions yet."


class StatisticsShape(Shape):
    """Statistics of a territory, one entry for each published edition."""

    territory = LinkShape()
    successor = LinkShape(allow_null=True)
    units = serializers.DictField(child=serializers.CharField())
    status = StatusField(help_text="ok where any edition has observed the territory.")
    editions = EditionShape(many=True)
    statistics = EditionStatisticsShape(
        many=True,
        help_text="What each edition has observed, which may be other ground than the next one: of "
        "an edition that is `partly_observed` another has observed over 1 % more. To compare "
        "editions take `series`, or the change between two of them.",
    )
    series = SeriesShape(many=True, allow_null=True, help_text=SERIES_HELP)
    citation = serializers.CharField()


@extend_schema_view(
    get=extend_schema(
        operation_id="territory_statistics",
        summary="Statistics of a territory",
        parameters=[LEVEL, CODE, VINTAGE],
        responses=documented(StatisticsShape, 404),
    )
)
class TerritoryStatisticsView(PublishedView):
    """Per edition: observed, not observed, cells and m² by class, sealed share."""

    parameters = ("vintage",)

    def read(self, request: Request, snapshot: Snapshot, **address: Any) -> Response:
        connection = snapshot.connection
        found = found_territory(connection, vintage=parameters.vintage(request), **address)
        records = queries.statistics(connection, zone_id=found.id)
        editions = [record.edition for record in records]
        lines = queries.series(connection, zone_ids=[found.id]).get(found.id, ())
        seen = any(record.status != "not_observed" for record in records)
        body = {
            "territory": found.link,
            "successor": found.successor,
            "units": figures.units(),
            "status": "ok" if seen else "not_observed",
            "editions": [figures.edition(record) for record in editions],
            "statistics": [figures.statistics(record) for record in records],
            "series": figures.all_series(lines, cells=found.cells),
            "citation": citation(editions),
        }
        return Response(StatisticsShape(body).data)


class FlowsShape(Shape):
    """Gain, loss and net change, by former and later class."""

    gain = AreaShape()
    loss = AreaShape()
    net = AreaShape()
    gain_by_former_class = ClassAreaShape(many=True)
    loss_by_later_class = ClassAreaShape(many=True)


class AnnualShape(Shape):
    """Flows a year."""

    gain_m2_per_year = serializers.FloatField(allow_null=True)
    loss_m2_per_year = serializers.FloatField(allow_null=True)
    net_m2_per_year = serializers.FloatField(allow_null=True)


class PerCentShape(Shape):
    """Change in per cent of the earlier sealed area; suppressed below 50 ha of it."""

    value = serializers.FloatField(allow_null=True)
    status = StatusField()


class VerdictShape(Shape):
    """Whether the net change stands out of what noise alone could make; a stress test."""

    text = serializers.CharField()
    distinguishable = serializers.BooleanField()
    noise_m2 = serializers.FloatField(
        help_text="What noise alone could make of gain, and as much of loss."
    )
    noise_ha = serializers.FloatField(help_text="The same in hectares.")
    verdict = serializers.ChoiceField(
        choices=tidy.VERDICTS, help_text="The verdict as the bulk tables have it."
    )
    accuracy_of = serializers.IntegerField(help_text="Year of the edition whose accuracy is used.")
    accuracy_stands_in = serializers.BooleanField()
    note = serializers.CharField()


class LandConsumptionShape(Shape):
    """SDG indicator 11.3.1, with sealed area as a proxy of built-up land: the rate of land
    consumption (V1 − V0) / V0 / T over the growth rate of the population ln(P1 / P0) / T. V0 and V1
    are the sealed areas on cells observed in both editions, P0 and P1 the inhabitants of the years
    of the editions, T the years between."""

    status = serializers.ChoiceField(
        choices=land_consumption.REASONS,
        help_text="ok; growth_near_zero (rates without a ratio); else why there are no rates: "
        "population_missing (not known in both years), in_map_noise (the net change is not more "
        "than noise of the maps could make), not_observed, across_origins, no_rate.",
    )
    land_consumption_rate = serializers.FloatField(
        allow_null=True, help_text="Fraction of the earlier sealed area, a year."
    )
    population_growth_rate = serializers.FloatField(allow_null=True, help_text="Fraction, a year.")
    ratio = serializers.FloatField(allow_null=True, help_text="The first rate over the second.")
    years = serializers.FloatField(allow_null=True)
    inhabitants_before = serializers.IntegerField(allow_null=True)
    inhabitants_after = serializers.IntegerField(allow_null=True)


class ChangeShape(IndicatorsShape):
    """Change of a territory between two editions, on cells observed in both."""

    registry = CHANGE

    territory = LinkShape()
    successor = LinkShape(allow_null=True)
    units = serializers.DictField(child=serializers.CharField())
    editions = EditionShape(many=True)
    earlier = serializers.CharField()
    later = serializers.CharField()
    status = StatusField()
    across_origins = serializers.BooleanField(
        help_text="Whether the editions are of different origin: read the change with care."
    )
    years = serializers.FloatField(
        allow_null=True, help_text="Between the middles of the observation windows."
    )
    observed_in_both = AreaShape()
    sealed_before = AreaShape()
    sealed_after = AreaShape()
    sealed_share_before = serializers.FloatField(allow_null=True)
    sealed_share_after = serializers.FloatField(allow_null=True)
    share_change = serializers.FloatField(allow_null=True, help_text="Percentage points.")
    per_cent_change = PerCentShape()
    raw = FlowsShape()
    filtered = FlowsShape(allow_null=True, help_text="Not computed yet: null.")
    annualised = AnnualShape()
    ci_low = serializers.FloatField(allow_null=True)
    ci_high = serializers.FloatField(allow_null=True)
    verdict = VerdictShape(allow_null=True)
    sdg_11_3_1 = LandConsumptionShape()
    matrix = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField()),
        help_text="Cells by former class (rows 1..11) and later class (columns 1..11).",
    )
    citation = serializers.CharField()


FROM = query("from", "Earlier edition: slug or year; by default the first official one.")
TO = query("to", "Later edition: slug or year; by default the last official one.")
ACROSS = query(
    "across",
    "`origins` to have change between editions of different origin, such as from an official to a "
    "modelled one, which is a 409 else: most of what differs between them is how they err.",
    enum=["origins"],
)


@extend_schema_view(
    get=extend_schema(
        operation_id="territory_change",
        summary="Change of a territory",
        parameters=[LEVEL, CODE, FROM, TO, ACROSS, VINTAGE],
        responses=documented(ChangeShape, 404, 409, 422),
    )
)
class TerritoryChangeView(PublishedView):
    """Gain, loss, net; by former and later class; annualised; with a verdict. Never across two
    vintages of boundaries: a territory has one shape."""

    parameters = ("from", "to", "across", "vintage")

    def read(self, request: Request, snapshot: Snapshot, **address: Any) -> Response:
        connection = snapshot.connection
        found = found_territory(connection, vintage=parameters.vintage(request), **address)
        earlier, later = parameters.pair(request, queries.editions(connection))
        record = queries.change(connection, zone_id=found.id, earlier=earlier.id, later=later.id)
        if record is None:
            raise UnusablePair(f"{earlier.slug} and {later.slug} cannot be compared")
        body = {
            **figures.change(record),
            "territory": found.link,
            "successor": found.successor,
            "sdg_11_3_1": figures.sdg_11_3_1(record, found.inhabitants),
            "units": figures.change_units(),
            "editions": [figures.edition(earlier), figures.edition(later)],
            "citation": citation([earlier, later]),
        }
        return Response(ChangeShape(body).data)
