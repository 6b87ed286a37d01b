"""Serializers of the parts that several answers have: territories, editions, areas, figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, ClassVar

from django.http import HttpRequest
from django.urls import reverse
from rest_framework import serializers
from rest_framework.fields import SkipField
from rest_framework.request import Request

from analytics import estimation, indicators
from analytics.change import flicker
from analytics.figures import BASES, AreaEstimate, StatusFigures
from analytics.nomenclature import BY_CODE
from analytics.records import Edition, Series
from clcplus.citations import citation, doi_address
from clcplus.http import site_address
from clcplus.presentation.indicators import STATUS, Indicator, listed

STATUSES = ("ok", "indicative", "suppressed", "not_observed")
ORIGINS = ("official", "modelled", "synthetic")
SERIES_HELP = "Null where the cells are not counted over all editions yet."
UNITS = {
    "cells": "cells of 100 m²",
    "m2": "m²",
    "share": "fraction of the observed area, 0..1",
}


class Serializer(serializers.Serializer[Any]):
    """Takes each field from a record or mapping, by its name or ``source``. A method ``FIELD_of``
    makes a field that the record does not have."""

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for field in self._readable_fields:
            make = getattr(self, f"{field.field_name}_of", None)
            try:
                value = field.get_attribute(instance) if make is None else make(instance)
            except SkipField:
                continue
            shown[str(field.field_name)] = None if value is None else field.to_representation(value)
        return shown


class PageSerializer(Serializer):
    """A page of a list; subclasses add ``results``."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class StatusField(serializers.ChoiceField):
    """Null, suppressed, not observed and zero are four different things."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=STATUSES, **options)


class IndicatorField(serializers.FloatField):
    """An indicator of a record."""

    def __init__(self, indicator: Indicator[Any]) -> None:
        help_text = f"{indicator.label} ({indicator.unit})."
        super().__init__(allow_null=True, help_text=help_text)
        self.indicator = indicator

    def get_attribute(self, instance: Any) -> Any:
        return self.indicator.value(instance)


class IndicatorsSerializer(Serializer):
    """Has, after its own fields, the listed indicators of a registry, and the ends of the
    interval."""

    registry: ClassVar[Mapping[str, Indicator[Any]]]

    def get_fields(self) -> dict[str, Any]:
        further = {entry.name: IndicatorField(entry) for entry in listed(self.registry)}
        return {**super().get_fields(), **further}

    def ci_low_of(self, record: Any) -> float | None:
        return None if record.interval is None else record.interval[0]

    def ci_high_of(self, record: Any) -> float | None:
        return None if record.interval is None else record.interval[1]


class AreaSerializer(Serializer):
    """A number of cells of 100 m², and its area; null where nothing is observed."""

    cells = serializers.IntegerField(allow_null=True)
    m2 = serializers.IntegerField(allow_null=True)

    def get_attribute(self, instance: Any) -> Any:
        cells = super().get_attribute(instance)
        return {"cells": cells, "m2": None if cells is None else indicators.square_metres(cells)}


class _ByClass(serializers.ListSerializer[Any]):
    """Takes a mapping of codes to cells."""

    def get_attribute(self, instance: Any) -> Any:
        by_code: Any = super().get_attribute(instance)
        return [
            {
                "code": code,
                "name": BY_CODE[code].name,
                "cells": cells,
                "m2": indicators.square_metres(cells),
            }
            for code, cells in by_code.items()
        ]


class ClassAreaSerializer(Serializer):
    """Cells of one class."""

    code = serializers.IntegerField()
    name = serializers.CharField()
    cells = serializers.IntegerField()
    m2 = serializers.IntegerField()

    class Meta:
        list_serializer_class = _ByClass


class LinkSerializer(Serializer):
    """A territory and its vintage."""

    level = serializers.CharField()
    level_name = serializers.CharField()
    code = serializers.CharField()
    name = serializers.CharField()
    vintage = serializers.IntegerField()
    current = serializers.BooleanField(help_text="Whether the newest layer has this territory.")


class AccuracySerializer(Serializer):
    """Published accuracy of the sealed class, with 95 % half-widths; fractions."""

    edition_year = serializers.IntegerField()
    producers = serializers.FloatField()
    producers_half_width = serializers.FloatField()
    users = serializers.FloatField()
    users_half_width = serializers.FloatField()


class EditionSerializer(Serializer):
    """A published edition, or a superseded one that was asked for by its slug."""

    slug = serializers.CharField()
    name = serializers.CharField()
    product = serializers.CharField()
    year = serializers.IntegerField()
    version = serializers.IntegerField()
    origin = serializers.ChoiceField(choices=ORIGINS)
    window_start = serializers.DateField(allow_null=True)
    window_end = serializers.DateField(allow_null=True)
    window_middle = serializers.DateField(allow_null=True)
    doi = serializers.CharField(allow_blank=True)
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    content_hash = serializers.CharField()
    published_at = serializers.DateTimeField(allow_null=True)
    superseded_by = serializers.CharField(
        allow_null=True,
        help_text="Slug of the version that is published in place of this one; null of a published "
        "edition.",
    )
    accuracy = AccuracySerializer(allow_null=True)
    citation = serializers.CharField()

    def superseded_by_of(self, edition: Edition) -> str | None:
        return edition.superseded_by or None

    def window_middle_of(self, edition: Edition) -> date | None:
        if edition.window_start is None or edition.window_end is None:
            return None
        return indicators.window_middle(edition.window_start, edition.window_end)

    def source_of(self, edition: Edition) -> str:
        return doi_address(edition)

    def accuracy_of(self, edition: Edition) -> dict[str, Any] | None:
        year, accuracy, stands_in = estimation.accuracy_of(edition)
        return None if stands_in else {"edition_year": year, **asdict(accuracy)}

    def citation_of(self, edition: Edition) -> str:
        return citation([edition])


class SampleSerializer(Serializer):
    """The reference sample behind an estimate."""

    id = serializers.CharField(source="sample_id")
    name = serializers.CharField(source="sample")
    source = serializers.CharField(  # type: ignore[assignment]
        allow_blank=True, help_text="Who labelled its points, with which imagery."
    )
    points = serializers.IntegerField(help_text="Labelled points in the territory.")
    sealed_points = serializers.IntegerField(
        help_text="Those of them that are sealed at either time."
    )
    synthetic = serializers.BooleanField(
        help_text="Whether its labels were read from a known truth: no interpreter saw the points."
    )


BASIS_HELP = (
    "Where the interval comes from: the territory's `own` sample, `assisted` (points in the"
    " territory of a larger one's sample), a `small-area` model that leans on a larger territory,"
    " or `borrowed` from the accuracy published for the country's group. Null where there is none."
)


class BasisField(serializers.ChoiceField):
    """Where an interval comes from."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=BASES, allow_null=True, help_text=BASIS_HELP, **options)


class EstimateSerializer(Serializer):
    """An estimate of a true area with its 95 % interval; the mapped area may lie outside of it. A
    suppressed one has no figures."""

    value_m2 = serializers.FloatField(allow_null=True)
    ci_low_m2 = serializers.FloatField(allow_null=True)
    ci_high_m2 = serializers.FloatField(allow_null=True)
    status = StatusField()
    basis = BasisField()
    method = serializers.CharField(help_text="Name of the estimator.")
    accuracy_of = serializers.CharField(
        allow_null=True,
        help_text="Of a borrowed accuracy: the group of countries, or the place that was entered.",
    )
    sample = SampleSerializer(allow_null=True)

    def ci_low_m2_of(self, estimate: AreaEstimate) -> float | None:
        return None if estimate.interval_m2 is None else estimate.interval_m2[0]

    def ci_high_m2_of(self, estimate: AreaEstimate) -> float | None:
        return None if estimate.interval_m2 is None else estimate.interval_m2[1]

    def accuracy_of_of(self, estimate: AreaEstimate) -> str | None:
        return None if estimate.sample_id else estimate.sample

    def sample_of(self, estimate: AreaEstimate) -> AreaEstimate | None:
        return estimate if estimate.sample_id else None


class EditionStatisticsSerializer(IndicatorsSerializer):
    """Cells of the territory in one edition; figures are null where nothing is observed."""

    registry = STATUS

    edition = serializers.CharField(source="edition.slug")
    status = StatusField()
    partly_observed = serializers.BooleanField(
        source="partly",
        help_text="Whether another edition has observed over 1 % more of the territory: the "
        "figures are right, and say nothing of the rest.",
    )
    observed = AreaSerializer()
    not_observed = AreaSerializer()
    sealed = AreaSerializer()
    sealed_share = serializers.FloatField(allow_null=True, source="share")
    ci_low = serializers.FloatField(allow_null=True)
    ci_high = serializers.FloatField(allow_null=True)
    share_ci_low = serializers.FloatField(
        allow_null=True, help_text="Lower end of the 95 % interval of the truly sealed share."
    )
    share_ci_high = serializers.FloatField(allow_null=True)
    basis = BasisField()
    method = serializers.CharField(allow_null=True, help_text="Name of the estimator.")
    estimate = EstimateSerializer(
        allow_null=True,
        help_text="Of the truly sealed area. Where it is of other ground than the edition has "
        "observed, because its sample is of a pair of editions, there is no interval beside it.",
    )
    by_class = ClassAreaSerializer(many=True)

    def share_ci_low_of(self, record: StatusFigures) -> float | None:
        return None if record.share_interval is None else record.share_interval[0]

    def share_ci_high_of(self, record: StatusFigures) -> float | None:
        return None if record.share_interval is None else record.share_interval[1]


class SeriesShareSerializer(Serializer):
    """Sealed part, in one edition, of the cells that all editions of the series have observed."""

    edition = serializers.CharField()
    sealed = AreaSerializer()
    sealed_share = serializers.FloatField(allow_null=True)


class FlickerSerializer(Serializer):
    """Cells that change between sealed and not sealed at least twice over the editions of a
    series: a sign of errors of the maps."""

    cells = serializers.IntegerField()
    from_unsealed = serializers.IntegerField(help_text="Not sealed in the first edition.")
    from_sealed = serializers.IntegerField(help_text="Sealed in the first edition.")
    ever_sealed = serializers.IntegerField(help_text="Cells sealed in at least one edition.")
    rate = serializers.FloatField(
        allow_null=True, help_text="`cells` of `ever_sealed`, a fraction; null where none was."
    )


class SeriesSerializer(Serializer):
    """Editions of one product and origin, like for like: only these shares may be compared with
    each other. An edition that has observed nothing of the territory is not part of it; where no
    cell is observed in all of them the figures are null."""

    product = serializers.CharField()
    origin = serializers.ChoiceField(choices=ORIGINS)
    observed_in_all = AreaSerializer(
        help_text="Cells that every edition of the series has observed."
    )
    observed_in_all_share = serializers.FloatField(help_text="Of the whole territory.")
    shares = SeriesShareSerializer(many=True)
    flicker = FlickerSerializer(allow_null=True, help_text="Null for fewer than three editions.")


def units() -> dict[str, str]:
    """Units of an answer about status."""
    return UNITS | {entry.name: entry.unit for entry in listed(STATUS)}


def comparable_series(found: Sequence[Series] | None, *, cells: int) -> list[dict[str, Any]] | None:
    """The series of more than one edition, of an area of so many cells, for
    :class:`SeriesSerializer`; None where they are not counted yet."""
    if found is None:
        return None
    return [
        {
            "product": record.editions[0].product,
            "origin": record.editions[0].origin,
            "observed_in_all": record.common,
            "observed_in_all_share": record.common / cells if cells else 0.0,
            "shares": [
                {
                    "edition": edition.slug,
                    "sealed": sealed if record.common else None,
                    "sealed_share": indicators.sealed_share(sealed, record.common),
                }
                for edition, sealed in zip(record.editions, record.sealed, strict=True)
            ],
            "flicker": flicker.of_series(record.courses, editions=len(record.editions)),
        }
        for record in found
        if len(record.editions) > 1
    ]


def status_of(statuses: Iterable[str]) -> str:
    """``ok`` where any edition has observed something of an area."""
    return "ok" if any(status != "not_observed" for status in statuses) else "not_observed"


def address(request: HttpRequest | Request, view: str, *parts: Any, query: str = "") -> str:
    """The absolute address of a view."""
    return site_address.absolute(request, f"{reverse(view, args=parts)}{query}")
