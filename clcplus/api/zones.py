"""Sets of zones: the list, uploads, one set and what is done with it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import Throttled
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response

from analytics.records import Page
from analytics.uploads import Choice, LimitMet
from clcplus import access, locks, site_address
from clcplus.actions.zone_sets import (
    question_answers,
    received_files,
    set_publication,
)
from clcplus.api import job_states, pages, schema, zones_upload
from clcplus.api.accounts import AccountView, ReadOrStaff, own_set, readable_set
from clcplus.api.base import documented, problems_documented, query
from clcplus.api.examples import (
    ANSWER,
    FIGURES,
    LIST,
    PUBLISH,
    REMOVE,
    UPLOAD,
    UPLOAD_GEOJSON,
    samples,
)
from clcplus.api.zone_shapes import (
    SAID,
    UploadedShape,
    ZoneSetPatchShape,
    ZoneSetShape,
    ZoneSetsShape,
)
from clcplus.errors import QuotaReached
from clcplus.http import parameters
from clcplus.http.errors import AccountFull, BadDocument, BadParameter
from clcplus.http.json_text import JsonText
from clcplus.models import Run, ZoneSet

_LONG = ("reading", "refusal", "choice")
"""Of a set: reports may have megabytes, and a list tells nothing of them."""
_PATCH = ("name", "published", "shared", "skip_bad", *zones_upload.CHOICES)


@extend_schema_view(
    get=extend_schema(
        operation_id="zone_sets",
        summary="Sets of zones",
        parameters=list(pages.DESCRIBED),
        responses=documented(ZoneSetsShape, 401, 404),
        extensions=samples(LIST),
    ),
    post=extend_schema(
        operation_id="zone_set_upload",
        summary="Upload zones of one's own",
        parameters=[
            query(
                name, about["description"], {k: v for k, v in about.items() if k != "description"}
            )
            for name, about in SAID.items()
        ],
        request={
            zones_upload.MULTIPART: schema.reference(schema.FORM),
            **schema.geojson_bodies(schema.ZONES),
        },
        responses={
            (202, "application/json"): UploadedShape,
            **documented(UploadedShape, 401, 403, 409, 411, 422),
        },
        extensions=samples(UPLOAD, UPLOAD_GEOJSON),
    ),
)
class ZoneSetsView(AccountView):
    """Sets that are published; with an account, its own sets too. Figures of a set are those of its
    level: `/api/v1/statistics/?level=…`, `/api/v1/change/?level=…`, `/api/v1/territories/…`."""

    permission_classes = (ReadOrStaff,)
    parser_classes = zones_upload.PARSERS
    http_method_names = ("get", "head", "options", "post")

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.method == "POST":
            # Who asks may be told by a form, which is read for it.
            zones_upload.check_length(request._request)
        super().initial(request, *args, **kwargs)

    def get(self, request: Request) -> Response:
        parameters.only(request, (*pages.PARAMETERS, "format"))
        number, size = pages.asked(request)
        shown = Q(published_at__isnull=False)
        if request.user.is_authenticated:
            shown |= Q(owner=request.user)
        found = ZoneSet.objects.filter(shown).defer(*_LONG).select_related("layer", "owner")
        start = (number - 1) * size
        page = Page(
            items=tuple(found.order_by("-created_at", "id")[start : start + size]),
            total=found.count(),
            number=number,
            size=size,
        )
        pages.check(page)
        around = pages.around(request, page)
        runs = _newest_runs(page.items)
        body = ZoneSetsShape(
            {
                "count": page.total,
                "next": around.get("next"),
                "previous": around.get("prev"),
                "results": [_told(request, one, runs.get(one.layer_id)) for one in page.items],
            }
        ).data
        return Response(body, headers={"Link": pages.link_header(around)})

    def post(self, request: Request) -> Response:
        """A file is kept and checked by a worker, feature by feature; its zones are then computed
        in all editions. 202 and the job in `Location`. For accounts of staff, by a token or the
        session of the pages (then with the CSRF token). What is said of a file stands in fields
        of its form; of a body of GeoJSON in parameters of the address. One feature in error is
        enough for nothing to be stored, unless `skip_bad=true`. The same upload again is the same
        set, and answers 200; it counts as an upload all the same. A reference system or a layer
        that the file does not tell is asked for, never assumed: the job fails with the question,
        and says how to answer it. The file again with the answer is the set that asked."""
        plain = request._request
        zones_upload.check_type(plain)
        upload = zones_upload.received(request)
        try:
            received = received_files.receive(
                owner=request.user,
                source=upload.source,
                file_name=upload.file_name,
                kind=ZoneSet.Kind.FILE,
                choice=upload.choice,
                name=upload.name,
                acceptance=upload.acceptance,
            )
            if not received.created:
                question_answers.insist(
                    zone_set=received.zone_set, by=request.user, acceptance=upload.acceptance
                )
        except LimitMet as error:
            raise zones_upload.too_large(found=error.found) from error
        except QuotaReached as error:
            raise _refused(error) from error
        zone_set = ZoneSet.objects.select_related("layer").get(pk=received.zone_set.pk)
        told = _told(request, zone_set, zone_set.newest_run)
        body = {**told, "created": received.created}
        return Response(
            UploadedShape(body).data,
            status=202 if received.created else 200,
            headers={"Location": reverse("api:job", args=(zone_set.pk,))},
        )


@extend_schema_view(
    get=extend_schema(
        operation_id="zone_set",
        summary="One set of zones",
        responses=documented(ZoneSetShape, 401, 404),
        extensions=samples(FIGURES),
    ),
    patch=extend_schema(
        operation_id="zone_set_change",
        summary="Name, publish, share a set, or answer what its check asks",
        request={"application/json": ZoneSetPatchShape},
        responses=documented(ZoneSetShape, 401, 403, 404, 409),
        extensions=samples(PUBLISH, ANSWER),
    ),
    delete=extend_schema(
        operation_id="zone_set_delete",
        summary="Delete a set",
        responses={204: None, **problems_documented(401, 403, 404)},
        extensions=samples(REMOVE),
    ),
)
class ZoneSetView(AccountView):
    """A set of zones with the addresses of its figures. One that is not published is there for its
    owner, for staff, and for who has its share link."""

    permission_classes = (IsAuthenticatedOrReadOnly,)
    parser_classes = (JsonText,)
    http_method_names = ("get", "head", "options", "patch", "delete")

    def get(self, request: Request, id: uuid.UUID) -> Response:
        parameters.only(request, ("format",))
        return self._answer(request, id)

    def patch(self, request: Request, id: uuid.UUID) -> Response:
        """For the owner and staff. All of it is done or none; 409 where the set is not in the state
        for it, such as `published` while it is computed."""
        parameters.only(request, ())
        zone_set = own_set(request, id)
        said = request.data
        if not isinstance(said, dict) or not said:
            raise BadDocument(f"body: expected an object with some of {', '.join(_PATCH)}")
        for name in said:
            if name not in _PATCH:
                raise BadParameter(str(name)[:60], found=str(name)[:60], allowed=_PATCH)
        try:
            with transaction.atomic():
                # Before the set itself: uploads take them in this order.
                locks.lock_until_commit(locks.Kind.ACCOUNT, zone_set.owner_id)
                _change(zone_set, said, by=request.user)
        except QuotaReached as error:
            raise _refused(error) from error
        return self._answer(request, id)

    def delete(self, request: Request, id: uuid.UUID) -> Response:
        """Removes the set with its zones, figures and files, also where it is published. For the
        owner and staff."""
        parameters.only(request, ())
        set_publication.delete(zone_set=own_set(request, id), by=request.user)
        return Response(status=204)

    def _answer(self, request: Request, id: uuid.UUID) -> Response:
        zone_set = readable_set(request, id)
        return Response(ZoneSetShape(_told(request, zone_set, zone_set.newest_run)).data)


def _change(zone_set: ZoneSet, said: dict[str, Any], *, by: Any) -> None:
    answers = {name: said[name] for name in zones_upload.CHOICES if name in said}
    if answers:
        # Read by the rules of an upload, one by one: what is not said now stays as it was said.
        read = zones_upload.choice_of(answers)
        new = {name: getattr(read, name) for name in answers}
        if "crs" in new or "swap_axes" in new:
            new.setdefault("insist", False)  # nobody has insisted on this one
        question_answers.answer(zone_set=zone_set, choice=Choice(**{**zone_set.choice, **new}))
    if "skip_bad" in said:
        skip_bad = zones_upload.flag(said, "skip_bad")
        question_answers.insist(
            zone_set=zone_set,
            by=by,
            acceptance=ZoneSet.Acceptance.USABLE if skip_bad else ZoneSet.Acceptance.WHOLE,
        )
    if "name" in said:
        set_publication.rename(
            zone_set=zone_set, by=by, name=zones_upload.text_of(said, "name") or ""
        )
    if "shared" in said:
        action = (
            set_publication.share if zones_upload.flag(said, "shared") else set_publication.revoke
        )
        action(zone_set=zone_set, by=by)
    if "published" in said:
        publish = zones_upload.flag(said, "published")
        if publish:
            set_publication.publish(zone_set=zone_set, by=by)
        elif zone_set.published_at is not None:
            set_publication.withdraw(zone_set=zone_set, by=by)


def _refused(error: QuotaReached) -> Exception:
    """429 where time helps, else 409."""
    if error.retry_seconds is not None:
        return Throttled(error.retry_seconds, f"{error}.")
    return AccountFull(str(error), found=error.found, allowed=error.expected)


def _newest_runs(sets: Iterable[ZoneSet]) -> dict[int | None, Run]:
    """The newest run of each set, by its layer."""
    layers = [one.layer_id for one in sets if one.layer_id is not None]
    runs = Run.objects.filter(layer_id__in=layers, kind=Run.Kind.ZONES)
    return {
        run.layer_id: run for run in runs.order_by("layer_id", "-created_at").distinct("layer_id")
    }


def _told(request: HttpRequest | Request, zone_set: ZoneSet, run: Run | None) -> dict[str, Any]:
    """A set as the reader may know it; ``run`` is its newest."""
    own = access.may_change(request, zone_set)
    layer = zone_set.layer
    report = layer.report if layer is not None else {}
    return {
        "id": zone_set.pk,
        "level": zone_set.slug,
        "name": zone_set.name,
        "state": job_states.state_of(zone_set, run),
        "published": zone_set.published_at is not None,
        "published_at": zone_set.published_at,
        "created_at": zone_set.created_at,
        "zones": None if layer is None else layer.zones_total,
        "area_m2": report.get("area_m2"),
        "left_out": report.get("left_out"),
        "file": {
            "name": zone_set.file_name,
            "bytes": zone_set.file_bytes,
            "sha256": zone_set.sha256,
        }
        if own
        else None,
        "shared": bool(zone_set.share_token) if own else None,
        "share_link": site_address.absolute(
            request, reverse("zone_set_shared", args=(zone_set.share_token,))
        )
        if own and zone_set.share_token
        else None,
        "links": _links(request, zone_set, own=own),
    }


def _links(request: HttpRequest | Request, zone_set: ZoneSet, *, own: bool) -> dict[str, str]:
    found = job_states.zone_set_addresses(request, zone_set)
    found["self"] = found.pop("zone_set")
    if zone_set.layer_id is not None:
        territories = f"{reverse('api:territories')}?level={zone_set.slug}"
        found["territories"] = site_address.absolute(request, territories)
    if own:
        job = reverse("api:job", args=(zone_set.pk,))
        found["job"] = site_address.absolute(request, job)
    else:
        del found["report"]
    return found
