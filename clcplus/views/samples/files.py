"""The points of a sample as a file, and its labels as one."""

from __future__ import annotations

import io
import re

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clcplus.actions.samples import label_table, sample_files
from clcplus.errors import WrongState
from clcplus.http.problems import problem_of
from clcplus.models import ReferenceSample
from clcplus.views.samples.closed import of_sample

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "kml": "application/vnd.google-earth.kml+xml",
    "gpkg": "application/geopackage+sqlite3",
}


@never_cache
@require_safe
@of_sample
def points(request: HttpRequest, sample: ReferenceSample, chosen: str) -> HttpResponse:
    """A file for interpreters: blind, unless ``?full=1`` asks for what the map shows too."""
    if chosen not in sample_files.FORMATS:
        raise Http404
    file = io.BytesIO()
    full = request.GET.get("full") == "1"
    try:
        sample_files.write_points(sample, file, format=chosen, blind=not full)
    except WrongState as error:
        return problem_of(error, request)
    return _response(sample, file, chosen=chosen, kind="full" if full else "blind")


@never_cache
@require_safe
@of_sample
def labels(request: HttpRequest, sample: ReferenceSample) -> HttpResponse:
    """All labels with what the map shows at their points."""
    file = io.BytesIO()
    try:
        label_table.write_labels(sample, file)
    except WrongState as error:
        return problem_of(error, request)
    return _response(sample, file, chosen="csv", kind="labels")


def _response(sample: ReferenceSample, file: io.BytesIO, *, chosen: str, kind: str) -> HttpResponse:
    response = HttpResponse(file.getvalue(), content_type=_TYPES[chosen])
    plain = re.sub(r"[^a-z0-9]+", "-", sample.name.lower()).strip("-")[:40] or "sample"
    response["Content-Disposition"] = f'attachment; filename="{plain}-{kind}.{chosen}"'
    return response
