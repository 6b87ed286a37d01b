"""Jobs: how far an upload is, or a run; and the end of one."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Q
from drf_spectacular.utils import extend_schema_view
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from clcplus import access
from clcplus.actions import job_control
from clcplus.actions.zone_sets import computation, set_publication
from clcplus.api.base import AccountView, own_set
from clcplus.api.jobs import states
from clcplus.api.jobs.serializers import JobSerializer
from clcplus.api.operations import documented, operation
from clcplus.errors import WrongState
from clcplus.http import parameters
from clcplus.http.errors import NothingHere
from clcplus.models import Run, ZoneSet

RETRY_SECONDS = 2
"""When it is worth asking again."""
_STEERED = documented(JobSerializer, 401, 403, 404, 409, status=202)


@extend_schema_view(
    get=operation("job", "How far a job is", documented(JobSerializer, 401, 404)),
    post=operation("job_resume", "Resume a job", _STEERED, request=None),
    delete=operation("job_cancel", "Cancel a job", _STEERED),
)
class JobView(AccountView):
    """The check of an upload and the computation that follows, under the id of the zone set; or any
    run, for staff who may see runs. While it is under way the answer has `Retry-After`. Each
    failure says what was found, what was expected and what to do; `index` counts the features of
    the file from 0."""

    permission_classes = (IsAuthenticated,)
    http_method_names = ("get", "head", "options", "post", "delete")

    def get(self, request: Request, id: uuid.UUID) -> Response:
        parameters.only(request, ("format",))
        job = _job(request, id)
        response = Response(JobSerializer(job).data)
        if job["state"] in states.OPEN:
            response["Retry-After"] = str(RETRY_SECONDS)
        return response

    def post(self, request: Request, id: uuid.UUID) -> Response:
        """Goes on with a computation of zones that was cancelled, or in which zones have failed:
        only what is missing is counted. One that is under way goes on as it does. A superuser may
        have any run taken up that has failed or was cancelled. 409 where nothing is missing, where
        the zones are not accepted yet, and for other runs of other accounts."""
        parameters.only(request, ())
        other = Run.objects.filter(pk=id).exclude(kind=Run.Kind.ZONES).first()
        if other is not None and request.user.is_superuser:
            job_control.resume(other, by=request.user)
        else:
            zone_set = _set_of(request, id, job=_job(request, id))
            if computation.resume(zone_set=zone_set, by=request.user) is None:
                raise WrongState(
                    zone_set.name, found="a figure for every zone", expected="zones that lack some"
                )
        return Response(JobSerializer(_job(request, id)).data, status=202)

    def delete(self, request: Request, id: uuid.UUID) -> Response:
        """Stops a computation before its next zones: what is counted stays, and it can be resumed
        by a POST. To cancel a check discards the upload. A superuser may cancel any run. 409 where
        the job has ended, and for other runs of other accounts."""
        parameters.only(request, ())
        job = _job(request, id)
        zone_set = ZoneSet.objects.filter(pk=id).first()
        if zone_set is None and request.user.is_superuser:
            job_control.cancel(Run.objects.get(pk=id), by=request.user)
        elif zone_set is None:
            computation.cancel(zone_set=_set_of(request, id, job=job), by=request.user)
        elif job["state"] in {"queued", "checking", "question"} and zone_set.layer_id is None:
            set_publication.delete(zone_set=own_set(request, id), by=request.user)
            return Response(JobSerializer({**job, "state": "cancelled"}).data, status=202)
        else:
            computation.cancel(zone_set=own_set(request, id), by=request.user)
        return Response(JobSerializer(_job(request, id)).data, status=202)


def _set_of(request: Request, id: uuid.UUID, *, job: dict[str, Any]) -> ZoneSet:
    """The set of a job, which may be given by its run. Raises WrongState for jobs of no set."""
    of_run = Run.objects.filter(pk=id, layer__isnull=False).values("layer")
    found = ZoneSet.objects.filter(Q(pk=id) | Q(layer__in=of_run)).first()
    if found is None:
        raise WrongState(f"job {id}", found=job["kind"], expected="a computation of zones")
    return own_set(request, found.pk)


def _job(request: Request, id: uuid.UUID) -> dict[str, Any]:
    """The job of a set or of a run. Raises NothingHere, also for what is another account's."""
    zone_set = ZoneSet.objects.filter(pk=id).first()
    if zone_set is not None and access.may_change(request, zone_set):
        return states.of_zone_set(request, zone_set)
    run = Run.objects.filter(pk=id).first()
    if run is None or not _may_see(request, run):
        raise NothingHere(f"no job has the id {id}")
    return states.of_run(request, run)


def _may_see(request: Request, run: Run) -> bool:
    """Whether a request may see a run: staff who may see runs, and who may change its set."""
    if request.user.is_staff and request.user.has_perm("clcplus.view_run"):
        return True
    zone_set = ZoneSet.objects.filter(layer=run.layer_id).first() if run.layer_id else None
    return zone_set is not None and access.may_change(request, zone_set)
