"""Serializers of reference samples, their points and labels."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from analytics.nomenclature import OBSERVED_CODES
from analytics.sampling import point_tables
from clcplus.api.serializers import PageSerializer, Serializer
from clcplus.models import ReferenceSample
from clcplus.models.reference_sample import NAME_LENGTH

_CLASS: dict[str, Any] = {"min_value": OBSERVED_CODES[0], "max_value": OBSERVED_CODES[-1]}


class SampleLinksSerializer(Serializer):
    """Addresses of a sample."""

    self = serializers.URLField()
    page = serializers.URLField()
    points = serializers.URLField()
    labels = serializers.URLField()
    job = serializers.URLField(required=False, help_text="The draw.")


class SampleTerritorySerializer(Serializer):
    """The territory that a sample was drawn in."""

    level = serializers.CharField()
    code = serializers.CharField()
    name = serializers.CharField()


class SampleStratumSerializer(Serializer):
    """A stratum: its cells, and the points drawn from it."""

    name = serializers.CharField()
    cells = serializers.IntegerField()
    points = serializers.IntegerField()


class SampleLabelsSerializer(Serializer):
    """How far the labelling is."""

    done = serializers.IntegerField()
    wanted = serializers.IntegerField(help_text="A point with a second opinion wants two.")


class ReferenceSampleSerializer(Serializer):
    """A reference sample."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    stage = serializers.ChoiceField(choices=ReferenceSample.Stage.values)
    design = serializers.ChoiceField(choices=ReferenceSample.Design.values)
    territory = SampleTerritorySerializer(
        allow_null=True, help_text="null for all that the editions show."
    )
    editions = serializers.ListField(
        child=serializers.CharField(), help_text="Slugs, the earlier first."
    )
    points = serializers.IntegerField()
    seed = serializers.IntegerField(help_text="The same seed draws the same points.")
    source = serializers.CharField()  # type: ignore[assignment]
    synthetic = serializers.BooleanField(help_text="Whether labels were read from a known truth.")
    labels = SampleLabelsSerializer()
    strata = SampleStratumSerializer(many=True, help_text="Empty until the points are drawn.")
    created_at = serializers.DateTimeField()
    published_at = serializers.DateTimeField(allow_null=True)
    links = SampleLinksSerializer()


class ReferenceSamplesSerializer(PageSerializer):
    """A page of samples, the newest first."""

    results = ReferenceSampleSerializer(many=True)


class SamplePointsSerializer(Serializer):
    """A FeatureCollection (RFC 7946) of points."""

    type = serializers.CharField()
    features = serializers.ListField(child=serializers.DictField())


class SentLabelSerializer(Serializer):
    """A label: classes 1 to 11."""

    point = serializers.IntegerField(min_value=1, help_text="The point's id.")
    reference_earlier = serializers.IntegerField(
        required=False, help_text="Of a sample from two editions.", **_CLASS
    )
    reference_later = serializers.IntegerField(**_CLASS)
    confidence = serializers.ChoiceField(choices=point_tables.CONFIDENCES, required=False)
    note = serializers.CharField(required=False, max_length=300)
    interpreter = serializers.CharField(
        required=False, max_length=NAME_LENGTH, help_text="By default the name of the account."
    )


class SentLabelsSerializer(Serializer):
    """Labels, stored all or none."""

    labels = SentLabelSerializer(many=True)


class OwnLabelSerializer(Serializer):
    """A label that is stored."""

    point = serializers.IntegerField(source="point.number")
    reference_earlier = serializers.IntegerField(allow_null=True)
    reference_later = serializers.IntegerField()
    confidence = serializers.ChoiceField(choices=point_tables.CONFIDENCES)
    note = serializers.CharField()
    labelled_at = serializers.DateTimeField()


class OwnLabelsSerializer(PageSerializer):
    """A page of labels of the account, by point."""

    results = OwnLabelSerializer(many=True)


class StoredLabelsSerializer(Serializer):
    """What was stored."""

    stored = serializers.IntegerField()
    labels = SampleLabelsSerializer()
