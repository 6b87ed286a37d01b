"""What the owner of an upload answers: its layer, its reference system, the fields of its zones.

Names from the file are never values of a form: a choice is sent by its number.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.uploads import Choice, Question, Reading
from clcplus.views.zones.check.reference_systems import SWAPPED
from clcplus.views.zones.forms import epsg_of

NONE = "none"
"""Number the features; call the zones by their codes."""
KEEP, OTHER = "keep", "other"


class _AnswerForm(forms.Form):
    def __init__(self, reading: Reading, data: Any = None) -> None:
        super().__init__(data)
        self.reading = reading

    def _choices(self, name: str, values: Iterable[object]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(value), str(value)) for value in values]


class LayerForm(_AnswerForm):
    """One of the layers of a file."""

    layer = forms.TypedChoiceField(
        coerce=int, error_messages={"required": gettext_lazy("Choose a layer.")}
    )

    def __init__(self, reading: Reading, data: Any = None) -> None:
        super().__init__(reading, data)
        self._choices("layer", range(len(reading.layers)))

    def choice(self, said: Choice) -> Choice:
        """What was said, with the layer; what was said of another layer does not hold for it."""
        return Choice(layer=self.reading.layers[self.cleaned_data["layer"]].name)


class ReadingForm(_AnswerForm):
    """Reference system, fields and encoding of the chosen layer."""

    crs = forms.CharField(
        max_length=60, error_messages={"required": gettext_lazy("Choose a reference system.")}
    )
    epsg = forms.CharField(required=False, max_length=40)
    swap_axes = forms.BooleanField(required=False)
    code_field = forms.ChoiceField()
    name_field = forms.ChoiceField()
    encoding = forms.ChoiceField(required=False)

    def __init__(self, reading: Reading, data: Any = None) -> None:
        super().__init__(reading, data)
        self._choices("code_field", (NONE, *range(len(reading.fields))))
        self._choices("name_field", (NONE, *range(len(reading.fields))))
        self._choices("encoding", (one.encoding for one in reading.encodings))

    def clean(self) -> dict[str, Any]:
        """The reference system as a code, or None for that which is there already."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        chosen = cleaned.get("crs", "")
        if chosen == KEEP and self.reading.question is Question.REFERENCE_SYSTEM:
            self.add_error("crs", _("Choose a reference system."))
        if chosen in {"", KEEP}:
            return cleaned
        try:
            if chosen == OTHER:
                cleaned["crs"] = epsg_of(cleaned.get("epsg", ""))
            else:
                cleaned["crs"] = self._listed(chosen.removesuffix(SWAPPED))
                cleaned["swap_axes"] = chosen.endswith(SWAPPED)
        except forms.ValidationError as error:
            self.add_error("epsg" if chosen == OTHER else "crs", error)
        return cleaned

    def choice(self, said: Choice) -> Choice:
        """What was said before, with these answers."""
        cleaned = self.cleaned_data
        mapped = replace(
            said, code_field=self._field("code_field"), name_field=self._field("name_field")
        )
        if cleaned["encoding"] and cleaned["encoding"] != self.reading.encoding:
            mapped = replace(mapped, encoding=cleaned["encoding"])
        if cleaned["crs"] == KEEP:
            return mapped
        crs, swap_axes = cleaned["crs"], cleaned["swap_axes"]
        insist = self._is_said_again(said, crs=crs, swap_axes=swap_axes)
        return replace(mapped, crs=crs, swap_axes=swap_axes, insist=insist)

    def _is_said_again(self, said: Choice, *, crs: str, swap_axes: bool) -> bool:
        """Whether an answer that was doubted is given once more."""
        reference = self.reading.reference
        if reference is None or swap_axes != said.swap_axes or said.crs is None:
            return False
        doubted = reference.status == "doubted" or said.insist
        return doubted and crs in (said.crs, reference.crs)

    def _listed(self, code: str) -> str:
        """What the file declares may be of another authority than EPSG."""
        reference = self.reading.reference
        return code if reference is not None and code == reference.crs else epsg_of(code)

    def _field(self, name: str) -> str:
        value = self.cleaned_data[name]
        return "" if value == NONE else self.reading.fields[int(value)].name
