"""The page on which an interpreter labels point after point.

It is blind: it holds nothing of what the map shows there, neither its classes nor the stratum. It
is a form that works without scripts. The script adds keys, fetches the pages of the next points
before they are wanted, and sends labels in the background: it asks for JSON.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from analytics.errors import ExplainedError
from analytics.nomenclature import OBSERVED_CODES
from clcplus import access
from clcplus.actions.samples import open_points
from clcplus.actions.samples.labels import NOTE_LENGTH, Seen, interpreter_of, store_labels
from clcplus.errors import WrongState
from clcplus.models import PointLabel, ReferenceSample, SamplePoint
from clcplus.presentation.classes import class_name
from clcplus.presentation.numbers import count
from clcplus.presentation.refusals import refusal_text
from clcplus.views.samples.closed import of_sample
from clcplus.views.samples.imagery import panels

KEYS = {10: "0", 11: "S"}
"""Keys of the classes that have no digit of their own."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@of_sample
def label(request: HttpRequest, sample: ReferenceSample) -> HttpResponse:
    """The next point, or with ``?point=`` one of the interpreter's own; with POST, its label."""
    interpreter = interpreter_of(access.account(request))
    if request.method == "POST":
        return _store(request, sample, interpreter)
    chosen, after = _number(request.GET.get("point")), _number(request.GET.get("after"))
    if sample.stage != ReferenceSample.Stage.LABELLING:
        return redirect(sample)
    if chosen:
        point = SamplePoint.objects.filter(sample=sample, number=chosen).first()
        if point is None:
            raise Http404
    else:
        point = open_points.next_point(sample, interpreter=interpreter, after=after)
    if point is None:
        return render(
            request, "samples/labelled.html", _context(sample, interpreter, number=after + 1)
        )
    own = PointLabel.objects.filter(point=point, interpreter=interpreter).first()
    said = {
        "earlier": own.reference_earlier if own else None,
        "later": own.reference_later if own else None,
        "confidence": own.confidence if own else PointLabel.Confidence.HIGH.value,
        "note": own.note if own else "",
    }
    return _page(request, sample, point, interpreter, said)


def _store(request: HttpRequest, sample: ReferenceSample, interpreter: str) -> HttpResponse:
    sent = request.POST
    number = _number(sent.get("point"))
    said: dict[str, Any] = {
        "earlier": _number(sent.get("earlier")) or None,
        "later": _number(sent.get("later")) or None,
        "confidence": sent.get("confidence", ""),
        "note": sent.get("note", ""),
    }
    point = SamplePoint.objects.filter(sample=sample, number=number).first()
    if point is None:
        raise Http404

    def refused(trouble: str, status: HTTPStatus) -> HttpResponse:
        if _from_script(request):
            return JsonResponse({"trouble": trouble}, status=status)
        return _page(request, sample, point, interpreter, said, trouble=trouble, status=status)

    pair = sample.earlier_id is not None
    if said["later"] is None or (pair and said["earlier"] is None):
        trouble = _("Choose a class for each date first.") if pair else _("Choose a class first.")
        return refused(trouble, HTTPStatus.BAD_REQUEST)
    try:
        store_labels(
            sample=sample,
            seen=[
                Seen(
                    point=number,
                    earlier=said["earlier"] if pair else None,
                    later=said["later"],
                    confidence=said["confidence"],
                    note=said["note"],
                )
            ],
            interpreter=interpreter,
            account=access.account(request),
            subject=_("label"),
        )
    except WrongState as error:
        return refused(refusal_text(error), HTTPStatus.CONFLICT)
    except ExplainedError as error:
        return refused(refusal_text(error), HTTPStatus.UNPROCESSABLE_ENTITY)
    if _from_script(request):
        return JsonResponse(_moved_on(open_points.progress(sample)))
    return redirect(f"{reverse('sample_label', args=(sample.pk,))}?after={number}")


def _from_script(request: HttpRequest) -> bool:
    return not request.accepts("text/html")


def _moved_on(progress: open_points.LabelProgress) -> dict[str, Any]:
    """How far the labelling is, as the page says it."""
    words = {"done": count(progress.done), "wanted": count(progress.wanted)}
    return {"percent": progress.percent, "text": _("%(done)s of %(wanted)s labels") % words}


def _page(
    request: HttpRequest,
    sample: ReferenceSample,
    point: SamplePoint,
    interpreter: str,
    said: dict[str, Any],
    *,
    trouble: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        **_context(sample, interpreter, number=point.number),
        "number": point.number,
        "dates": [{"panel": panel, "chosen": said[panel.date]} for panel in panels(sample, point)],
        "classes": [
            {"code": code, "name": class_name(code), "key": KEYS.get(code, str(code))}
            for code in OBSERVED_CODES
        ],
        "confidences": PointLabel.Confidence.choices,
        "confidence": said["confidence"],
        "note": said["note"],
        "note_length": NOTE_LENGTH,
        "trouble": trouble,
    }
    return render(request, "samples/label.html", context, status=status)


def _context(sample: ReferenceSample, interpreter: str, *, number: int) -> dict[str, Any]:
    before = (
        PointLabel.objects.filter(
            point__sample=sample, interpreter=interpreter, point__number__lt=number
        )
        .order_by("-point__number")
        .values_list("point__number", flat=True)
        .first()
    )
    return {
        "section": "samples",
        "sample": sample,
        "interpreter": interpreter,
        "progress": open_points.progress(sample, interpreter=interpreter),
        "before": before,
    }


def _number(text: str | None) -> int:
    """A whole number of few digits; 0 for anything else."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else 0
