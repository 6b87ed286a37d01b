"""What is told of a job: of the check and the computation of a zone set, or of one run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from analytics.uploads import Question, Reading, Reference, Severity, from_json
from clcplus import site_address
from clcplus.actions.zone_sets.question_answers import REFERENCE_QUESTIONS
from clcplus.models import Run, Unit, ZoneBatch, ZoneSet

MOST_FAILURES = 100
OPEN = ("queued", "checking", "question", "computing")
_RUN_STATES: dict[str, str] = {
    Run.State.QUEUED: "computing",
    Run.State.RUNNING: "computing",
    Run.State.SUCCEEDED: "succeeded",
    Run.State.FAILED: "failed",
    Run.State.CANCELLED: "cancelled",
}
_RESUME = "Resume the computation: POST to the address of its job, or on the set's page"
_AGAIN = "Mend the source that the tile lies in, then resume the job: POST to its address"
_MEND = "Mend the file as it was expected, and upload it again"


def state_of(zone_set: ZoneSet, run: Run | None) -> str:
    """In one word, as job_shapes.STATES has it; ``run`` is the set's newest."""
    match zone_set.stage:
        case ZoneSet.Stage.CHECKING:
            return "checking" if zone_set.percent else "queued"
        case ZoneSet.Stage.REFUSED:
            return "failed"
        case ZoneSet.Stage.ACCEPTED:
            return "succeeded" if run is None else _RUN_STATES[run.state]
    return "question" if zone_set.acceptance == ZoneSet.Acceptance.ASK else "failed"


def of_zone_set(request: HttpRequest, zone_set: ZoneSet) -> dict[str, Any]:
    """The job of an upload."""
    run = zone_set.newest_run
    state = state_of(zone_set, run)
    reading = from_json(zone_set.reading) if zone_set.reading else None
    question = _question(request, zone_set, reading)
    failures = list(_failures(zone_set, run, reading))
    return {
        "id": zone_set.pk,
        "kind": "upload",
        "state": state,
        "percent": _percent(zone_set, run),
        "zones": _zones(run),
        "message": run.message if run is not None else _message(zone_set, question, failures),
        "failures": failures[:MOST_FAILURES],
        "failures_total": len(failures),
        "question": question,
        "created_at": zone_set.created_at,
        "updated_at": max(zone_set.changed_at, run.updated_at) if run else zone_set.changed_at,
        "finished_at": None
        if state in OPEN
        else (run.finished_at if run is not None else zone_set.changed_at),
        "links": {
            "self": site_address.absolute(request, reverse("api:job", args=(zone_set.pk,))),
            **zone_set_addresses(request, zone_set),
        },
    }


def of_run(request: HttpRequest, run: Run) -> dict[str, Any]:
    """The job of a run: of an ingest, a count, a prediction, or zones."""
    state = "queued" if run.state == Run.State.QUEUED else _RUN_STATES[run.state]
    failures = [*_of_zones(run), *_of_units(run)]
    zone_set = ZoneSet.objects.filter(layer__runs=run).first()
    links = {} if zone_set is None else zone_set_addresses(request, zone_set)
    return {
        "id": run.pk,
        "kind": run.kind,
        "state": state,
        "percent": run.percent,
        "zones": _zones(run if zone_set is not None else None),
        "message": run.message,
        "failures": failures[:MOST_FAILURES],
        "failures_total": len(failures),
        "question": None,
        "created_at": run.created_at,
        "updated_at": run.updated_at,
        "finished_at": run.finished_at,
        "links": {
            "page": site_address.absolute(request, reverse("job", args=(run.pk,))),
            **links,
            "self": site_address.absolute(request, reverse("api:job", args=(run.pk,))),
        },
    }


def zone_set_addresses(request: HttpRequest, zone_set: ZoneSet) -> dict[str, str]:
    """Addresses of a set, of its report and page; of its figures once it has zones."""
    found = {
        "zone_set": reverse("api:zone-set", args=(zone_set.pk,)),
        "report": reverse("api:zone-set-report", args=(zone_set.pk,)),
        "page": reverse("zone_set", args=(zone_set.pk,)),
    }
    if zone_set.layer_id is not None:
        found["statistics"] = f"{reverse('api:statistics')}?level={zone_set.slug}"
        found["change"] = f"{reverse('api:change')}?level={zone_set.slug}"
    return {name: site_address.absolute(request, address) for name, address in found.items()}


def _percent(zone_set: ZoneSet, run: Run | None) -> int:
    if zone_set.stage != ZoneSet.Stage.ACCEPTED:
        return int(zone_set.percent)
    return 100 if run is None else run.percent


def _zones(run: Run | None) -> dict[str, int | None]:
    if run is None:
        return {"done": None, "total": None}
    return {"done": run.units_done, "total": run.units_total}


def _message(
    zone_set: ZoneSet, question: dict[str, Any] | None, failures: Sequence[dict[str, Any]]
) -> str:
    if question is not None:
        return f"{question['text']} {question['answer']}"
    if zone_set.stage == ZoneSet.Stage.REPORTED:
        if zone_set.acceptance == ZoneSet.Acceptance.ASK:
            return "Checked: its owner has to accept it on its page."
        if any(failure["index"] is not None for failure in failures):
            return (
                "Nothing was stored. Mend the features, or send the same file again with "
                "skip_bad=true to leave them out."
            )
        return "Nothing was stored."
    return ""


def _question(
    request: HttpRequest, zone_set: ZoneSet, reading: Reading | None
) -> dict[str, Any] | None:
    if zone_set.stage != ZoneSet.Stage.ASKING or reading is None or reading.question is None:
        return None
    address = site_address.absolute(request, reverse("api:zone-set", args=(zone_set.pk,)))
    if reading.question == Question.LAYER:
        text, answers = "The file has several layers.", {"layer": reading.layers[0].name}
    else:
        text, answers = _asked_of(reading.reference)
    sent = "&".join(
        f"{name}={'true' if value is True else value}" for name, value in answers.items()
    )
    return {
        "parameter": next(iter(answers)),
        "text": text,
        "answer": f"PATCH {address} with {json.dumps(answers, ensure_ascii=False)}, or send the "
        f"file again with {sent}.",
        "layers": [
            {
                "name": layer.name,
                "features": layer.features,
                "geometry_type": layer.geometry_type,
            }
            for layer in reading.layers
        ],
        "guesses": [
            {
                "crs": guess.crs,
                "name": guess.name,
                "swap_axes": guess.swapped,
                "share_in_area_of_use": guess.share_in_area_of_use,
                "share_in_coverage": guess.share_in_coverage,
            }
            for guess in (reading.reference.guesses if reading.reference else ())
        ],
    }


def _asked_of(reference: Reference | None) -> tuple[str, dict[str, Any]]:
    """Why the reference system is asked for, and the likeliest answer by its parameters."""
    if reference is None:
        return REFERENCE_QUESTIONS["missing"], {"crs": "EPSG:2154"}
    text = REFERENCE_QUESTIONS.get(reference.status, REFERENCE_QUESTIONS["missing"])
    if reference.status == "axes":
        return text, {"swap_axes": True}
    if reference.status == "doubted":
        text += " Where they are all the same, say insist=true."
    if not reference.guesses:
        return text, {"crs": "EPSG:2154"}
    likely = reference.guesses[0]
    return text, {"crs": likely.crs} | ({"swap_axes": True} if likely.swapped else {})


def _failures(
    zone_set: ZoneSet, run: Run | None, reading: Reading | None
) -> Iterator[dict[str, Any]]:
    if zone_set.refusal is not None:
        refusal = zone_set.refusal
        hint = refusal["hint"] or _MEND
        yield _failure(refusal["code"], refusal["found"], refusal["expected"], hint)
    if zone_set.stage == ZoneSet.Stage.ACCEPTED:
        yield from _of_zones(run) if run is not None else ()
    elif reading is not None and reading.report is not None:
        for feature in reading.report.features:
            for finding in feature.findings:
                if finding.severity == Severity.ERROR:
                    yield _failure(
                        finding.code,
                        finding.found,
                        finding.expected,
                        finding.action or _MEND,
                        index=feature.index,
                        zone=feature.code or None,
                    )


def _of_zones(run: Run) -> Iterator[dict[str, Any]]:
    """Zones that could not be computed."""
    batches = ZoneBatch.objects.filter(run=run).exclude(failures=[], error="")
    for batch in batches.order_by("number"):
        for failure in batch.failures:
            yield _failure(
                "not-computed",
                str(failure.get("reason", "")),
                "a zone that can be counted",
                _RESUME,
                zone=str(failure.get("code", "")) or None,
            )
        if batch.error and not batch.failures:
            yield _failure(
                "not-computed",
                batch.error,
                f"{len(batch.zones)} zones that can be counted",
                _RESUME,
            )


def _of_units(run: Run) -> Iterator[dict[str, Any]]:
    """Tiles that could not be read."""
    for unit in Unit.objects.filter(run=run).exclude(error="").order_by("tile", "id"):
        yield _failure("tile", f"{unit.tile}: {unit.error}", "a tile that can be read", _AGAIN)


def _failure(
    code: str,
    found: str,
    expected: str,
    action: str,
    *,
    index: int | None = None,
    zone: str | None = None,
) -> dict[str, Any]:
    return {
        "index": index,
        "zone": zone,
        "code": code,
        "found": found,
        "expected": expected,
        "action": action,
    }
