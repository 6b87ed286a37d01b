"""Fixtures: a small world, and the web server behind its proxy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import get_finders

from ops.account import of_servers
from ops.places import Place
from tests.ops.conftest import folder_for_servers
from tests.security.site import Site, site_of
from tests.workers import environment
from tests.world import world

__all__ = ["world"]


@pytest.fixture(scope="session")
def site(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """gunicorn's four processes and nginx, on the database of the tests."""
    folder = tmp_path_factory.mktemp("site")
    static = folder / "static"
    static.mkdir()
    (static / "staticfiles.json").write_text(json.dumps(_manifest()))
    token = folder / "token"
    token.write_text("a-token-of-the-watchers\n")
    more = {
        "DEBUG": "0",
        "STATIC_ROOT": str(static),
        "ALLOWED_HOSTS": "127.0.0.1",
        "RASTER_STORE": str(folder / "store"),
        "LOG_FORMAT": "json",
        "METRICS_TOKEN_FILE": str(token),
    }
    with folder_for_servers() as home:
        place = Place(home / ".local", of_servers())
        with site_of(place, environment() | more, log=Path(folder / "web.log")) as running:
            yield running


def _manifest() -> dict[str, object]:
    """What `collectstatic` writes, of files that keep their names."""
    names = [name for finder in get_finders() for name, _ in finder.list([])]
    return {"paths": dict(zip(names, names, strict=True)), "version": "1.1", "hash": ""}
