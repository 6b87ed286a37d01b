"""manage.py beside `make demo`: no variable has to be set by hand, and one that is set holds."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.layout import ROOT
from ops.running_demonstration import SAID_OTHERWISE
from tests.ops.clone import Clone

DJANGO = """
import os

def execute_from_command_line(arguments):
    names = ("DATABASE_URL", "REDIS_URL", "RASTER_STORE", "SITE_URL", "SECRET_KEY_FILE")
    print(*arguments[1:], *(f"{name}={os.environ.get(name)}" for name in names), sep="\\n")
"""


@pytest.fixture
def clone(open_folder: Path) -> Iterator[Clone]:
    clone = Clone(open_folder)
    yield clone
    clone.run("stop")


def manage(clone: Clone, *words: str, **said: str) -> subprocess.CompletedProcess[str]:
    """The real manage.py of a clone, with a Django that tells what it was given."""
    (clone.folder / "manage.py").write_text((ROOT / "manage.py").read_text())
    (clone.folder / "django" / "core").mkdir(parents=True, exist_ok=True)
    for package in ("django", "django/core"):
        (clone.folder / package / "__init__.py").touch()
    (clone.folder / "django" / "core" / "management.py").write_text(DJANGO)
    (clone.folder / "django" / "core" / "exceptions.py").write_text(
        "class ImproperlyConfigured(Exception):\n    pass\n"
    )
    environment = {k: v for k, v in clone.environment().items() if k not in SAID_OTHERWISE}
    return subprocess.run(
        [sys.executable, str(clone.folder / "manage.py"), *words],
        env=environment | said,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_command_without_variables_uses_the_demonstration_that_runs(clone: Clone) -> None:
    assert clone.run("demo", DETACH="1").returncode == 0
    done = manage(clone, "upload_zones", "a b.zip")
    local = clone.folder.resolve() / ".local"
    command, file, database, redis, store, site, key = done.stdout.splitlines()
    assert (command, file) == ("upload_zones", "a b.zip")
    assert database.startswith("DATABASE_URL=postgresql://clcplus@/")
    assert redis.startswith("REDIS_URL=unix://:")
    assert store == f"RASTER_STORE={local / 'rasters'}"
    assert site == f"SITE_URL=http://127.0.0.1:{clone.port}"
    assert key == f"SECRET_KEY_FILE={local / 'secret-key'}"
    assert done.stderr == (
        "note: no servers are named, so this is the demonstration at "
        f"http://127.0.0.1:{clone.port}\n"
    )
    for name in SAID_OTHERWISE:
        done = manage(clone, "check", **{name: "said"})
        assert done.stderr == "", name
        assert f"SITE_URL={None}" in done.stdout

    clone.run("stop")
    done = manage(clone, "check")
    assert (done.stderr, "DATABASE_URL=None" in done.stdout) == ("", True)


def test_servers_that_only_the_demonstration_was_told_are_not_guessed(clone: Clone) -> None:
    given = {"DATABASE_URL": "postgresql://u@db.example/x", "REDIS_URL": "redis://cache.example/0"}
    assert clone.run("demo", DETACH="1", **given).returncode == 0
    assert "DATABASE_URL=None" in manage(clone, "check").stdout
