"""The page of a sample: progress, strata, agreement; import, publication, end."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from analytics.errors import ExplainedError, LabelError
from analytics.uploads import MEGABYTE, UploadError
from clcplus import access
from clcplus.actions import job_control
from clcplus.actions.samples import (
    agreement,
    label_files,
    open_points,
    publication,
    sample_files,
    sample_rows,
)
from clcplus.actions.samples.labels import interpreter_of
from clcplus.actions.samples.sample_rows import newest_run
from clcplus.errors import WrongState
from clcplus.jobs.states import ENDED_EARLY
from clcplus.models import AreaEstimate, PointLabel, ReferenceSample
from clcplus.presentation.refusals import refusal_text
from clcplus.views.samples.closed import gone, of_sample
from clcplus.views.zones.check.refusals import refusal_of

_CHUNK = 1 << 20


@never_cache
@require_safe
@of_sample
def sample(request: HttpRequest, sample: ReferenceSample) -> HttpResponse:
    """The page."""
    return _page(request, sample)


@never_cache
@require_safe
@of_sample
def progress(request: HttpRequest, sample: ReferenceSample) -> HttpResponse:
    """The part of the page that moves while the sample is being drawn."""
    return render(request, "samples/progress.html", _moving(sample))


@never_cache
@require_POST
@of_sample
def import_file(request: HttpRequest, sample: ReferenceSample) -> HttpResponse:
    """Take the labels of a file, all or none."""
    file, crosswalk = request.FILES.get("file"), request.FILES.get("crosswalk")
    if file is None:
        return _page(
            request, sample, trouble=_("Choose a file first."), status=HTTPStatus.BAD_REQUEST
        )
    account = access.account(request)
    interpreter = request.POST.get("interpreter", "").strip() or interpreter_of(account)
    try:
        with tempfile.TemporaryDirectory(prefix="clcplus-labels-") as folder:
            stored = label_files.import_labels(
                sample=sample,
                path=_written(file, Path(folder), "labels"),
                name=str(file.name)[:60],
                interpreter=interpreter,
                account=account,
                crosswalk=_written(crosswalk, Path(folder), "crosswalk") if crosswalk else None,
                synthetic=bool(request.POST.get("synthetic")),
            )
    except ExplainedError as error:
        return _page(
            request, sample, trouble=_trouble(error), status=HTTPStatus.UNPROCESSABLE_ENTITY
        )
    return redirect(f"{sample.get_absolute_url()}?imported={stored}")


@never_cache
@require_POST
@of_sample
def act(request: HttpRequest, sample: ReferenceSample, action: str) -> HttpResponse:
    """Do what a form of the page asks for, and lead back to the page."""
    work = _ACTIONS.get(action)
    if work is None:
        raise Http404
    if action == "delete" and not request.POST.get("sure"):
        trouble = _("Confirm first that the sample and all of its labels are to be removed.")
        return _page(request, sample, trouble=trouble, status=HTTPStatus.CONFLICT)
    try:
        work(request, sample)
    except WrongState as error:
        return _page(request, sample, trouble=_trouble(error), status=HTTPStatus.CONFLICT)
    except ExplainedError as error:
        return _page(
            request, sample, trouble=_trouble(error), status=HTTPStatus.UNPROCESSABLE_ENTITY
        )
    if action == "delete":
        return redirect(f"{reverse('samples')}?deleted=1")
    return redirect(sample)


def _resume(request: HttpRequest, sample: ReferenceSample) -> None:
    run = newest_run(sample)
    if run is not None:
        job_control.resume(run, by=access.account(request))


_ACTIONS: dict[str, Callable[[HttpRequest, ReferenceSample], Any]] = {
    "publish": lambda request, sample: publication.publish(
        sample=sample, by=access.account(request)
    ),
    "withdraw": lambda request, sample: publication.withdraw(
        sample=sample, by=access.account(request)
    ),
    "edit": lambda request, sample: sample_rows.edit(
        sample=sample,
        name=request.POST.get("name", ""),
        source=request.POST.get("source", ""),
        by=access.account(request),
    ),
    "delete": lambda request, sample: sample_rows.delete(sample=sample, by=access.account(request)),
    "resume": _resume,
}


def _trouble(error: ExplainedError) -> str:
    if not isinstance(error, UploadError):
        return refusal_text(error)
    refusal = refusal_of(
        {"code": error.code, "found": error.found, "expected": error.expected, "hint": error.hint}
    )
    return f"{refusal.title} {refusal.action}" if refusal else str(error)


def _written(file: Any, folder: Path, name: str) -> Path:
    """An uploaded file under a name of ours. Raises LabelError where it is too large."""
    if file.size > label_files.MOST_MEGABYTES * MEGABYTE:
        raise LabelError(
            str(file.name)[:60],
            found=f"{file.size // MEGABYTE} MB",
            expected=_("at most %(n)s MB") % {"n": label_files.MOST_MEGABYTES},
        )
    path = folder / name
    with path.open("wb") as target:
        for chunk in file.chunks(_CHUNK):
            target.write(chunk)
    return path


def _moving(sample: ReferenceSample) -> dict[str, Any]:
    run = newest_run(sample)
    drawing = sample.stage == ReferenceSample.Stage.DRAWING
    resumable = drawing and run is not None and run.state in ENDED_EARLY
    return {
        "sample": sample,
        "drawing": drawing,
        "run": run,
        # The run may have ended since the sample was read: the next look sees its points.
        "moving": drawing and not resumable,
        "resumable": resumable,
    }


def _page(
    request: HttpRequest, sample: ReferenceSample, *, trouble: str = "", status: int = 200
) -> HttpResponse:
    found = ReferenceSample.objects.filter(pk=sample.pk).exists()
    if not found:
        return gone(request)
    interpreter = interpreter_of(access.account(request))
    imported = request.GET.get("imported", "")
    context = {
        "section": "samples",
        **_moving(sample),
        "strata": list(sample.strata.all()),
        "progress": open_points.progress(sample, interpreter=interpreter),
        "interpreters": _interpreters(sample),
        "agreements": agreement.agreements(sample),
        "estimates": AreaEstimate.objects.filter(sample=sample).count(),
        "formats": list(sample_files.FORMATS),
        "second_percent": round(100 * sample.second_opinion),
        "interpreter": interpreter,
        "imported": imported if imported.isdecimal() and len(imported) < 7 else "",
        "megabytes": label_files.MOST_MEGABYTES,
        "demonstration": settings.DEMONSTRATION,
        "trouble": trouble,
    }
    return render(request, "samples/sample.html", context, status=status)


def _interpreters(sample: ReferenceSample) -> list[dict[str, Any]]:
    labels = PointLabel.objects.filter(point__sample=sample).order_by("interpreter")
    by_name = labels.values("interpreter").annotate(labels=Count("pk"))
    return [dict(one) for one in by_name]
