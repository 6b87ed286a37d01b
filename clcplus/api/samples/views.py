"""Reference samples: the list, one, its points, and labels that are sent."""

from __future__ import annotations

import io
import uuid
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_view
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from clcplus.access import samples
from clcplus.actions.samples import open_points, sample_files
from clcplus.actions.samples.labels import Seen, interpreter_of, store_labels
from clcplus.actions.samples.sample_rows import newest_run
from clcplus.api import pages
from clcplus.api.base import AccountView
from clcplus.api.operations import documented, operation, query
from clcplus.api.samples.serializers import (
    OwnLabelsSerializer,
    ReferenceSampleSerializer,
    ReferenceSamplesSerializer,
    SamplePointsSerializer,
    SentLabelsSerializer,
    StoredLabelsSerializer,
)
from clcplus.api.serializers import address
from clcplus.files import formats
from clcplus.http import parameters
from clcplus.http.errors import BadDocument, BadParameter, NothingHere
from clcplus.http.json_text import JsonText
from clcplus.models import PointLabel, ReferenceSample

LARGEST_BODY = 2_000_000
"""Bytes of labels that are sent at once."""
_LABEL = ("point", "reference_earlier", "reference_later", "confidence", "note", "interpreter")


class Staff(BasePermission):
    """An account of staff."""

    def has_permission(self, request: Request, view: object) -> bool:
        return bool(request.user and request.user.is_staff)


@extend_schema_view(
    get=operation(
        "samples",
        "Reference samples",
        documented(ReferenceSamplesSerializer, 401, 403, 404),
        parameters=list(pages.PARAMETERS),
    )
)
class SamplesView(AccountView):
    """All reference samples, the newest first. For accounts of staff."""

    permission_classes = (Staff,)
    http_method_names = ("get", "head", "options")

    def get(self, request: Request) -> Response:
        parameters.only(request, (*pages.NAMES, "format"))
        related = ("earlier", "later", "territory__layer__level")
        found = ReferenceSample.objects.select_related(*related).order_by("-created_at", "id")
        page = pages.page_of(request, found, total=found.count())
        results = [_members(request, sample) for sample in page.items]
        return pages.answer(request, page, ReferenceSamplesSerializer, results)


@extend_schema_view(
    get=operation("sample", "One reference sample", documented(ReferenceSampleSerializer, 401, 404))
)
class SampleView(AccountView):
    """A reference sample with its strata, and how far its labelling is. For its owner and staff."""

    permission_classes = (IsAuthenticated,)
    http_method_names = ("get", "head", "options")

    def get(self, request: Request, id: uuid.UUID) -> Response:
        parameters.only(request, ("format",))
        return Response(ReferenceSampleSerializer(_members(request, _sample(request, id))).data)


@extend_schema_view(
    get=operation(
        "sample_points",
        "Points of a reference sample",
        {
            **documented(SamplePointsSerializer, 401, 404, 409),
            (200, formats.MEDIA_TYPES["geojson"]): SamplePointsSerializer,
            (200, formats.MEDIA_TYPES["csv"]): OpenApiTypes.STR,
        },
        parameters=[
            query("format", "By default GeoJSON; or ask by `Accept`.", enum=["geojson", "csv"]),
            query(
                "full",
                "`true` for what the map shows too: its classes, the stratum, and the probability "
                "of the draw. An interpreter must not see them.",
                enum=["true", "false"],
            ),
        ],
    )
)
class SamplePointsView(AccountView):
    """The points, with empty columns for labels; blind unless `full=true`."""

    permission_classes = (IsAuthenticated,)
    renderer_classes = formats.renderers(("geojson", "csv"))
    http_method_names = ("get", "head", "options")

    def get(self, request: Request, id: uuid.UUID) -> HttpResponse:
        parameters.only(request, ("format", "full"))
        sample = _sample(request, id)
        full = parameters.flag(request, "full")
        chosen = str(request.accepted_renderer.format)
        file = io.BytesIO()
        format = "csv" if chosen == "csv" else "geojson"
        sample_files.write_points(sample, file, format=format, blind=not full)
        return HttpResponse(file.getvalue(), content_type=formats.MEDIA_TYPES[format])


class _LabelsText(JsonText):
    """JSON of labels, larger than other bodies."""

    longest = LARGEST_BODY


@extend_schema_view(
    get=operation(
        "sample_labels",
        "Labels of one's own",
        documented(OwnLabelsSerializer, 401, 404),
        parameters=list(pages.PARAMETERS),
    ),
    post=operation(
        "sample_labels_send",
        "Send labels of points",
        documented(StoredLabelsSerializer, 401, 403, 404, 409, 422),
        request={"application/json": SentLabelsSerializer},
    ),
)
class SampleLabelsView(AccountView):
    """Labels that the account has given to the points of a sample; those of other interpreters are
    not told, since a second opinion must not know the first."""

    permission_classes = (IsAuthenticated,)
    parser_classes = (_LabelsText,)
    http_method_names = ("get", "head", "options", "post")

    def get(self, request: Request, id: uuid.UUID) -> Response:
        parameters.only(request, (*pages.NAMES, "format"))
        found = (
            PointLabel.objects.filter(
                point__sample=_sample(request, id), interpreter=interpreter_of(request.user)
            )
            .select_related("point")
            .order_by("point__number")
        )
        page = pages.page_of(request, found, total=found.count())
        return pages.answer(request, page, OwnLabelsSerializer, page.items)

    def post(self, request: Request, id: uuid.UUID) -> Response:
        """Labels of an interpreter: classes 1 to 11, of both editions where the sample has two. All
        are stored or none; a label takes the place of an earlier one of the same interpreter. 409
        for a sample that is being drawn or published, 422 with the first label that is wrong."""
        parameters.only(request, ())
        sample = _sample(request, id)
        stored = store_labels(
            sample=sample,
            seen=_seen(request.data),
            interpreter=interpreter_of(request.user),
            account=request.user,
            origin="file",
        )
        body = {"stored": stored, "labels": open_points.progress(sample)}
        return Response(StoredLabelsSerializer(body).data)


def _seen(said: Any) -> list[Seen]:
    labels = said.get("labels") if isinstance(said, dict) and len(said) == 1 else None
    if not isinstance(labels, list):
        raise BadDocument('body: expected an object {"labels": […]}')
    return [_one(label, place) for place, label in enumerate(labels)]


def _one(label: Any, place: int) -> Seen:
    where = f"labels/{place}"
    if not isinstance(label, dict):
        raise BadDocument(f"/{where}: expected an object with some of {', '.join(_LABEL)}")
    for name in label:
        if name not in _LABEL:
            raise BadParameter(f"{where}/{str(name)[:60]}", found=str(name)[:60], allowed=_LABEL)
    texts = {name: label.get(name, "") for name in ("confidence", "note", "interpreter")}
    for name, text in texts.items():
        if not isinstance(text, str):
            raise BadParameter(f"{where}/{name}", found=str(text)[:60], allowed="a text")
    earlier = label.get("reference_earlier")
    return Seen(
        point=_whole(label.get("point"), f"{where}/point") or 0,
        earlier=None if earlier is None else _whole(earlier, f"{where}/reference_earlier"),
        later=_whole(label.get("reference_later"), f"{where}/reference_later"),
        confidence=texts["confidence"] or "high",
        note=texts["note"],
        interpreter=texts["interpreter"],
    )


def _whole(value: Any, name: str) -> int:
    """A number without decimals; JSON's are read as floats."""
    number = (
        float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    )
    if number is None or not number.is_integer() or abs(number) > 2**31 - 1:
        raise BadParameter(name, found=str(value)[:60], allowed="a whole number")
    return int(number)


def _sample(request: Request, id: uuid.UUID) -> ReferenceSample:
    found = samples.readable(request, id)
    if found is None:
        raise NothingHere(f"no reference sample has the id {id}")
    return found


def _members(request: Request, sample: ReferenceSample) -> dict[str, Any]:
    zone, run = sample.territory, newest_run(sample)
    links = {
        "self": address(request, "api:sample", sample.pk),
        "page": address(request, "reference_sample", sample.pk),
        "points": address(request, "api:sample-points", sample.pk),
        "labels": address(request, "api:sample-labels", sample.pk),
    }
    if run is not None:
        links["job"] = address(request, "api:job", run.pk)
    return {
        "id": sample.pk,
        "name": sample.name,
        "stage": sample.stage,
        "design": sample.design,
        "territory": None
        if zone is None
        else {"level": zone.layer.level.slug, "code": zone.code, "name": zone.name},
        "editions": [e.slug for e in (sample.earlier, sample.later) if e is not None],
        "points": sample.points_total,
        "seed": sample.seed,
        "source": sample.source,
        "synthetic": sample.synthetic,
        "labels": open_points.progress(sample),
        "strata": list(sample.strata.all()),
        "created_at": sample.created_at,
        "published_at": sample.published_at,
        "links": links,
    }
