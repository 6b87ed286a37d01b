"""The list of samples."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clcplus.actions.samples import open_points
from clcplus.models import ReferenceSample
from clcplus.views.samples.closed import for_staff

_SHOWN = 100


@never_cache
@require_safe
@for_staff
def samples(request: HttpRequest) -> HttpResponse:
    """The newest samples, with how far their labelling is."""
    related = ("owner", "earlier", "later", "territory")
    found = ReferenceSample.objects.select_related(*related)
    rows = [
        {"sample": sample, "progress": open_points.progress(sample)}
        for sample in found.order_by("-created_at")[:_SHOWN]
    ]
    context = {
        "section": "samples",
        "rows": rows,
        "total": found.count(),
        "deleted": "deleted" in request.GET,
    }
    return render(request, "samples/list.html", context)
