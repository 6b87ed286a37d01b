"""Serializers of a set of zones, its upload and its report."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from clcplus.api.jobs.serializers import STATES
from clcplus.api.operations import text
from clcplus.api.serializers import PageSerializer, Serializer


class ZoneSetLinksSerializer(Serializer):
    """Addresses of a set. Those of figures are there once it has zones; those of its job and report
    are its owner's."""

    self = serializers.URLField()
    page = serializers.URLField()
    job = serializers.URLField(required=False)
    report = serializers.URLField(required=False)
    statistics = serializers.URLField(required=False)
    change = serializers.URLField(required=False)
    territories = serializers.URLField(required=False)


class UploadedFileSerializer(Serializer):
    """The file that a set was made from; its owner is told."""

    name = serializers.CharField()
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField()


class ZoneSetSerializer(Serializer):
    """A set of zones. Its figures are those of its level: every address that takes a level takes
    it, also while the set is not published if its owner asks."""

    id = serializers.UUIDField()
    level = serializers.CharField(help_text="Slug, for the other addresses.")
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=STATES, help_text="That of its job.")
    published = serializers.BooleanField()
    published_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    zones = serializers.IntegerField(allow_null=True, help_text="null before it is accepted.")
    area_m2 = serializers.FloatField(
        allow_null=True, help_text="Of all zones; what two share counts twice."
    )
    left_out = serializers.IntegerField(
        allow_null=True, help_text="Features of the file that had an error and are no zones."
    )
    file = UploadedFileSerializer(allow_null=True)
    shared = serializers.BooleanField(
        allow_null=True, help_text="Whether there is a share link; its owner is told."
    )
    share_link = serializers.URLField(allow_null=True)
    links = ZoneSetLinksSerializer()


class ZoneSetsSerializer(PageSerializer):
    """A page of sets, the newest first."""

    results = ZoneSetSerializer(many=True)


class UploadedSerializer(Serializer):
    """What became of an upload: the set, and the job to follow."""

    id = serializers.UUIDField(
        help_text="Made of the account, the bytes and what was said: the same upload, the same id."
    )
    created = serializers.BooleanField(help_text="false for an upload that was sent before.")
    level = serializers.CharField()
    state = serializers.ChoiceField(choices=STATES)
    links = ZoneSetLinksSerializer()


class ZoneSetPatchSerializer(Serializer):
    """What may be changed; what is left out stays."""

    name = serializers.CharField(required=False, max_length=80)
    published = serializers.BooleanField(
        required=False, help_text="true once it is computed; false withdraws it."
    )
    shared = serializers.BooleanField(
        required=False, help_text="true makes a share link, false revokes it."
    )
    skip_bad = serializers.BooleanField(
        required=False, help_text="true accepts the checked set without features in error."
    )
    layer = serializers.CharField(required=False, max_length=200)
    crs = serializers.CharField(required=False, max_length=31)
    swap_axes = serializers.BooleanField(required=False)
    insist = serializers.BooleanField(
        required=False, help_text="true keeps a crs that the coordinates contradict."
    )
    code_field = serializers.CharField(required=False, allow_blank=True, max_length=200)
    name_field = serializers.CharField(required=False, allow_blank=True, max_length=200)
    encoding = serializers.CharField(required=False, allow_blank=True, max_length=200)


class FindingOfUploadSerializer(Serializer):
    """Something to know of a feature or of the file. Errors keep a feature out."""

    code = serializers.CharField(help_text="Stable.")
    severity = serializers.ChoiceField(choices=("error", "warning", "note"))
    found = serializers.CharField()
    expected = serializers.CharField()
    action = serializers.CharField()
    measures = serializers.DictField(
        child=serializers.FloatField(), help_text="Numbers that `found` holds."
    )
    names = serializers.DictField(
        child=serializers.CharField(), help_text="Names and values of the file that `found` holds."
    )


class ReportedFeatureSerializer(Serializer):
    """One feature of the file, in its order; `index` counts from 0."""

    index = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    usable = serializers.BooleanField()
    area_m2 = serializers.FloatField(source="area", help_text="In EPSG:3035, after repair.")
    cells = serializers.IntegerField(help_text="Cells of 100 m² whose centre lies inside.")
    not_observed_share = serializers.FloatField(
        allow_null=True, help_text="Of its cells, in the newest edition."
    )
    findings = FindingOfUploadSerializer(many=True)


class ReferenceSystemSerializer(Serializer):
    """The reference system, how it is known, and how coordinates came to EPSG:3035."""

    status = serializers.CharField()
    crs = serializers.CharField(allow_blank=True)
    name = serializers.CharField(allow_blank=True)
    operation = serializers.CharField(allow_blank=True)
    accuracy_m = serializers.FloatField(allow_null=True, source="accuracy")
    shift_m = serializers.FloatField(
        allow_null=True, help_text="How far the change of datum moved coordinates."
    )


class OverlapSerializer(Serializer):
    """Two features, by index, that share an area."""

    index = serializers.IntegerField()
    other_index = serializers.IntegerField()
    area_m2 = serializers.FloatField(source="area")


class FieldSerializer(Serializer):
    """A field of the file with some of its values."""

    name = serializers.CharField()
    sample = serializers.ListField(child=serializers.CharField())


class EncodingReadingSerializer(Serializer):
    """How some texts of the file read in an encoding."""

    encoding = serializers.CharField()
    sample = serializers.ListField(child=serializers.CharField())


class ErrorsOfUploadSerializer(Serializer):
    """Features whose first error has a code."""

    code = serializers.CharField()
    features = serializers.IntegerField()


class LedgerSerializer(Serializer):
    """Where nothing is lost: `read` is `usable` and the features of all `errors` together."""

    read = serializers.IntegerField(help_text="Shapes that were read from the file.")
    usable = serializers.IntegerField(help_text="Those that can become zones.")
    errors = ErrorsOfUploadSerializer(many=True)  # type: ignore[assignment]

    def errors_of(self, ledger: Any) -> list[dict[str, Any]]:
        return [{"code": code, "features": number} for code, number in ledger.errors]


class ZoneSetReportSerializer(Serializer):
    """What the check of an upload found, a page of features at a time."""

    count = serializers.IntegerField(help_text="Features of the file.")
    usable = serializers.IntegerField(help_text="Features without an error.")
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    format = serializers.CharField(source="reading.format")
    layer = serializers.CharField(allow_blank=True, source="reading.layer")
    encoding = serializers.CharField(
        allow_blank=True,
        source="reading.encoding",
        help_text="In which texts were read; blank where none were.",
    )
    encodings = EncodingReadingSerializer(
        many=True,
        source="reading.encodings",
        help_text="Of a Shapefile with texts beyond ASCII: the encoding that was used, then others "
        "in which they read otherwise.",
    )
    fields = FieldSerializer(many=True, source="reading.fields")  # type: ignore[assignment]
    fields_left_out = serializers.ListField(
        child=serializers.CharField(),
        source="reading.fields_left_out",
        help_text="Names of fields that were not read.",
    )
    code_field = serializers.CharField(allow_null=True, source="reading.code_field")
    name_field = serializers.CharField(allow_null=True, source="reading.name_field")
    reference = ReferenceSystemSerializer(allow_null=True, source="reading.reference")
    ledger = LedgerSerializer()
    findings = FindingOfUploadSerializer(
        many=True, source="reading.report.findings", help_text="Of the file as a whole."
    )
    overlaps = OverlapSerializer(many=True, source="reading.report.overlaps")
    results = ReportedFeatureSerializer(many=True)


def _text(description: str, *, longest: int = 200) -> dict[str, Any]:
    return {**text(longest=longest), "description": description}


def _flag(description: str) -> dict[str, Any]:
    return {"type": "boolean", "description": description}


SAID: dict[str, Any] = {
    "name": _text("By default the file's name.", longest=80),
    "layer": _text("Where the file has several."),
    "crs": {
        "type": "string",
        "pattern": r"^([A-Za-z]{2,10}:[A-Za-z0-9_.]{1,20})?$",
        "description": "A code such as EPSG:2154; holds whatever the file declares.",
    },
    "swap_axes": _flag("Whether latitude comes first in the file."),
    "insist": _flag(
        "Keep a crs that the coordinates contradict, with a warning; else it is asked about."
    ),
    "code_field": _text("Guessed where it is left out; empty: features are numbered from 1."),
    "name_field": _text("Guessed where it is left out; empty: zones are called by their codes."),
    "encoding": _text(
        "Of the texts of a Shapefile, such as UTF-8 or Windows-1250, where what the file says is "
        "wrong; its report shows how some read in each encoding."
    ),
    "skip_bad": _flag(
        "Leave features with an error out; else one is enough for nothing to be stored."
    ),
}
"""What may be said of an uploaded file: the schema of each parameter."""
