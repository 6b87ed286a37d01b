"""Pages of jobs, for staff who may see runs: the list, one run, and the part of it that moves."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db.models import Case, Count, F, Func, IntegerField, OuterRef, Q, Subquery, Sum, When
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from clcplus.actions import job_control
from clcplus.errors import WrongState
from clcplus.jobs.states import ENDED_EARLY, OPEN
from clcplus.models import EditionCheck, Run, Unit, ZoneBatch
from clcplus.presentation.refreshes import refreshed_editions

_FAILURES = 50
_RUNS = 50
_LAYER = ("layer__level", "layer__zone_set")
View = Callable[..., HttpResponse]


def for_staff(view: View) -> View:
    """A view that staff who may see runs see alone."""
    may_see = permission_required("clcplus.view_run", raise_exception=True)
    return never_cache(staff_member_required(may_see(view)))


def _failed_zones() -> Subquery:
    """The zones that a run of a set could not count, as a number; null where it has no batches."""
    kept = Func(F("failures"), function="jsonb_array_length", output_field=IntegerField())
    failed = Case(When(state=ZoneBatch.State.FAILED, then=F("zones__len")), default=kept)
    batches = ZoneBatch.objects.filter(run=OuterRef("pk")).order_by().values("run")
    return Subquery(batches.annotate(failed=Sum(failed)).values("failed"))


def _context(request: HttpRequest, id: uuid.UUID) -> dict[str, Any]:
    related = "requested_by", "prediction__checkpoint", "prediction__edition"
    run = get_object_or_404(Run.objects.select_related("edition", *_LAYER, *related), id=id)
    sees_predictions = request.user.has_perm("clcplus.view_prediction")
    failed = Unit.objects.filter(run=run).exclude(error="").select_related("edition")
    return {
        "run": run,
        "moving": run.state in OPEN,
        "prediction": getattr(run, "prediction", None) if sees_predictions else None,
        # What was registered goes on as a run of its own.
        "follows": run.parameters.get("ingest"),
        "checked": run.edition is not None
        and run.kind in (Run.Kind.CHECK, Run.Kind.INGEST)
        and EditionCheck.objects.filter(edition=run.edition).exists(),
        "refreshed": refreshed_editions(run.parameters.get("editions", ())),
        "may_steer": request.user.is_superuser,
        "resumable": run.state in ENDED_EARLY,
        "failures": list(failed.order_by("tile", "id")[:_FAILURES]),
        "units_failed": Unit.objects.filter(run=run, state=Unit.State.FAILED).count(),
    }


@for_staff
def jobs(request: HttpRequest) -> HttpResponse:
    """The newest runs."""
    failed = Coalesce(_failed_zones(), Count("units", filter=Q(units__state=Unit.State.FAILED)))
    runs_of_all = Run.objects.select_related("edition", *_LAYER, "prediction")
    newest = runs_of_all.annotate(failed=failed).order_by("-created_at")[:_RUNS]
    return render(request, "jobs.html", {"section": "jobs", "runs": newest})


@for_staff
def job(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """One run; the page moves by itself."""
    trouble = request.GET.get("trouble") == "1"
    context = {"section": "jobs", "trouble": trouble, **_context(request, id)}
    return render(request, "job.html", context)


@for_staff
def job_progress(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """The part of a run's page that moves."""
    return render(request, "job_progress.html", _context(request, id))


@require_POST
@for_staff
def job_steer(request: HttpRequest, id: uuid.UUID, action: str) -> HttpResponse:
    """Cancel a run or resume it, as a superuser may; leads back to its page."""
    if not request.user.is_superuser:
        raise PermissionDenied
    run = get_object_or_404(Run, id=id)
    page = reverse("job", args=(run.pk,))
    try:
        if action == "cancel":
            job_control.cancel(run, by=request.user)
        elif action == "resume":
            job_control.resume(run, by=request.user)
        else:
            raise Http404
    except WrongState:
        # It has moved on meanwhile: its page shows how.
        return redirect(f"{page}?trouble=1")
    return redirect(page)
