"""Requests made of the published OpenAPI schema, valid ones and others: no 5xx, each refusal is a
problem document, and each status is one that the schema declares."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.contrib.auth.models import User
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, settings

from clcplus.actions import api_tokens
from clcplus.http.problems import CONTENT_TYPE
from clcplus.models.api_token import Scope
from tests.security.plain_wsgi import application
from tests.world import world

__all__ = ["world"]

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "6"))


def _ask(environ: Any, start_response: Any) -> Any:
    """The application, made once the settings of the tests are there; its answers are closed, as a
    server closes them."""
    response = application()(environ, start_response)
    try:
        return [b"".join(response)]
    finally:
        response.close()


_published = SchemaGenerator().get_schema(request=None, public=True)
schema = schemathesis.openapi.from_dict(json.loads(json.dumps(_published)))
schema.app = _ask


@pytest.fixture(scope="module")
def token(world: Any, django_db_blocker: Any) -> str:
    """Of an account of staff."""
    with django_db_blocker.unblock():
        user = User.objects.create_user("fuzzer", is_staff=True)
        return api_tokens.create(account=user, name="tests", by="tests", scopes=Scope.values)[1]


@pytest.fixture(autouse=True)
def quiet(store: object, quiet_broker: object, kept_connection: None) -> Iterator[None]:
    """Nothing is logged, queued, or stored for long."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def judge(case: Any, answer: Any) -> None:
    assert answer.status_code < 500, answer.content
    if answer.status_code != 405:  # other methods are tried as well, which have no operation
        declared = case.operation.definition.raw["responses"]
        assert str(answer.status_code) in declared, answer.content
    if answer.status_code >= 400:
        (media_type,) = answer.headers["content-type"]
        assert media_type == CONTENT_TYPE, answer.content


@pytest.mark.django_db
@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_the_api_answers_every_request_that_its_schema_allows(case: Any, token: str) -> None:
    judge(case, case.call())
    judge(case, case.call(headers={"Authorization": f"Bearer {token}"}))
