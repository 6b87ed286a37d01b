"""Readers of uploads that are in the hands of an attacker; connections that outlive a request."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from analytics.uploads.confinement import fork_client
from analytics.uploads.confinement.process import read_upload
from analytics.uploads.errors import UploadError

Attack = Callable[..., str]


@pytest.fixture(scope="session")
def _hijacked_server() -> Iterator[fork_client.ForkServer]:
    command = (sys.executable, "-P", "-s", "-m", "tests.security.hijacked_readers")
    server = fork_client.ForkServer(fork_client.environment(), command=command)
    yield server
    server.close()


@pytest.fixture
def attack(
    _hijacked_server: fork_client.ForkServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Attack:
    """Runs Python code in a reader, as a file could that has taken it over: what it gave to
    ``result``, or the name of the OSError that it met."""

    def run(code: str, **limits: Any) -> str:
        monkeypatch.setattr(fork_client, "_shared", _hijacked_server)
        path = tmp_path / "attack"
        path.write_text(dedent(code), "utf-8")
        with pytest.raises(UploadError) as caught:
            read_upload(path, **limits)
        assert caught.value.code == "attacked", caught.value
        return caught.value.found

    return run


@pytest.fixture
def kept_connection() -> Iterator[None]:
    """Requests leave the connection open, as those of the tests' own client do: it has the
    transaction of the test."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
