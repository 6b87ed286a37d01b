"""Requests to servers that misbehave."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from clcplus.sources.client import Client
from clcplus.sources.errors import (
    AccessRefused,
    ForbiddenAddress,
    SourceError,
    SourceUnavailable,
)
from tests.sources.misbehaviour import Reply, Request, served

ClientOf = Callable[..., Client]


def truth(request: Request) -> Reply:
    return Reply(b'{"path": "%s"}' % request.path.encode())


@pytest.mark.parametrize(
    "fault",
    [
        Reply(b"busy", status=429, headers={"Retry-After": "0"}),
        Reply(b"error", status=500),
        Reply(b"", status=502),
        Reply(b"", status=503, headers={"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}),
        Reply(b"half of", claimed_length=1000),
        Reply(b"12", pieces=2, pause=0.5),
    ],
    ids=["429", "500", "502", "503", "truncated", "silent"],
)
def test_errors_that_pass_are_waited_for(client_of: ClientOf, fault: Reply) -> None:
    with served(truth) as server:
        server.faults = [fault, fault]
        client = client_of(server, silence_seconds=0.3)
        assert client.get(f"{server.url}/a").json() == {"path": "/a"}
        assert len(server.requests) >= 3


def test_errors_that_stay_are_said(client_of: ClientOf) -> None:
    with served(truth) as server:
        server.faults = [Reply(b"down for repair", status=503)] * 3
        with pytest.raises(SourceUnavailable, match=r"503.*down for repair"):
            client_of(server, tries=3).get(f"{server.url}/a")
        assert len(server.requests) == 3


@pytest.mark.parametrize(("status", "error"), [(404, SourceError), (401, AccessRefused)])
def test_errors_that_do_not_pass_are_not_repeated(
    client_of: ClientOf, status: int, error: type[SourceError]
) -> None:
    with served(truth) as server:
        server.faults = [Reply(b"<title>No\nsuch page</title>", status=status)]
        with pytest.raises(error, match="No such page") as found:
            client_of(server).get(f"{server.url}/a")
        assert type(found.value) is error
        assert len(server.requests) == 1


def test_pauses_grow_and_follow_the_server(client_of: ClientOf) -> None:
    pauses: list[float] = []
    with served(truth) as server:
        client = client_of(server, pause_seconds=1.0, longest_pause=60.0)
        client.sleep = pauses.append
        asks = Reply(status=429, headers={"Retry-After": "7"})
        too_long = Reply(status=429, headers={"Retry-After": "86400"})
        server.faults = [Reply(status=500), Reply(status=500), asks, too_long]
        client.get(server.url)
    assert pauses == [1.0, 2.0, 7.0, 60.0]


def test_a_body_that_comes_too_slowly_is_given_up(client_of: ClientOf) -> None:
    with served(truth) as server:
        server.faults = [Reply(b"x" * 100, pieces=100, pause=0.05)]
        began = time.monotonic()
        client_of(server, body_seconds=0.2).get(f"{server.url}/a")
        assert time.monotonic() - began < 3
        assert len(server.requests) == 2


def test_a_body_that_is_too_large_is_refused(client_of: ClientOf) -> None:
    with served(lambda _: Reply(b"x" * 200_000)) as server:
        with pytest.raises(SourceError, match="more than 1000 bytes"):
            client_of(server).get(server.url, most_bytes=1000)
        assert len(server.requests) == 1


def test_a_packed_body_is_refused(client_of: ClientOf) -> None:
    packed = Reply(b"\x1f\x8b", headers={"Content-Encoding": "gzip"})
    with served(lambda _: packed) as server, pytest.raises(SourceError, match="gzip"):
        client_of(server).get(server.url)


def test_a_login_page_is_not_json(client_of: ClientOf) -> None:
    page = Reply(b"<!DOCTYPE html><html><head><title>EU Login</title>")
    with served(lambda _: page) as server, pytest.raises(SourceError, match="EU Login"):
        client_of(server).get(server.url).json()


def test_redirects_are_followed_and_checked(client_of: ClientOf) -> None:
    def answers(request: Request) -> Reply:
        places = {"/a": "b", "/private": "http://127.0.0.1:1/", "/round": "/round"}
        place = places.get(request.path)
        return Reply(status=302, headers={"Location": place}) if place else truth(request)

    with served(answers) as server:
        client = client_of(server)
        assert client.get(f"{server.url}/a").json() == {"path": "/b"}
        with pytest.raises(ForbiddenAddress):
            client.get(f"{server.url}/private")
        with pytest.raises(SourceError, match="redirects"):
            client.get(f"{server.url}/round")


def test_a_redirect_to_another_host_does_not_take_the_token_along(client_of: ClientOf) -> None:
    with served(truth) as other:
        away = Reply(status=302, headers={"Location": f"http://localhost:{other.url[-5:]}/x"})
        with served(lambda _: away) as server:
            client = client_of(server)
            client.trusted |= {other.host, f"localhost:{other.url[-5:]}"}
            client.get(server.url, headers={"Authorization": "Bearer secret"})
            assert server.requests[0].headers["authorization"] == "Bearer secret"
            assert "authorization" not in other.requests[0].headers


def test_a_request_that_orders_something_is_sent_once(client_of: ClientOf) -> None:
    with served(truth) as server:
        server.faults = [Reply(status=500)]
        with pytest.raises(SourceUnavailable):
            client_of(server).post(server.url, body=b"{}", content_type="application/json", tries=1)
        assert len(server.requests) == 1


def test_nobody_listens(client_of: ClientOf) -> None:
    with served(truth) as server:
        pass
    with pytest.raises(SourceUnavailable):
        client_of(server, tries=2).get(server.url)
