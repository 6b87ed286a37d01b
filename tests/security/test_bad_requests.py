"""Requests that ended with an error of the server: each is refused, as a problem document below
/api/ and /tiles/, in plain words or on a page elsewhere."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from clcplus.actions import api_tokens
from clcplus.http.request_text import storable
from clcplus.models import ZoneSet
from clcplus.models.api_token import Scope
from tests.security import hostile_input
from tests.security.plain_wsgi import Answer, ask
from tests.world import world

__all__ = ["world"]

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("world", "kept_connection", "quiet_broker"),
]
PROBLEM = "application/problem+json"
SET = "/api/v1/zones/00000000-0000-0000-0000-000000000009/"


@pytest.fixture
def owner(store: Path) -> User:
    return User.objects.create_user("owner", is_staff=True)


@pytest.fixture
def token(owner: User) -> str:
    """The header of an account of staff that has a set."""
    ZoneSet.objects.create(
        id=uuid.UUID(int=9),
        owner=owner,
        name="Set",
        stage=ZoneSet.Stage.REPORTED,
        kind=ZoneSet.Kind.FILE,
        file_name="a",
        file_bytes=1,
        sha256="0" * 64,
    )
    _token, key = api_tokens.create(account=owner, name="tests", by="tests", scopes=Scope.values)
    return f"Bearer {key}"


def refused(answer: Answer, path: str, *statuses: int) -> None:
    assert answer.status in statuses, (path, answer)
    if path.startswith(("/api/", "/tiles/")):
        assert answer.headers["Content-Type"] == PROBLEM
        assert json.loads(answer.body)["status"] == answer.status


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/api/v1/search/", "q=a%00b"),
        ("/api/v1/territories/", "within=region:%00"),
        ("/api/v1/statistics/", "level=commune&within=region:0%007"),
        ("/api/v1/change/", "level=%00"),
        ("/api/v1/zones/", "%00=1"),
        ("/tiles/territories/commune.json", "v=%00"),
        ("/search/", "q=%00"),
        ("/compare/", "t=commune:%00"),
        ("/ranking/commune/", "in=region:%00"),
        ("/", "place=%00"),
        ("/admin/login/", "next=%00"),
    ],
)
def test_nul_in_a_parameter(path: str, query: str) -> None:
    refused(ask(path, query=query), path, 400)


def test_the_parameter_with_nul_is_named() -> None:
    body = json.loads(ask("/api/v1/search/", query="q=a%00b&limit=3").body)
    assert body["parameter"] == "q"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/territories/commune/\x00/",
        "/api/v1/territories/\x00/07001/statistics/",
        "/tiles/territories/\x00.json",
        "/tiles/editions/\x00/1/0/0.png",
        "/tiles/change/clcplus-2018/\x00.json",
        "/territories/commune/\x00/",
        "/territories/commune/07\x00001/report/",
        "/embed/territories/commune/\x00/",
        "/admin/\x00/",
        "/\x00",
    ],
)
def test_nul_in_a_path(path: str) -> None:
    refused(ask(path), path, 404)
    refused(ask(path, method="POST", body=b"x"), path, 404)


@pytest.mark.parametrize(("name", "value"), hostile_input.HEADERS)
@pytest.mark.parametrize(
    "path", ["/", "/api/v1/levels/", "/tiles/territories/commune.json", "/admin/", "/zones/"]
)
def test_odd_headers(path: str, name: str, value: str) -> None:
    """Hosts, conditions, ranges, cookies, lengths, languages, media types."""
    answer = ask(path, **{name: value})
    assert answer.status < 500
    if answer.status >= 400:
        refused(answer, path, answer.status)


@pytest.mark.parametrize("path", ["/", "/api/v1/levels/", "/tiles/x/", "/admin/"])
def test_a_session_cookie_with_nul_is_no_session(path: str) -> None:
    """A cookie within quotes may have \\000: it reached the database as a key of sessions."""
    cookie = 'sessionid="aaaaaaaaaaaa\\000bbbb"'
    assert ask(path, HTTP_COOKIE=cookie).status == ask(path).status


@pytest.mark.parametrize("method", hostile_input.METHODS)
@pytest.mark.parametrize("path", ["/", "/api/v1/levels/", "/tiles/territories/commune.json"])
def test_odd_methods(path: str, method: str) -> None:
    answer = ask(path, method=method)
    assert answer.status < 500
    if answer.status >= 400:
        # A page without the token against forged requests is not even asked for its methods.
        refused(answer, path, *((403, 405) if path == "/" else (405,)))


@pytest.mark.parametrize(
    "path", ["/api/v1/" + "x" * 60_000, "/tiles/" + "a/" * 9000, "/" + "%" * 9]
)
def test_very_long_paths(path: str) -> None:
    refused(ask(path), path, 404)


@pytest.mark.parametrize("body", hostile_input.BODIES)
@pytest.mark.parametrize("method", ["PATCH", "POST"])
def test_bodies_of_json(token: str, body: bytes, method: str) -> None:
    """Deep, doubled, of other types, with numbers of any size, NUL and half surrogate pairs."""
    path = SET if method == "PATCH" else "/api/v1/statistics/"
    answer = ask(
        path,
        method=method,
        body=body,
        CONTENT_TYPE="application/json",
        HTTP_AUTHORIZATION=token,
    )
    refused(answer, path, 400, 409, 413, 422)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"[" * hostile_input.DEEP, "hundreds deep"),
        (b'{"name": "\\u0000"}', "NUL"),
        (b'{"name": "\\ud800x"}', "surrogate"),
        (b'{"\\udfff": true}', "surrogate"),
        (b'{"name": "a", "name": "b"}', "twice"),
        (b'{"published": NaN}', "NaN"),
        (b"", "expected an object"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_a_patch_says_what_is_wrong(token: str, body: bytes, said: str) -> None:
    if body.startswith(b"["):
        # More than a body that says what to do may have; a shorter one is read.
        long = ask(
            SET,
            method="PATCH",
            body=body,
            CONTENT_TYPE="application/json",
            HTTP_AUTHORIZATION=token,
        )
        refused(long, SET, 413)
        body = body[:50_000]
    answer = ask(
        SET, method="PATCH", body=body, CONTENT_TYPE="application/json", HTTP_AUTHORIZATION=token
    )
    refused(answer, SET, 400)
    assert said in json.loads(answer.body)["detail"]
    assert ZoneSet.objects.get().name == "Set"


def test_half_a_pair_and_a_whole_one() -> None:
    assert storable("\U0001f5fa é \u202e")
    assert not storable("\ud83d")
    assert not storable("a\x00")


@pytest.mark.parametrize("body", hostile_input.BODIES)
@pytest.mark.parametrize(
    "content_type",
    ["application/geo+json", "multipart/form-data; boundary=x", "multipart/form-data", "a/b", ""],
)
def test_bodies_of_uploads(token: str, body: bytes, content_type: str) -> None:
    path = "/api/v1/zones/"
    answer = ask(
        path, method="POST", body=body, CONTENT_TYPE=content_type, HTTP_AUTHORIZATION=token
    )
    assert answer.status < 500
    if answer.status >= 400:
        refused(answer, path, 400, 411, 413, 415, 422, 429)


@pytest.mark.parametrize("body", hostile_input.BODIES)
@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
@pytest.mark.parametrize("page", ["/zones/new/", "accept/", "answer/", "rename/", "/admin/login/"])
def test_forms_of_pages(owner: User, token: str, page: str, body: bytes, content_type: str) -> None:
    zone_set = ZoneSet.objects.get()
    client = Client(raise_request_exception=False)
    client.force_login(owner)
    path = page if page.startswith("/") else f"{zone_set.get_absolute_url()}{page}"
    response = client.generic("POST", path, body, content_type=content_type)
    assert response.status_code < 500, response.content


@pytest.mark.parametrize("field", ["name", "which", "csrfmiddlewaretoken"])
def test_a_form_with_nul_is_refused_whoever_reads_it(owner: User, token: str, field: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(owner)
    page = f"{ZoneSet.objects.get().get_absolute_url()}accept/"
    assert client.post(page, {field: "a\x00b"}).status_code == 400


def test_marks_of_the_writing_direction_do_not_get_into_a_name(owner: User, token: str) -> None:
    """Marks that turn the direction of what follows do not get into a name."""
    answer = ask(
        SET,
        method="PATCH",
        body=json.dumps({"name": "\u202egpj.exe"}).encode(),
        CONTENT_TYPE="application/json",
        HTTP_AUTHORIZATION=token,
    )
    refused(answer, SET, 400)


def test_what_the_framework_refuses_is_a_problem_document_too() -> None:
    """A wrong host, too many parameters: no view was asked."""
    refused(ask("/api/v1/levels/", HTTP_HOST="evil.example"), "/api/", 400)
    many: Any = "&".join(f"a{number}=1" for number in range(1500))
    refused(ask("/api/v1/levels/", query=many), "/api/", 400)


@pytest.mark.parametrize("body", [b"{", b"--x\r\n" + b"a: b\r\n" * 9000])
@pytest.mark.parametrize(
    "content_type",
    ["multipart/form-data; boundary=x", "multipart/form-data", hostile_input.CONTENT_TYPES[6]],
)
@pytest.mark.parametrize(
    "path",
    [
        "/fr/reports/-1/",
        "/nowhere/",
        "/admin/nowhere/",
        "/api/x/",
        "/no\0where/",
        "/tiles/\0/0/0.png",
    ],
)
def test_a_broken_form_sent_to_an_unknown_address(
    owner: User, path: str, content_type: str, body: bytes
) -> None:
    """The page of the 404 looks for the token of the form, and ended with an error of its own."""
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    client.force_login(owner)
    client.cookies["csrftoken"] = "c" * 32
    response = client.generic("POST", path, body, content_type=content_type)
    # The admin's addresses lead to a view, which asks for the token first.
    assert response.status_code in ({400, 403, 404} if path.startswith("/admin/") else {400, 404})


@pytest.mark.parametrize("path", ["/fr/reports/-1/", "/nowhere/", "/admin/nowhere/", "/api/x/"])
@pytest.mark.parametrize("named", ["username=%00", "%00=a", "csrfmiddlewaretoken=%00"])
def test_nul_in_a_form_sent_to_an_unknown_address(owner: User, path: str, named: str) -> None:
    """The same page reads the form, in which it met what is refused."""
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    client.force_login(owner)
    client.cookies["csrftoken"] = "c" * 32
    form = "application/x-www-form-urlencoded"
    assert client.generic("POST", path, named, content_type=form).status_code in {400, 404}


def test_an_empty_name_of_a_field_in_the_admin(admin_client: Client) -> None:
    admin_client.raise_request_exception = False
    for path in ("/admin/clcplus/run/x/change/", "/admin/auth/user/1/change/"):
        assert admin_client.get(f"{path}?_to_field=").status_code == 400
        assert admin_client.post(path, {"_to_field": ""}).status_code == 400


def test_the_server_hands_requests_on_as_these_tests_do() -> None:
    """clcplus.wsgi has the requests that do not end with an odd Content-Type."""
    text = Path("clcplus/wsgi.py").read_text()
    assert "application: Application = Handler()" in text
