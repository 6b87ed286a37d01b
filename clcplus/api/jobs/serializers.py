"""Serializers of a job: the check of an upload with the computation that follows, or a run."""

from __future__ import annotations

from rest_framework import serializers

from clcplus.api.serializers import Serializer

STATES = ("queued", "checking", "question", "computing", "succeeded", "failed", "cancelled")


class JobFailureSerializer(Serializer):
    """What went wrong, with what to do. `index` is that of the feature in the file, from 0; null
    where it is not of one feature."""

    index = serializers.IntegerField(allow_null=True)
    zone = serializers.CharField(allow_null=True, help_text="Code of the zone, where it has one.")
    code = serializers.CharField(help_text="Of the kind of failure; stable.")
    found = serializers.CharField()
    expected = serializers.CharField()
    action = serializers.CharField()


class JobLayerSerializer(Serializer):
    """A layer of the file that can be chosen."""

    name = serializers.CharField()
    features = serializers.IntegerField()
    geometry_type = serializers.CharField()


class JobGuessSerializer(Serializer):
    """A reference system in which the coordinates would make sense, the likeliest first."""

    crs = serializers.CharField()
    name = serializers.CharField()
    swap_axes = serializers.BooleanField(source="swapped")
    share_in_area_of_use = serializers.FloatField()
    share_in_coverage = serializers.FloatField(allow_null=True)


class JobQuestionSerializer(Serializer):
    """What has to be said before the file can be read, and where to say it."""

    parameter = serializers.ChoiceField(choices=("layer", "crs", "swap_axes"))
    text = serializers.CharField()
    answer = serializers.CharField(help_text="How to say it; the file need not be sent again.")
    layers = JobLayerSerializer(many=True)
    guesses = JobGuessSerializer(many=True)


class JobZonesSerializer(Serializer):
    """Zones that are computed; of a job that computes no zones both are null."""

    done = serializers.IntegerField(allow_null=True)
    total = serializers.IntegerField(allow_null=True)


class JobLinksSerializer(Serializer):
    """Where what the job makes is, or is going to be."""

    self = serializers.URLField()
    zone_set = serializers.URLField(required=False)
    report = serializers.URLField(required=False)
    statistics = serializers.URLField(required=False)
    change = serializers.URLField(required=False)
    page = serializers.URLField()


class JobSerializer(Serializer):
    """A job. The address that an upload names follows its check, then the computation."""

    id = serializers.UUIDField()
    kind = serializers.CharField(help_text="upload, zones, ingest, count, register or predict.")
    state = serializers.ChoiceField(
        choices=STATES,
        help_text="failed also ends an upload by the API that has a question, or of which a "
        "feature has an error; question waits for its owner, who uploaded it on the pages.",
    )
    percent = serializers.IntegerField(help_text="Of what `state` names, 0 to 100.")
    zones = JobZonesSerializer()
    message = serializers.CharField(allow_blank=True)
    failures = JobFailureSerializer(many=True, help_text="The first hundred.")
    failures_total = serializers.IntegerField()
    question = JobQuestionSerializer(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    links = JobLinksSerializer()
