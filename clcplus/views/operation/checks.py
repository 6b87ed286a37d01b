"""The page of an edition's checks, for staff who may see jobs; superusers decide there."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from analytics.errors import ExplainedError
from clcplus.actions.checks import decisions, requests
from clcplus.jobs.states import OPEN
from clcplus.models import Edition, EditionCheck, Run
from clcplus.presentation.checks import GRADES, check_rows
from clcplus.presentation.refusals import refusal_text
from clcplus.views.operation.jobs import for_staff


@require_safe
@for_staff
def edition_checks(request: HttpRequest, slug: str) -> HttpResponse:
    """What the last check of an edition says."""
    return _page(request, get_object_or_404(Edition, slug=slug))


@require_POST
@for_staff
def edition_checks_act(request: HttpRequest, slug: str, action: str) -> HttpResponse:
    """Publish an edition all the same, reject it, or check it again; leads back to the page."""
    if not request.user.is_superuser:
        raise PermissionDenied
    edition = get_object_or_404(Edition, slug=slug)
    act = _ACTIONS.get(action)
    if act is None:
        raise Http404
    reason = request.POST.get("reason", "")
    try:
        act(edition, reason, request.user)
    except ExplainedError as error:
        return _page(
            request,
            edition,
            trouble=refusal_text(error),
            reason=reason,
            status=HTTPStatus.CONFLICT,
        )
    return redirect("edition_checks", slug=slug)


_ACTIONS: dict[str, Callable[[Edition, str, Any], Any]] = {
    "publish": lambda edition, reason, by: decisions.publish_all_the_same(
        slug=edition.slug, reason=reason, by=by
    ),
    "reject": lambda edition, reason, by: decisions.reject(slug=edition.slug, reason=reason, by=by),
    "again": lambda edition, reason, by: requests.request_check(edition, by=by),
}


def _page(
    request: HttpRequest,
    edition: Edition,
    *,
    trouble: str = "",
    reason: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    found = EditionCheck.objects.filter(edition=edition).select_related("against", "decided_by")
    check = found.first()
    under_way = Run.objects.filter(kind=Run.Kind.CHECK, edition=edition, state__in=OPEN).first()
    may_decide = request.user.is_superuser
    context = {
        "section": "jobs",
        "edition": edition,
        "check": check,
        "grade_label": GRADES.get(check.grade, check.grade) if check else "",
        "rows": check_rows(check.report) if check else (),
        "under_way": under_way,
        "may_check": may_decide and edition.loaded_at is not None and under_way is None,
        "may_decide": may_decide
        and check is not None
        and edition.status != Edition.Status.PUBLISHED,
        "longest_reason": decisions.REASON_LENGTH,
        "reason": reason,
        "trouble": trouble,
    }
    return render(request, "editions/checks.html", context, status=status)
