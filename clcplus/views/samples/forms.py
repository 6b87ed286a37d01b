"""The form that asks for a sample."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.sampling import allocation, strata
from clcplus.actions.samples import sample_request
from clcplus.actions.territories.named_zone import territory_named
from clcplus.errors import UnknownLevel
from clcplus.models import Edition, ReferenceSample, Zone
from clcplus.models.reference_sample import NAME_LENGTH

RULES = (
    ("buffer", gettext_lazy("for change that the map has missed")),
    ("change", gettext_lazy("as the strata’s areas, more for rare ones")),
    ("proportional", gettext_lazy("as the strata’s areas")),
    ("equal", gettext_lazy("equal")),
)


class SampleForm(forms.Form):
    """What a sample is asked for with; numbers are checked again by the action."""

    name = forms.CharField(max_length=NAME_LENGTH)
    later = forms.SlugField(max_length=60)
    earlier = forms.SlugField(max_length=60, required=False)
    territory = forms.CharField(max_length=90, required=False)
    design = forms.ChoiceField(
        choices=ReferenceSample.Design.choices, initial=ReferenceSample.Design.STRATIFIED
    )
    points = forms.IntegerField(
        min_value=2, max_value=sample_request.MOST_POINTS, initial=300, localize=False
    )
    allocation = forms.ChoiceField(choices=RULES, initial=allocation.DEFAULT_RULE, required=False)
    minimum = forms.IntegerField(min_value=2, required=False)
    buffer_m = forms.FloatField(min_value=0, initial=strata.BUFFER, required=False)
    units = forms.IntegerField(min_value=2, required=False)
    unit_km = forms.FloatField(min_value=0.01, required=False)
    seed = forms.IntegerField(min_value=0, max_value=sample_request.HIGHEST_SEED, required=False)
    second_opinion = forms.FloatField(min_value=0, max_value=100, initial=10, required=False)
    source = forms.CharField(max_length=300, required=False)

    def clean_later(self) -> Edition:
        """The edition of a slug."""
        return self._edition(self.cleaned_data["later"])

    def clean_earlier(self) -> Edition | None:
        """The edition of a slug; None for a sample from one edition."""
        slug = self.cleaned_data["earlier"]
        return self._edition(slug) if slug else None

    def _edition(self, slug: str) -> Edition:
        for edition in sample_request.countable():
            if edition.slug == slug:
                return edition
        raise forms.ValidationError(_("Choose one of the editions."))

    def clean_territory(self) -> Zone | None:
        """The territory of level:code; None for all that the editions show."""
        text = self.cleaned_data["territory"].strip()
        if not text:
            return None
        try:
            return territory_named(text)
        except UnknownLevel:
            raise forms.ValidationError(
                _("There is no territory “%(text)s”. Write level:code, such as region:11.")
                % {"text": text[:60]}
            ) from None

    def asked(self) -> dict[str, Any]:
        """What the action takes, from a valid form."""
        said = self.cleaned_data
        design, options = said["design"], {}
        if design == ReferenceSample.Design.STRATIFIED:
            options["allocation"] = said["allocation"] or allocation.DEFAULT_RULE
            if said["minimum"] is not None:
                options["minimum"] = said["minimum"]
        if design == ReferenceSample.Design.TWO_STAGE:
            options = {"units": said["units"], "unit_km": said["unit_km"]}
        buffer = said["buffer_m"]
        return {
            "name": said["name"],
            "later": said["later"],
            "earlier": said["earlier"],
            "territory": said["territory"],
            "design": design,
            "points": said["points"],
            "options": options,
            "buffer_m": strata.BUFFER if buffer is None else buffer,
            "seed": said["seed"],
            "second_opinion": (said["second_opinion"] or 0) / 100,
            "source": said["source"],
        }
