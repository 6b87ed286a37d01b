"""The work of a refresh: one step after the other, each stored in the run.

Fetch, ingest and check are runs of their own. While one of them is under way the refresh waits and
holds no worker; a message comes back to it after some seconds. The editions are handled one after
the other, the oldest first, so that each is checked against the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from clcplus.actions.checks import requests as checks
from clcplus.actions.editions import fetch, publication
from clcplus.actions.notices.announcement import announce
from clcplus.actions.refresh import offers, requests
from clcplus.jobs import queue, runs
from clcplus.jobs.kinds import Attempt
from clcplus.jobs.runs import EndedRun
from clcplus.jobs.states import ENDED_EARLY, OPEN
from clcplus.models import Edition, EditionCheck, Notice, Run

Progress = dict[str, Any]
"""How far an edition is: year, source, step; the runs and the edition that came of it; for one that
failed the reason, and the step in which it did."""

NEW, FETCH, INGEST, CHECK = "new", "fetch", "ingest", "check"
PUBLISHED, HELD, FAILED = "published", "held", "failed"
ENDED = (PUBLISHED, HELD, FAILED)
_PAUSE_SECONDS = 10.0
"""Between two looks at a run that is waited for."""


def work(attempt: Attempt) -> bool:
    """Go as far as a refresh comes now. Returns False while it waits. Raises SourceError,
    UnknownLevel and EndedRun."""
    _look(attempt.number)
    while True:
        with transaction.atomic():
            # A step and what follows from it are stored together, or not at all.
            run = _held(attempt.number)
            editions: list[Progress] = run.parameters["editions"]
            current = next((one for one in editions if one["step"] not in ENDED), None)
            if current is None:
                return _end(run, editions)
            moved = _STEPS[current["step"]](run, current)
            run.message = _message(editions)[:400]
            # Waiting is no failed attempt.
            run.attempts = 0 if not moved else run.attempts
            run.save(update_fields=("parameters", "message", "attempts", "updated_at"))
        if not moved:
            # If this message is lost, the schedule comes back to the run.
            queue.send(queue.Step.WORK, run.kind, run.pk, pause=_PAUSE_SECONDS)
            return False


@transaction.atomic
def fail(run_id: Any, reason: str) -> None:
    """Give a refresh up, and tell the operators."""
    if runs.fail(run_id, reason):
        announce(Notice.Event.FAILED, run=Run.objects.get(pk=run_id), message=reason[:400])


def _held(run_id: Any) -> Run:
    if not runs.hold_open(run_id):
        raise EndedRun
    return Run.objects.select_related("requested_by").get(pk=run_id)


def _look(run_id: Any) -> None:
    """Note where to look and what is new, once. Nothing is locked while services are asked."""
    parameters = Run.objects.get(pk=run_id).parameters
    if "editions" in parameters:
        return
    found: list[Progress] = [
        {
            "year": one.parameters["year"],
            "source": offers.WATCHED,
            "step": FETCH,
            "fetch": str(one.pk),
        }
        for one in offers.taken_runs()
    ]
    if parameters.get("source") != offers.WATCHED:
        parameters["area"] = requests.area()
        found += [
            {"year": offer.year, "source": offer.source, "step": NEW} for offer in offers.lacking()
        ]
    with transaction.atomic():
        run = _held(run_id)
        run.parameters |= {**parameters, "editions": sorted(found, key=lambda one: one["year"])}
        run.save(update_fields=("parameters", "updated_at"))


def _fetch(run: Run, one: Progress) -> bool:
    started = fetch.request_fetch(
        year=one["year"],
        source=one["source"],
        zone=run.parameters["area"],
        by=run.requested_by,
    )
    one.update(step=FETCH, fetch=str(started.pk))
    return True


def _after_fetch(run: Run, one: Progress) -> bool:
    child = _ended(one, one["fetch"])
    if child is None:
        return one["step"] in ENDED
    assert child.edition is not None
    one.update(step=INGEST, ingest=child.parameters["ingest"], edition=child.edition.slug)
    return True


def _after_ingest(run: Run, one: Progress) -> bool:
    child = _ended(one, one["ingest"])
    if child is None:
        return one["step"] in ENDED
    one["step"] = CHECK
    return True


def _after_check(run: Run, one: Progress) -> bool:
    edition = Edition.objects.get(slug=one["edition"])
    if "check" not in one:
        # The end of the ingest has queued it; it may have ended already.
        latest = Run.objects.filter(kind=Run.Kind.CHECK, edition=edition).first()
        one["check"] = str((latest or checks.request_check(edition, by=run.requested_by)).pk)
    if _ended(one, one["check"]) is None:
        return one["step"] in ENDED
    check = EditionCheck.objects.filter(edition=edition).latest("at", "id")
    if edition.status == Edition.Status.PUBLISHED:
        one["step"] = PUBLISHED
    elif check.holds:
        publication.publish_edition(slug=edition.slug, by=run.requested_by)
        one["step"] = PUBLISHED
    else:
        one.update(step=HELD, failing=check.failing)
        announce(
            Notice.Event.HELD,
            edition=edition,
            run=run,
            message=f"{edition}: {_why(check)}. Decide on the page of its checks.",
            checks={result["check"]: result["grade"] for result in check.report},
        )
    return True


def _why(check: EditionCheck) -> str:
    if check.failing:
        return f"checks that do not pass: {', '.join(check.failing)}"
    return "there is no earlier edition to compare it with"


def _ended(one: Progress, run_id: Any) -> Run | None:
    """A run that is part of the refresh, once it has succeeded. None while it is under way, and
    where it ended early: the edition has then failed."""
    child = Run.objects.select_related("edition").get(pk=run_id)
    if child.state in OPEN:
        return None
    if child.state in ENDED_EARLY:
        reason = f"{child.kind}: {child.message or child.state}"
        one.update(failed_in=one["step"], step=FAILED, reason=reason[:300])
        return None
    return child


_STEPS: Mapping[str, Callable[[Run, Progress], bool]] = {
    NEW: _fetch,
    FETCH: _after_fetch,
    INGEST: _after_ingest,
    CHECK: _after_check,
}


def _message(editions: list[Progress]) -> str:
    return "; ".join(
        f"{one['year']}: {one['step']}" + (f" ({one['reason']})" if "reason" in one else "")
        for one in editions
    )


def _end(run: Run, editions: list[Progress]) -> bool:
    failed = [one for one in editions if one["step"] == FAILED]
    if failed:
        fail(run.pk, _message(failed))
        return False
    if not editions:
        announce(Notice.Event.NOTHING_NEW, run=run, message="The sources have no new edition.")
    return runs.succeed(run.pk, message=_message(editions) or "nothing new")
