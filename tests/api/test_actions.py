"""Each failure says what to do: problem documents, and the failures of jobs."""

from __future__ import annotations

import json
import re
import uuid
from http import HTTPStatus
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from sqlalchemy.exc import OperationalError

from analytics.errors import ExplainedError
from clcplus.api.jobs import states
from clcplus.errors import TooManyAttempts, WrongState
from clcplus.http import errors
from clcplus.http.problems import STATUSES, action_of, problem, problem_of
from clcplus.models import Edition, Run, Unit, ZoneSet
from ops.layout import NGINX_CONF
from tests.world import World


def action(response: Any) -> str:
    body = json.loads(response.getvalue())
    assert len(body["action"]) > 10
    assert body["action"].endswith(".")
    return str(body["action"])


@pytest.mark.parametrize("status", [s for s in HTTPStatus if s >= 400])
def test_each_status_has_one(status: HTTPStatus) -> None:
    assert action(problem(status, "something")) == action_of(status)


@pytest.mark.parametrize(
    "kind", [*STATUSES, *errors.RequestError.__subclasses__()], ids=lambda kind: kind.__name__
)
def test_each_error_has_one(kind: type[Exception]) -> None:
    made = {
        errors.BadParameter: lambda: errors.BadParameter("x", found=1, allowed="2"),
        errors.NotAcceptable: lambda: errors.NotAcceptable(["text/csv"]),
        errors.UncountableArea: lambda: errors.UncountableArea(
            [errors.Finding("/type", "a line", "an area", "Draw it with a buffer")]
        ),
        WrongState: lambda: WrongState("x", found="1", expected="2", hint="Wait for it"),
        TooManyAttempts: lambda: TooManyAttempts(retry_seconds=1),
        OperationalError: lambda: OperationalError("x", {}, Exception()),
    }
    if kind in made:
        error = made[kind]()
    elif issubclass(kind, ExplainedError):
        error = kind("x", found="1", expected="2")
    else:
        error = kind("something")
    action(problem_of(error, RequestFactory().get("/api/v1/")))


def test_what_the_error_knows_goes_first() -> None:
    asking = RequestFactory().get("/api/v1/")
    area = errors.UncountableArea([errors.Finding("", "a line", "an area", "Draw a buffer")])
    assert action(problem_of(area, asking)) == "Draw a buffer."
    state = WrongState("x", found="1", expected="2", hint="Wait for it")
    assert action(problem_of(state, asking)) == "Wait for it."


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/api/v1/territories/?levle=commune", 400, "Correct the name of the parameter"),
        ("/api/v1/statistics/", 400, "Add level to the address"),
        ("/api/v1/territories/?page=0", 400, "Give page a value that is allowed"),
        ("/api/v1/nothing/", 404, "/api/v1/ leads to all others"),
        ("/tiles/editions/nothing.json", 404, "/api/v1/"),
        ("/api/v1/jobs/00000000-0000-0000-0000-000000000000/", 401, "Authorization: Bearer"),
        ("/api/v1/search/?q=%00", 400, "Give q a value"),
    ],
)
def test_answers_have_one(client: Client, world: World, path: str, status: int, said: str) -> None:
    response = client.get(path)
    assert response.status_code == status
    assert said in action(response)


def test_refusals_of_the_proxy_have_one() -> None:
    told = re.findall(r"return \d+ '(\{.*\})';", NGINX_CONF.read_text())
    assert len(told) == 4
    for text in told:
        assert json.loads(text)["action"].endswith(".")


@pytest.mark.django_db
def test_failures_of_jobs_have_one(world: World) -> None:
    asking = RequestFactory().get("/")
    run = Run.objects.create(kind=Run.Kind.INGEST, state=Run.State.FAILED)
    Unit.objects.create(
        run=run,
        edition=Edition.objects.earliest("year"),
        tile="E38N29",
        cells=1,
        state=Unit.State.FAILED,
        error="found a damaged block",
    )
    owner = User.objects.create_user("owner")
    refused = ZoneSet.objects.create(
        id=uuid.uuid4(),
        owner=owner,
        file_bytes=1,
        stage=ZoneSet.Stage.REFUSED,
        refusal={"code": "no-feature", "found": "none", "expected": "zones", "hint": ""},
    )
    for job in (states.of_run(asking, run), states.of_zone_set(asking, refused)):
        assert job["failures"]
        assert all(len(failure.action) > 10 for failure in job["failures"])
