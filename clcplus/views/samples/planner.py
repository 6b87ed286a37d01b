"""The planner: how many points reach which half-width, and the form that asks for a draw."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from analytics.errors import ExplainedError
from analytics.estimation import LEAST_POINTS_OF_CHANGE
from analytics.sampling import allocation, strata
from clcplus import access
from clcplus.actions.samples import sample_request
from clcplus.models import ReferenceSample
from clcplus.presentation.refusals import refusal_text
from clcplus.views.samples import plans
from clcplus.views.samples.closed import for_staff
from clcplus.views.samples.forms import RULES, SampleForm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def new(request: HttpRequest) -> HttpResponse:
    """The form with its plan; with POST, a draw is queued."""
    if request.method != "POST":
        editions = sample_request.countable()
        initial = {
            "later": editions[-1].slug if editions else "",
            "earlier": editions[-2].slug if len(editions) > 1 else "",
            **request.GET.dict(),
        }
        return _page(request, SampleForm(initial=initial))
    form = SampleForm(request.POST)
    if form.is_valid():
        try:
            sample = sample_request.request_sample(owner=access.account(request), **form.asked())
        except ExplainedError as error:
            form.add_error(None, refusal_text(error))
        else:
            return redirect(sample)
    return _page(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@never_cache
@require_safe
@for_staff
def planned(request: HttpRequest) -> HttpResponse:
    """The plan alone, for a form as it is now."""
    return render(
        request, "samples/plan.html", _plan(SampleForm({**request.GET.dict(), "name": "-"}))
    )


def _page(request: HttpRequest, form: SampleForm, *, status: int = 200) -> HttpResponse:
    said = form.data if form.is_bound else form.initial
    values = {name: said.get(name, field.initial) for name, field in form.fields.items()}
    shown = SampleForm({**{k: v for k, v in values.items() if v is not None}, "name": "-"})
    context = {
        "section": "samples",
        "form": form,
        "values": {k: "" if v is None else v for k, v in values.items()},
        "errors": [error for found in form.errors.values() for error in found],
        "editions": sample_request.countable(),
        "designs": ReferenceSample.Design.choices,
        "rules": RULES,
        "most_points": sample_request.MOST_POINTS,
        **_plan(shown),
    }
    return render(request, "samples/new.html", context, status=status)


def _plan(form: SampleForm) -> dict[str, Any]:
    form.is_valid()
    said = form.cleaned_data
    if "later" not in said or "points" not in said or "territory" not in said:
        return {"plan": None}
    earlier = said.get("earlier")
    if earlier is not None and earlier.year >= said["later"].year:
        return {"plan": None}
    return {
        "pair": earlier is not None,
        "least_points_of_change": LEAST_POINTS_OF_CHANGE,
        "plan": plans.plan(
            earlier=earlier,
            later=said["later"],
            territory=said["territory"],
            points=said["points"],
            stratified=said.get("design") == ReferenceSample.Design.STRATIFIED,
            rule=said.get("allocation") or allocation.DEFAULT_RULE,
            minimum=said.get("minimum"),
            buffer_m=strata.BUFFER if said.get("buffer_m") is None else said["buffer_m"],
        ),
    }
