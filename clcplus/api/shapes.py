"""Parts that several responses have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework import serializers

from clcplus.presentation.indicators import Indicator, listed

Shape = serializers.Serializer[Any]

STATUSES = ("ok", "indicative", "suppressed", "not_observed")


class StatusField(serializers.ChoiceField):
    """Null, suppressed, not observed and zero are four different things."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=STATUSES, **options)


class IndicatorsShape(Shape):
    """Has, after its own fields, the indicators of a registry that are listed."""

    registry: ClassVar[Mapping[str, Indicator[Any]]]

    def get_fields(self) -> dict[str, Any]:
        fields = dict(super().get_fields())
        for entry in listed(self.registry):
            help_text = f"{entry.label} ({entry.unit})."
            fields[entry.name] = serializers.FloatField(allow_null=True, help_text=help_text)
        return fields


class AreaShape(Shape):
    """A number of cells of 100 m², and its area; null where nothing is observed."""

    cells = serializers.IntegerField(allow_null=True)
    m2 = serializers.IntegerField(allow_null=True)


class ClassAreaShape(Shape):
    """Cells of one class."""

    code = serializers.IntegerField()
    name = serializers.CharField()
    cells = serializers.IntegerField()
    m2 = serializers.IntegerField()


class LinkShape(Shape):
    """A territory and its vintage."""

    level = serializers.CharField()
    level_name = serializers.CharField()
    code = serializers.CharField()
    name = serializers.CharField()
    vintage = serializers.IntegerField()
    current = serializers.BooleanField(help_text="Whether the newest layer has this territory.")


class AccuracyShape(Shape):
    """Published accuracy of the sealed class, with 95 % half-widths; fractions."""

    edition_year = serializers.IntegerField()
    producers = serializers.FloatField()
    producers_half_width = serializers.FloatField()
    users = serializers.FloatField()
    users_half_width = serializers.FloatField()


class EditionShape(Shape):
    """A published edition."""

    slug = serializers.CharField()
    name = serializers.CharField()
    product = serializers.CharField()
    year = serializers.IntegerField()
    version = serializers.IntegerField()
    origin = serializers.ChoiceField(choices=("official", "modelled", "synthetic"))
    window_start = serializers.DateField(allow_null=True)
    window_end = serializers.DateField(allow_null=True)
    window_middle = serializers.DateField(allow_null=True)
    doi = serializers.CharField(allow_blank=True)
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    content_hash = serializers.CharField()
    published_at = serializers.DateTimeField(allow_null=True)
    accuracy = AccuracyShape(allow_null=True)
    citation = serializers.CharField()
