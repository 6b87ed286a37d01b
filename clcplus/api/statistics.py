"""Statistics and change of one territory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from analytics import land_consumption, queries
from analytics.figures import QUANTITIES, VERDICT_BASES, AreaEstimate, Change, FilteredFlows
from analytics.land_consumption import LandConsumptionOutcome
from analytics.products import CLCPLUS
from analytics.records import Edition, TerritoryLink
from clcplus.api import serializers as shared
from clcplus.api.base import PublishedView, found_territory
from clcplus.api.operations import CODE, EDITION, LEVEL, PAIR, VINTAGE, published
from clcplus.borrowed_accuracy import with_borrowed
from clcplus.citations import citation
from clcplus.files import tidy
from clcplus.http import parameters
from clcplus.http.errors import UnusablePair
from clcplus.presentation.indicators import CHANGE, listed
from clcplus.snapshots import Snapshot


class StatisticsSerializer(shared.Serializer):
    """Statistics of a territory, one entry for each published edition."""

    territory = shared.LinkSerializer()
    successor = shared.LinkSerializer(allow_null=True)
    units = serializers.DictField(child=serializers.CharField())
    status = shared.StatusField(help_text="ok where any edition has observed the territory.")
    editions = shared.EditionSerializer(many=True)
    statistics = shared.EditionStatisticsSerializer(
        many=True,
        help_text="What each edition has observed, which may be other ground than the next one: of "
        "an edition that is `partly_observed` another has observed over 1 % more. To compare "
        "editions take `series`, or the change between two of them.",
    )
    series = shared.SeriesSerializer(many=True, allow_null=True, help_text=shared.SERIES_HELP)
    citation = serializers.CharField()


def _chosen(request: Request, known: Sequence[Edition]) -> set[int]:
    """Ids of the editions that are asked for; of none where nothing is published."""
    if not known and "edition" not in request.GET:
        return set()
    return {edition.id for edition in parameters.editions(request, known)}


@published(
    "territory_statistics",
    "Statistics of a territory",
    StatisticsSerializer,
    problems=(404,),
    parameters=[LEVEL, CODE, EDITION, VINTAGE],
)
class TerritoryStatisticsView(PublishedView):
    """Per edition: observed, not observed, cells and m² by class, sealed share."""

    def read(self, request: Request, snapshot: Snapshot, **address: Any) -> Response:
        connection = snapshot.connection
        found = found_territory(connection, vintage=parameters.vintage(request), **address)
        known = queries.statistics(connection, zone_id=found.id)
        chosen = _chosen(request, [record.edition for record in known])
        records = [with_borrowed(record) for record in known if record.edition.id in chosen]
        editions = [record.edition for record in records]
        # A series has one version of a year.
        superseded = any(edition.superseded_by for edition in editions)
        counted = {} if superseded else queries.series(connection, zone_ids=[found.id])
        series = counted.get(found.id, ())
        records = queries.with_flicker(records, series)
        body = {
            "territory": found.link,
            "successor": found.successor,
            "units": shared.units(),
            "status": shared.status_of(record.status for record in records),
            "editions": editions,
            "statistics": records,
            "series": None if superseded else shared.comparable_series(series, cells=found.cells),
            "citation": citation(editions),
        }
        return Response(StatisticsSerializer(body).data)


class FlowsSerializer(shared.Serializer):
    """Gain, loss and net change, by former and later class."""

    gain = shared.AreaSerializer()
    loss = shared.AreaSerializer()
    net = shared.AreaSerializer()
    gain_by_former_class = shared.ClassAreaSerializer(many=True)
    loss_by_later_class = shared.ClassAreaSerializer(many=True)


class FilterSerializer(shared.Serializer):
    """What a filter accepts: patches of connected cells that are large and wide enough."""

    mmu_ha = serializers.FloatField(help_text="Minimum mapping unit, hectares.")
    min_width_m = serializers.FloatField(help_text="Minimum width, metres.")
    connectivity = serializers.IntegerField(help_text="4: cells touch by a side.")
    min_confidence = serializers.IntegerField(
        allow_null=True,
        help_text="Least confidence of a cell in the confidence layers of both editions, 0 to 100; "
        "null where none is asked for.",
    )


class FilteredSerializer(shared.Serializer):
    """What a filter leaves of gain and loss in the territory. Patches are formed on the whole
    editions, before anything is clipped to a territory."""

    filter = FilterSerializer()
    is_default = serializers.BooleanField(help_text="Whether pages show this filter first.")
    gain = shared.AreaSerializer()
    loss = shared.AreaSerializer()
    net = shared.AreaSerializer()


class EstimatesSerializer(shared.Serializer):
    """Estimates from a published reference sample of the pair of editions, of what both have
    observed; null where there is none."""

    sealed_before = shared.EstimateSerializer(allow_null=True)
    sealed_after = shared.EstimateSerializer(allow_null=True)
    gain = shared.EstimateSerializer(allow_null=True)
    loss = shared.EstimateSerializer(allow_null=True)
    net = shared.EstimateSerializer(allow_null=True)


class AnnualSerializer(shared.Serializer):
    """Flows a year."""

    gain_m2_per_year = serializers.FloatField(allow_null=True, source="gain_m2_a_year")
    loss_m2_per_year = serializers.FloatField(allow_null=True, source="loss_m2_a_year")
    net_m2_per_year = serializers.FloatField(allow_null=True, source="net_m2_a_year")


class PerCentSerializer(shared.Serializer):
    """Change in per cent of the earlier sealed area; suppressed below 50 ha of it."""

    value = serializers.FloatField(allow_null=True, source="per_cent")
    status = shared.StatusField(source="per_cent_status")


_TEXTS = {
    "stands_out": "stands out of map noise",
    "in_map_noise": "not distinguishable from map noise",
}


class VerdictSerializer(shared.Serializer):
    """Whether the net change is told from noise: by the interval of an estimate where there is one,
    else by a stress test."""

    text = serializers.CharField()
    distinguishable = serializers.BooleanField(source="verdict.distinguishable")
    noise_m2 = serializers.FloatField(
        help_text="What noise alone could make of gain, and as much of loss."
    )
    noise_ha = serializers.FloatField(help_text="The same in hectares.")
    verdict = serializers.ChoiceField(
        choices=tidy.VERDICTS,
        help_text="The verdict as the bulk tables have it: `increase`, `decrease` or "
        "`not_distinguishable` by an interval; `stands_out` or `in_map_noise` by the stress test, "
        "which tells no direction.",
    )
    basis = serializers.ChoiceField(
        choices=VERDICT_BASES,
        source="verdict.basis",
        help_text="Where the verdict comes from; `stress_test` where there is no interval.",
    )
    accuracy_of = serializers.IntegerField(
        source="verdict.stress_test.accuracy_year",
        help_text="Year of the edition whose accuracy the stress test uses.",
    )
    accuracy_stands_in = serializers.BooleanField(source="verdict.stress_test.stand_in")
    note = serializers.CharField()

    def text_of(self, change: Change) -> str:
        outcome = None if change.verdict is None else change.verdict.outcome
        if outcome in {"increase", "decrease"}:
            return str(outcome)
        return _TEXTS["stands_out" if outcome == "stands_out" else "in_map_noise"]

    def verdict_of(self, change: Change) -> str | None:
        return tidy.verdict_of(change.verdict)

    def note_of(self, change: Change) -> str:
        if change.verdict is not None and change.verdict.estimated:
            return (
                "By the 95 % interval of the estimated net change: where it holds 0, change cannot "
                "be told from noise. The stress test beside it, noise_m2, takes the editions' "
                "errors as independent, which they are not."
            )
        note = (
            "A stress test that takes the editions' errors as independent, which they are not: it "
            "says what noise alone could make of gain, and as much of loss; it corrects nothing."
        )
        if change.verdict is not None and change.verdict.stress_test.stand_in:
            note += (
                " An edition of the pair has no published accuracy: that of "
                f"{CLCPLUS.stand_in_year} stands in."
            )
        return note


class LandConsumptionSerializer(shared.Serializer):
    """SDG indicator 11.3.1, with sealed area as a proxy of built-up land: the rate of land
    consumption (V1 − V0) / V0 / T over the growth rate of the population ln(P1 / P0) / T. V0 and V1
    are the sealed areas on cells observed in both editions, P0 and P1 the inhabitants of the years
    of the editions, T the years between."""

    status = serializers.ChoiceField(
        choices=land_consumption.REASONS,
        source="reason",
        help_text="ok; growth_near_zero (rates without a ratio); else why there are no rates: "
        "population_missing (not known in both years), in_map_noise (the net change is not more "
        "than noise of the maps could make), sample_disagrees (it lies outside of the interval of "
        "a reference sample), not_observed, across_origins, no_rate.",
    )
    land_consumption_rate = serializers.FloatField(
        allow_null=True, help_text="Fraction of the earlier sealed area, a year."
    )
    population_growth_rate = serializers.FloatField(allow_null=True, help_text="Fraction, a year.")
    ratio = serializers.FloatField(allow_null=True, help_text="The first rate over the second.")
    years = serializers.FloatField(allow_null=True)
    inhabitants_before = serializers.IntegerField(allow_null=True)
    inhabitants_after = serializers.IntegerField(allow_null=True)


class ChangeSerializer(shared.IndicatorsSerializer):
    """Change of a territory between two editions, on cells observed in both."""

    registry = CHANGE

    territory = shared.LinkSerializer()
    successor = shared.LinkSerializer(allow_null=True)
    units = serializers.DictField(child=serializers.CharField())
    editions = shared.EditionSerializer(many=True)
    earlier = serializers.CharField(source="earlier.slug")
    later = serializers.CharField(source="later.slug")
    status = shared.StatusField()
    across_origins = serializers.BooleanField(
        help_text="Whether the editions are of different origin: read the change with care."
    )
    years = serializers.FloatField(
        allow_null=True, help_text="Between the middles of the observation windows."
    )
    observed_in_both = shared.AreaSerializer(source="observed")
    sealed_before = shared.AreaSerializer()
    sealed_after = shared.AreaSerializer()
    sealed_share_before = serializers.FloatField(allow_null=True, source="share_before")
    sealed_share_after = serializers.FloatField(allow_null=True, source="share_after")
    share_change = serializers.FloatField(
        allow_null=True, source="net_points", help_text="Percentage points."
    )
    per_cent_change = PerCentSerializer(source="*")
    raw = FlowsSerializer(source="*")
    filtered = serializers.DictField(
        child=FilteredSerializer(),
        allow_null=True,
        help_text="What filters leave, by their names; null where the pair is not filtered.",
    )
    annualised = AnnualSerializer(source="*")
    estimates = EstimatesSerializer()
    interval = serializers.ListField(
        child=serializers.FloatField(),
        allow_null=True,
        min_length=2,
        max_length=2,
        help_text="95 % interval of the true net change, m²; null where none is known.",
    )
    ci_low = serializers.FloatField(allow_null=True, help_text="Lower end of `interval`.")
    ci_high = serializers.FloatField(allow_null=True, help_text="Upper end of `interval`.")
    basis = shared.BasisField()
    method = serializers.CharField(
        allow_null=True, help_text="Name of the estimator of the interval."
    )
    verdict = VerdictSerializer(allow_null=True)
    sdg_11_3_1 = LandConsumptionSerializer()
    matrix = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField()),
        help_text="Cells by former class (rows 1..11) and later class (columns 1..11).",
    )
    citation = serializers.CharField()

    def territory_of(self, change: Change) -> TerritoryLink:
        return self.context["territory"].link

    def successor_of(self, change: Change) -> TerritoryLink | None:
        return self.context["territory"].successor

    def units_of(self, change: Change) -> dict[str, str]:
        return change_units()

    def editions_of(self, change: Change) -> tuple[Edition, Edition]:
        return change.earlier, change.later

    def filtered_of(self, change: Change) -> Mapping[str, FilteredFlows] | None:
        return change.filtered or None

    def estimates_of(self, change: Change) -> dict[str, AreaEstimate | None]:
        return {quantity: change.estimates.get(quantity) for quantity in QUANTITIES}

    def verdict_of(self, change: Change) -> Change | None:
        return None if change.verdict is None else change

    def sdg_11_3_1_of(self, change: Change) -> LandConsumptionOutcome:
        return land_consumption.outcome(change, self.context["territory"].inhabitants)

    def citation_of(self, change: Change) -> str:
        return citation([change.earlier, change.later])


def change_units() -> dict[str, str]:
    """Units of an answer about change, or about both."""
    return {
        **shared.UNITS,
        "m2_per_year": "m² a year, between the middles of the observation windows",
        "share_change": "percentage points",
        "per_cent_change": "% of the earlier sealed area",
        **shared.units(),
        **{entry.name: entry.unit for entry in listed(CHANGE)},
    }


@published(
    "territory_change",
    "Change of a territory",
    ChangeSerializer,
    problems=(404, 409, 422),
    parameters=[LEVEL, CODE, *PAIR, VINTAGE],
)
class TerritoryChangeView(PublishedView):
    """Gain, loss, net; by former and later class; annualised; with a verdict. Never across two
    vintages of boundaries: a territory has one shape."""

    def read(self, request: Request, snapshot: Snapshot, **address: Any) -> Response:
        connection = snapshot.connection
        found = found_territory(connection, vintage=parameters.vintage(request), **address)
        earlier, later = parameters.pair(request, queries.editions(connection))
        record = queries.change(connection, zone_id=found.id, earlier=earlier.id, later=later.id)
        if record is None:
            raise UnusablePair(f"{earlier.slug} and {later.slug} cannot be compared")
        return Response(ChangeSerializer(record, context={"territory": found}).data)
