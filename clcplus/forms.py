"""Forms of the admin."""

from __future__ import annotations

from typing import Any

from django import forms

from clcplus.actions.ingest_request import inbox_entries


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
