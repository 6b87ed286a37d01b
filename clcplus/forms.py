"""Forms of the admin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django import forms

from clcplus.actions.ingest_request import inbox_entries
from clcplus.actions.predictions.imagery import composites
from clcplus.actions.predictions.prediction_requests import territory_named
from clcplus.errors import UnknownLevel
from clcplus.models import Zone


class IngestForm(forms.Form):
    """What an administrator says to ingest an edition from the inbox."""

    names = forms.MultipleChoiceField(
        label="Rasters", help_text="Files and folders in the inbox of this server."
    )
    year = forms.IntegerField(label="Reference year", min_value=1990, max_value=2100)
    product = forms.SlugField(initial="clcplus")
    missing = forms.CharField(
        required=False,
        help_text="Further codes that stand for cells that were not observed, such as 0.",
    )
    publish = forms.BooleanField(
        required=False, help_text="Show it to readers as soon as it is counted."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = self.fields["names"]
        assert isinstance(choices, forms.MultipleChoiceField)
        choices.choices = [(name, name) for name in inbox_entries()]

    def clean_missing(self) -> list[int]:
        """The codes as numbers."""
        try:
            codes = [int(word) for word in self.cleaned_data["missing"].replace(",", " ").split()]
        except ValueError:
            raise forms.ValidationError("Codes are whole numbers, parted by spaces.") from None
        if any(not 0 <= code <= 255 for code in codes):
            raise forms.ValidationError("Codes lie between 0 and 255.")
        return codes


class PredictForm(forms.Form):
    """What an administrator says to have an edition predicted."""

    year = forms.IntegerField(label="Year of the imagery", min_value=2015, max_value=2100)
    territory = forms.CharField(
        required=False,
        max_length=90,
        help_text="Level and code, such as departement:07N. Empty: all of the imagery.",
    )
    composite = forms.ChoiceField(
        required=False, help_text="Files of the folder that CLCPLUS_IMAGERY names."
    )
    publish = forms.BooleanField(
        required=False, help_text="Show it to readers, as modelled, as soon as it is counted."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.files_known = {path.name: path for path in composites()}
        choices = self.fields["composite"]
        assert isinstance(choices, forms.ChoiceField)
        names = [(name, name) for name in self.files_known]
        choices.choices = [("", "the one of the year"), *names]

    def clean_territory(self) -> Zone | None:
        """The territory that is named."""
        text = self.cleaned_data["territory"].strip()
        try:
            return territory_named(text) if text else None
        except UnknownLevel as error:
            raise forms.ValidationError(str(error)) from None

    def clean_composite(self) -> Path | None:
        """The file that is named."""
        return self.files_known.get(self.cleaned_data["composite"])
