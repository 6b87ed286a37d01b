"""Serializers of the answer about a posted area, and examples of an area and of the answer."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from clcplus.api import serializers as shared
from clcplus.api.operations import ProblemSerializer
from clcplus.api.statistics import ChangeSerializer
from clcplus.http.errors import Finding, UncountableArea
from clcplus.http.problems import problem_document


class RepairedSerializer(shared.Serializer):
    """What was wrong with the area; square metres before the repair and after it."""

    reason = serializers.CharField()
    place = serializers.ListField(
        child=serializers.FloatField(), allow_null=True, help_text="Longitude and latitude."
    )
    m2_before = serializers.FloatField()
    m2_after = serializers.FloatField()


class PostedAreaSerializer(shared.Serializer):
    """The area as it was counted."""

    m2 = serializers.FloatField(help_text="Of the area itself in EPSG:3035, not of its cells.")
    ha = serializers.FloatField()
    sha256 = serializers.CharField(
        help_text="Of the counted geometry (normalised WKB in EPSG:3035): the same for the same "
        "area, wherever its rings begin."
    )
    bounds = serializers.ListField(
        child=serializers.FloatField(), help_text="West, south, east, north in degrees, as sent."
    )
    positions = serializers.IntegerField()
    parts = serializers.IntegerField()
    transformed_from = serializers.CharField()
    transformed_to = serializers.CharField()
    transformation = serializers.CharField()
    repaired = RepairedSerializer(allow_null=True)


class RuleSerializer(shared.Serializer):
    """Which cells count."""

    name = serializers.ChoiceField(choices=("centre", "coverage"))
    text = serializers.CharField()


class CoveredClassSerializer(shared.Serializer):
    """Exact area of one class."""

    code = serializers.IntegerField()
    name = serializers.CharField()
    m2 = serializers.FloatField()


class CoveredStatisticsSerializer(shared.Serializer):
    """Exact areas in one edition."""

    edition = serializers.CharField()
    status = shared.StatusField()
    observed_m2 = serializers.FloatField()
    not_observed_m2 = serializers.FloatField()
    sealed_m2 = serializers.FloatField(allow_null=True)
    sealed_share = serializers.FloatField(allow_null=True)
    by_class = CoveredClassSerializer(many=True)


class CoverageSerializer(shared.Serializer):
    """Figures by the exact part of each cell; of areas below 1 km² only."""

    rule = RuleSerializer()
    statistics = CoveredStatisticsSerializer(many=True)


class PostedChangeSerializer(ChangeSerializer):
    """Change of the area between two editions, on cells observed in both."""

    # Told once for the whole answer, or of territories only.
    territory = None  # type: ignore[assignment]
    successor = None  # type: ignore[assignment]
    sdg_11_3_1 = None  # type: ignore[assignment]
    units = None  # type: ignore[assignment]
    editions = None  # type: ignore[assignment]
    citation = None  # type: ignore[assignment]


class PostedZoneSerializer(shared.Serializer):
    """Statistics and change of a posted area."""

    area = PostedAreaSerializer()
    rule = RuleSerializer()
    cells = serializers.IntegerField(help_text="Cells of 100 m² whose centre lies inside.")
    status = shared.StatusField(help_text="ok where any edition has observed the area.")
    warnings = serializers.ListField(child=serializers.CharField())
    notes = serializers.ListField(
        child=serializers.CharField(), help_text="What was dropped or taken for granted."
    )
    units = serializers.DictField(child=serializers.CharField())
    editions = shared.EditionSerializer(many=True)
    statistics = shared.EditionStatisticsSerializer(many=True)
    series = shared.SeriesSerializer(many=True, allow_null=True, help_text=shared.SERIES_HELP)
    changes = PostedChangeSerializer(many=True)
    coverage = CoverageSerializer(allow_null=True)
    data = serializers.CharField(  # type: ignore[assignment]
        help_text="Identity of the published data and of the code: while it stays, so do figures."
    )
    citation = serializers.CharField()


class FindingSerializer(shared.Serializer):
    """What is wrong at a place of the document."""

    index = serializers.IntegerField()
    at = serializers.CharField(allow_blank=True, help_text="A JSON Pointer (RFC 6901).")
    found = serializers.CharField()
    expected = serializers.CharField()
    hint = serializers.CharField()


class UncountableSerializer(ProblemSerializer):
    """A problem document with what is wrong in the area, place by place."""

    detail = serializers.CharField()
    action = serializers.CharField(help_text="What to do about the first of the errors.")
    errors = FindingSerializer(many=True, required=False)  # type: ignore[assignment]


_SQUARE = [[2.35, 48.85], [2.36, 48.85], [2.36, 48.86], [2.35, 48.86], [2.35, 48.85]]
_CROSSING = UncountableArea(
    [
        Finding(
            "/coordinates",
            found="self-intersection at [2.355, 48.855]",
            expected="a valid area",
            hint="Mend it, or send it with ?repair=true",
        )
    ]
)
EXAMPLES = [
    OpenApiExample(
        "An area",
        {
            "type": "Feature",
            "properties": {},
            "geometry": {"type": "Polygon", "coordinates": [_SQUARE]},
        },
        media_type="application/geo+json",
        request_only=True,
    ),
    OpenApiExample(
        "An area that crosses itself",
        problem_document(422, _CROSSING.detail, **_CROSSING.members),
        media_type="application/problem+json",
        response_only=True,
        status_codes=["422"],
    ),
    OpenApiExample(
        "Figures, shortened",
        {
            "area": {"m2": 815_273.125, "ha": 81.5273125, "parts": 1, "repaired": None},
            "rule": {"name": "centre"},
            "cells": 8153,
            "status": "ok",
            "warnings": [],
            "statistics": [
                {
                    "edition": "clcplus-2021",
                    "status": "ok",
                    "observed": {"cells": 8153, "m2": 815_300},
                    "sealed": {"cells": 6115, "m2": 611_500},
                    "sealed_share": 0.75003,
                }
            ],
        },
        media_type="application/json",
        response_only=True,
        status_codes=["200"],
    ),
]
