"""Sets of zones: the list, uploads, one set and what is done with it."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from drf_spectacular.utils import extend_schema_view
from rest_framework.exceptions import Throttled
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response

from analytics.uploads import Choice, LimitMet
from clcplus import access
from clcplus.actions.zone_sets import (
    question_answers,
    received_files,
    set_publication,
)
from clcplus.api import pages, schema
from clcplus.api.base import AccountView, ReadOrStaff, own_set, readable_set
from clcplus.api.jobs.states import state_of, zone_set_addresses
from clcplus.api.operations import documented, operation, refused
from clcplus.api.serializers import address
from clcplus.api.zones import uploads
from clcplus.api.zones.serializers import (
    UploadedSerializer,
    ZoneSetPatchSerializer,
    ZoneSetSerializer,
    ZoneSetsSerializer,
)
from clcplus.database import locks
from clcplus.errors import QuotaReached
from clcplus.http import parameters
from clcplus.http.errors import AccountFull, BadDocument, BadParameter
from clcplus.http.json_text import JsonText
from clcplus.models import Run, ZoneSet

_LONG = ("reading", "refusal", "choice")
"""Of a set: reports may have megabytes, and a list tells nothing of them."""
_PATCH = ("name", "published", "shared", "skip_bad", *uploads.CHOICES)


@extend_schema_view(
    get=operation(
        "zone_sets",
        "Sets of zones",
        documented(ZoneSetsSerializer, 401, 404),
        parameters=list(pages.PARAMETERS),
    ),
    post=operation(
        "zone_set_upload",
        "Upload zones of one's own",
        documented(UploadedSerializer, status=202)
        | documented(UploadedSerializer, 401, 403, 409, 411, 422),
        parameters=uploads.DESCRIBED,
        request={
            uploads.MULTIPART: schema.reference(schema.FORM),
            **schema.geojson_bodies(schema.ZONES),
        },
    ),
)
class ZoneSetsView(AccountView):
    """Sets that are published; with an account, its own sets too. Figures of a set are those of its
    level: `/api/v1/statistics/?level=…`, `/api/v1/change/?level=…`, `/api/v1/territories/…`."""

    permission_classes = (ReadOrStaff,)
    parser_classes = uploads.PARSERS
    http_method_names = ("get", "head", "options", "post")

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.method == "POST":
            # Who asks may be told by a form, which is read for it.
            uploads.check_length(request._request)
        super().initial(request, *args, **kwargs)

    def get(self, request: Request) -> Response:
        parameters.only(request, (*pages.NAMES, "format"))
        shown = Q(published_at__isnull=False)
        if request.user.is_authenticated:
            shown |= Q(owner=request.user)
        found = ZoneSet.objects.filter(shown).defer(*_LONG).select_related("layer", "owner")
        page = pages.page_of(request, found.order_by("-created_at", "id"), total=found.count())
        runs = ZoneSet.newest_runs(page.items)
        results = [_members(request, one, runs.get(one.layer_id)) for one in page.items]
        return pages.answer(request, page, ZoneSetsSerializer, results)

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
        uploads.check_type(plain)
        upload = uploads.received(request)
        try:
            received = received_files.receive(owner=request.user, kind=ZoneSet.Kind.FILE, **upload)
            if not received.created:
                question_answers.insist(
                    zone_set=received.zone_set, by=request.user, acceptance=upload["acceptance"]
                )
        except LimitMet as error:
            raise uploads.too_large(found=error.found) from error
        except QuotaReached as error:
            raise _refused(error) from error
        zone_set = ZoneSet.objects.select_related("layer").get(pk=received.zone_set.pk)
        members = _members(request, zone_set, zone_set.newest_run)
        body = {**members, "created": received.created}
        return Response(
            UploadedSerializer(body).data,
            status=202 if received.created else 200,
            headers={"Location": reverse("api:job", args=(zone_set.pk,))},
        )


@extend_schema_view(
    get=operation("zone_set", "One set of zones", documented(ZoneSetSerializer, 401, 404)),
    patch=operation(
        "zone_set_change",
        "Name, publish, share a set, or answer what its check asks",
        documented(ZoneSetSerializer, 401, 403, 404, 409),
        request={"application/json": ZoneSetPatchSerializer},
    ),
    delete=operation("zone_set_delete", "Delete a set", {204: None, **refused(401, 403, 404)}),
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
        return Response(ZoneSetSerializer(_members(request, zone_set, zone_set.newest_run)).data)


def _change(zone_set: ZoneSet, said: dict[str, Any], *, by: Any) -> None:
    answers = {name: said[name] for name in uploads.CHOICES if name in said}
    if answers:
        # Read by the rules of an upload, one by one: what is not said now stays as it was said.
        read = uploads.choice_of(answers)
        new = {name: getattr(read, name) for name in answers}
        if "crs" in new or "swap_axes" in new:
            new.setdefault("insist", False)  # nobody has insisted on this one
        question_answers.answer(zone_set=zone_set, choice=Choice(**{**zone_set.choice, **new}))
    if "skip_bad" in said:
        question_answers.insist(zone_set=zone_set, by=by, acceptance=uploads.acceptance(said))
    if "name" in said:
        set_publication.rename(zone_set=zone_set, by=by, name=uploads.text_of(said, "name") or "")
    if "shared" in said:
        action = set_publication.share if uploads.flag(said, "shared") else set_publication.revoke
        action(zone_set=zone_set, by=by)
    if "published" in said:
        publish = uploads.flag(said, "published")
        if publish:
            set_publication.publish(zone_set=zone_set, by=by)
        elif zone_set.published_at is not None:
            set_publication.withdraw(zone_set=zone_set, by=by)


def _refused(error: QuotaReached) -> Exception:
    """429 where time helps, else 409."""
    if error.retry_seconds is not None:
        return Throttled(error.retry_seconds, f"{error}.")
    return AccountFull(str(error), found=error.found, allowed=error.expected)


def _members(request: HttpRequest | Request, zone_set: ZoneSet, run: Run | None) -> dict[str, Any]:
    """A set as the reader may know it; ``run`` is its newest."""
    own = access.may_change(request, zone_set)
    layer, token = zone_set.layer, zone_set.share_token
    report = layer.report if layer is not None else {}
    links = zone_set_addresses(request, zone_set)
    links["self"] = links.pop("zone_set")
    if layer is not None:
        links["territories"] = address(request, "api:territories", query=f"?level={zone_set.slug}")
    if own:
        links["job"] = address(request, "api:job", zone_set.pk)
    else:
        del links["report"]
    file = {"name": zone_set.file_name, "bytes": zone_set.file_bytes, "sha256": zone_set.sha256}
    return {
        "id": zone_set.pk,
        "level": zone_set.slug,
        "name": zone_set.name,
        "state": state_of(zone_set, run),
        "published": zone_set.published_at is not None,
        "published_at": zone_set.published_at,
        "created_at": zone_set.created_at,
        "zones": None if layer is None else layer.zones_total,
        "area_m2": report.get("area_m2"),
        "left_out": report.get("left_out"),
        "file": file if own else None,
        "shared": bool(token) if own else None,
        "share_link": address(request, "zone_set_shared", token) if own and token else None,
        "links": links,
    }
