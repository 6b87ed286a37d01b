"""Attack: another account of the machine reads uploads, rasters, logs or secrets below ``.local``,
or talks to the private Redis."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from analytics.rasters.store import FolderStore
from clcplus import environment
from ops import account, platform_environment, privacy
from ops.places import Place
from ops.services import Services
from tests.ops.clone import Clone
from tests.ops.conftest import open_folder, place  # noqa: F401 - fixtures

OTHERS = stat.S_IRWXO
GROUP_AND_OTHERS = stat.S_IRWXG | OTHERS


def open_to_others(folder: Path, *, doors: set[Path] | None = None) -> list[str]:
    """What somebody else could read, write or walk through. ``doors`` the servers' account may."""
    found = []
    for path in [folder, *folder.rglob("*")]:
        mode = path.lstat().st_mode
        forbidden = (
            OTHERS | stat.S_IRWXG & ~stat.S_IXGRP if path in (doors or ()) else (GROUP_AND_OTHERS)
        )
        if not stat.S_ISLNK(mode) and mode & forbidden and closed_above(path, folder):
            found.append(f"{stat.filemode(mode)} {path.relative_to(folder)}")
    return found


def closed_above(path: Path, folder: Path) -> bool:
    """PostgreSQL and Redis close the folder above what they leave open inside."""
    owner = account.of_servers().uid
    inside = [one for one in path.parents if folder in one.parents]
    return not any(one.lstat().st_uid == owner and owner != os.geteuid() for one in inside)


@pytest.fixture
def clone(open_folder: Path) -> Iterator[Clone]:  # noqa: F811
    clone = Clone(open_folder)
    yield clone
    clone.run("stop")


def test_nothing_below_local_is_open_after_a_start(clone: Clone) -> None:
    """Also what an earlier version left open, and with the usual umask."""
    local = clone.folder / ".local"
    old = local / "rasters" / "uploads" / "stranger"
    old.parent.mkdir(parents=True)
    old.write_text("private")
    for path in (local, old.parent.parent, old.parent):
        path.chmod(0o755)
    old.chmod(0o644)
    before = os.umask(0o022)
    try:
        started = clone.run("demo", DETACH="1")
    finally:
        os.umask(before)
    assert started.returncode == 0, started.stderr
    assert open_to_others(local, doors={local}) == []
    names = {path.name for path in (local / "log").iterdir()}
    assert {"web.log", "worker.log", "proxy.log", "redis.log", "supervisor.log"} <= names
    assert old.read_text() == "private"


def test_processes_write_for_their_owner_alone(clone: Clone) -> None:
    started = clone.run("demo", DETACH="1")
    assert started.returncode == 0, started.stderr
    for name in ("web", "worker", "uploads-worker", "beat", "redis", "postgresql", "proxy"):
        status = Path(f"/proc/{clone.identity(name).pid}/status").read_text()
        assert "\nUmask:\t0077\n" in status, name


def test_slots_of_tests_are_closed_and_the_command_keeps_its_umask(clone: Clone) -> None:
    done = subprocess.run(
        [sys.executable, str(clone.folder / "ops" / "with_services.py"), "--", "sh", "-c", "umask"],
        capture_output=True,
        text=True,
        check=True,
        umask=0o022,
    )
    assert done.stdout == "0022\n"
    local = clone.folder / ".local"
    assert open_to_others(local, doors={local, local / "test", local / "test" / "0"}) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_another_account_cannot_enter(clone: Clone) -> None:
    started = clone.run("demo", DETACH="1")
    assert started.returncode == 0, started.stderr
    for path in (".local/log/web.log", ".local/rasters", ".local/secret-key", ".local/run"):
        tried = subprocess.run(
            ["cat", str(clone.folder / path)], user=65534, group=65534, extra_groups=[],
            capture_output=True, check=False,
        )  # fmt: skip
        assert b"Permission denied" in tried.stderr, path


def test_uploads_and_rasters_are_kept_for_their_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        file = tmp_path / "file"
        file.write_text("private")
        file.chmod(0o644)
        store = FolderStore(tmp_path / "a" / "store")
        store.check()
        store.put(file, "uploads/one/stranger.zip")
    finally:
        os.umask(before)
    assert open_to_others(tmp_path / "a") == []
    assert store.read("uploads/one/stranger.zip") == b"private"


def test_redis_asks_for_a_password(place: Place) -> None:  # noqa: F811
    """And the password is on no command line, in no log and in no open file."""
    services = Services(place.home, durable=False)
    settings = services.start()
    try:
        password = services.redis.password
        assert len(password) >= 64
        with socket.socket(socket.AF_UNIX) as stranger:
            stranger.connect(str(services.redis.socket))
            stranger.sendall(b"KEYS *\r\n")
            assert stranger.recv(64).startswith(b"-NOAUTH")
        with redis.Redis.from_url(settings["REDIS_URL"]) as client:
            assert client.ping()
        for child in services.children:
            assert password not in Path(f"/proc/{child.popen.pid}/cmdline").read_text()
            assert password not in child.log.read_text()
        assert (place.home / "redis-password").stat().st_mode & GROUP_AND_OTHERS == 0
        assert (place.data("redis") / "redis.conf").stat().st_mode & GROUP_AND_OTHERS == 0
    finally:
        services.stop()


def test_the_broker_has_the_password() -> None:
    assert (
        environment.celery_broker("unix://:secret@/tmp/redis.sock?db=2")
        == "redis+socket://:secret@/tmp/redis.sock?virtual_host=2"
    )
    assert (
        environment.celery_broker("unix:///tmp/redis.sock")
        == "redis+socket:///tmp/redis.sock?virtual_host=0"
    )


def test_a_worker_of_uploads_has_a_key_that_signs_nothing(tmp_path: Path) -> None:
    platform = platform_environment.of_site({}, tmp_path, address="http://127.0.0.1:8000", own={})
    uploads = platform_environment.of_uploads(platform)
    assert "SECRET_KEY_FILE" not in uploads
    assert uploads["SECRET_KEY"] not in {"", platform.get("SECRET_KEY")}
    assert uploads["SECRET_KEY"] != platform_environment.of_uploads(platform)["SECRET_KEY"]
    shared = {"SECRET_KEY", "SECRET_KEY_FILE"}
    assert {k: v for k, v in uploads.items() if k not in shared} == {
        k: v for k, v in platform.items() if k not in shared
    }


def test_a_worker_of_uploads_is_not_told_of_other_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {
        "EMAIL_URL": "smtps://me:hunter2@mail.example",
        "EMAIL_PASSWORD_FILE": "/secrets/mail",
        "NOTIFY_MAIL": "me@sealing.example",
        "NOTIFY_WEBHOOK": "https://sealing.example/hunter2",
        "NOTIFY_SECRET_FILE": "/secrets/webhook",
        "CLMS_KEY_FILE": "/secrets/key.json",
    }
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    platform = platform_environment.of_site({}, tmp_path, address="http://127.0.0.1:8000", own={})
    assert told.items() <= platform.items()
    uploads = platform_environment.of_uploads(platform)
    assert not told.keys() & uploads.keys()
    assert "hunter2" not in str(uploads)


def test_closing_leaves_links_and_the_servers_folders_alone(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("not ours to change")
    outside.chmod(0o644)
    folder = tmp_path / "local"
    (folder / "door").mkdir(parents=True)
    (folder / "door").chmod(0o710)
    (folder / "link").symlink_to(outside)
    privacy.close(folder, doors=frozenset({folder / "door"}))
    assert outside.stat().st_mode & 0o777 == 0o644
    assert (folder / "door").stat().st_mode & 0o777 == 0o710
    assert folder.stat().st_mode & GROUP_AND_OTHERS == 0
