"""Fixtures of the platform: Django, its databases, its queue. Tests of the engine run without.

A plugin that tests/conftest.py loads where pytest-django is active.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from django.contrib.gis.db.backends.postgis.operations import PostGISOperations
from django.http.response import HttpResponseBase
from django.test import Client, override_settings

from clcplus.database import read_side
from clcplus.http import request_text


@pytest.fixture(scope="session", autouse=True)
def plain_static_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Static files keep their names: the manifest is `collectstatic`'s, which no test needs."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(
        STATIC_ROOT=str(tmp_path_factory.mktemp("static")),
        STORAGES={**settings.STORAGES, "staticfiles": plain},
    ):
        yield


@pytest.fixture(scope="session", autouse=True)
def no_limit_of_downloads() -> Iterator[None]:
    """All tests come from one address, and fetch more in a minute than one reader may."""
    with override_settings(DOWNLOADS_PER_MINUTE=0, POSTED_ZONES_PER_MINUTE=0):
        yield


@pytest.fixture(scope="session", autouse=True)
def pages_made_anew() -> Iterator[None]:
    """No page is kept: tests change what pages are made of without publishing anything."""
    with override_settings(PAGES_KEPT_MB=0):
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Django's own hashing takes half a second for each account and each time it signs in."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session", autouse=True)
def requests_of_the_server() -> Iterator[None]:
    """The tests' client makes its requests as the server does (clcplus.wsgi)."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("django.test.client.WSGIRequest", request_text.Request)
        yield


@pytest.fixture(scope="session", autouse=True)
def tables_emptied_row_by_row() -> Iterator[None]:
    """A test that commits leaves few rows: to delete them takes PostgreSQL a hundredth of the time
    that new files for all tables and indexes take, as TRUNCATE makes them."""
    truncated = PostGISOperations.sql_flush

    def sql_flush(
        self: PostGISOperations, style: Any, tables: list[str], **options: Any
    ) -> list[str]:
        if options.get("reset_sequences"):
            return truncated(self, style, tables, **options)
        return [f"DELETE FROM {self.quote_name(table)}" for table in tables]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(PostGISOperations, "sql_flush", sql_flush)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """The read side's connections are closed before the test database is dropped."""
    yield
    read_side.dispose()


@pytest.fixture(autouse=True)
def closed_responses(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close the streams that a test asked for, as a server does, also where it left them unread.

    A stream that nobody closes keeps its snapshot open until the garbage collector comes by: the
    tables cannot be emptied meanwhile, and the test that empties them waits for ever.
    """
    answers: list[HttpResponseBase] = []
    ask = Client.request

    def request(self: Client, **asked: Any) -> Any:
        answers.append(ask(self, **asked))
        return answers[-1]

    monkeypatch.setattr(Client, "request", request)
    yield
    for answer in answers:
        if answer.streaming:
            answer.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Path]:
    """An empty store of rasters."""
    with override_settings(RASTER_STORE=str(tmp_path / "store")):
        yield tmp_path / "store"


@pytest.fixture
def quiet_broker(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, object]]:
    """Messages are noted instead of queued: the test does the work itself."""
    sent: list[tuple[str, str, object]] = []
    monkeypatch.setattr("clcplus.jobs.queue.send", lambda *message, **_: sent.append(message))
    return sent


@pytest.fixture
def empty_queue() -> None:
    """No task of an earlier test waits for the worker."""
    current_app.control.purge()
