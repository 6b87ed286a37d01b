"""Who may see, label and change reference samples: staff, and the owner of a sample."""

from __future__ import annotations

import uuid

from django.http import HttpRequest
from rest_framework.request import Request

from clcplus import access
from clcplus.models import ReferenceSample


def may_request(request: HttpRequest | Request) -> bool:
    """Whether a request may list samples and ask for one."""
    user = access.account(request)
    return user is not None and bool(user.is_staff)


def may_change(request: HttpRequest | Request, sample: ReferenceSample) -> bool:
    """Whether a request may see, label, publish and delete a sample."""
    user = access.account(request)
    return user is not None and (user.is_staff or user.pk == sample.owner_id)


def readable(request: HttpRequest | Request, id: uuid.UUID) -> ReferenceSample | None:
    """The sample of an address where the request may see it; else None, as if there were none."""
    found = (
        ReferenceSample.objects.select_related(
            "owner", "earlier", "later", "territory__layer__level"
        )
        .filter(pk=id)
        .first()
    )
    return found if found is not None and may_change(request, found) else None
