"""Pages of jobs, for staff: the list of runs, one run, and the part of it that moves."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.admin.views.decorators import staff_member_required
from django.db.models import Case, Count, F, Func, IntegerField, OuterRef, Q, Subquery, Sum, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache

from clcplus.models import Run, Unit, ZoneBatch

_FAILURES = 50
_RUNS = 50
_LAYER = ("layer__level", "layer__zone_set")


def _failed_zones() -> Subquery:
    """The zones that a run of a set could not count, as a number; null where it has no batches."""
    kept = Func(F("failures"), function="jsonb_array_length", output_field=IntegerField())
    failed = Case(When(state=ZoneBatch.State.FAILED, then=F("zones__len")), default=kept)
    batches = ZoneBatch.objects.filter(run=OuterRef("pk")).order_by().values("run")
    return Subquery(batches.annotate(failed=Sum(failed)).values("failed"))


def _context(id: uuid.UUID) -> dict[str, Any]:
    run = get_object_or_404(Run.objects.select_related("edition", *_LAYER, "requested_by"), id=id)
    failed = Unit.objects.filter(run=run).exclude(error="").select_related("edition")
    return {
        "run": run,
        "moving": run.state in {Run.State.QUEUED, Run.State.RUNNING},
        "failures": list(failed.order_by("tile", "id")[:_FAILURES]),
        "units_failed": Unit.objects.filter(run=run, state=Unit.State.FAILED).count(),
    }


@never_cache
@staff_member_required
def jobs(request: HttpRequest) -> HttpResponse:
    """The newest runs."""
    runs = (
        Run.objects.select_related("edition", *_LAYER)
        .annotate(
            failed=Coalesce(
                _failed_zones(), Count("units", filter=Q(units__state=Unit.State.FAILED))
            )
        )
        .order_by("-created_at")[:_RUNS]
    )
    return render(request, "jobs.html", {"section": "jobs", "runs": runs})


@never_cache
@staff_member_required
def job(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """One run; the page moves by itself."""
    return render(request, "job.html", {"section": "jobs", **_context(id)})


@never_cache
@staff_member_required
def job_progress(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """The part of a run's page that moves."""
    return render(request, "job_progress.html", _context(id))
