"""Attack: a file in an upload takes over the worker that reads it. It must find no key and no
password of an administrator there, and nothing to change but uploads; and no password is known."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from clcplus import environment
from ops import container_secrets, proxy
from ops.layout import DATABASE_SQL, ROOT
from ops.places import Place
from ops.postgresql import SUPERUSER, Cluster, installations
from tests.ops.conftest import open_folder, place  # noqa: F401 - fixtures
from tests.security.site import free_port

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
PLATFORM, SERVERS = 10001, 999

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


def volumes(name: str) -> dict[str, str]:
    """What a service mounts: the place of each volume or file."""
    mounted = [volume.split(":") for volume in SERVICES[name]["volumes"]]
    return {at: source + (":ro" if "ro" in mode else "") for source, at, *mode in mounted}


def test_the_worker_of_uploads_mounts_no_secret_of_the_platform() -> None:
    assert SERVICES["uploads-worker"]["command"][5:8] == ["worker", "--queues", "uploads"]
    assert volumes("uploads-worker") == {
        "/data/rasters": "rasters:ro",
        "/data/rasters/uploads": "uploads",
        "/run/passwords": "passwords:ro",
        "/run/uploads-key": "uploads-key:ro",
    }
    others = [name for name, one in SERVICES.items() if "uploads" in str(one.get("command"))]
    assert set(others) - {"secrets"} == {"uploads-worker"}


def test_passwords_of_servers_are_mounted_by_them_alone() -> None:
    mounting: dict[str, set[str]] = {}
    for name in SERVICES:
        for source in volumes(name).values():
            mounting.setdefault(source.removesuffix(":ro"), set()).add(name)
    assert mounting["postgis-passwords"] == {"secrets", "postgis"}
    assert mounting["redis-passwords"] == {"secrets", "redis"}
    assert mounting["uploads-key"] == {"secrets", "uploads-worker"}
    assert mounting["web-socket"] == {"web", "proxy"}
    assert volumes("proxy")["/run/web"] == "web-socket"
    assert set(volumes("proxy")) == {"/run/web", "/etc/clcplus/nginx.conf"}


def test_no_password_is_written_down() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    assert re.findall(r"PASSWORD(?!_FILE:-})\w*:-", text) == []
    assert re.findall(r"//\w*:[^@\s/]+@", text) == []
    given = {
        key for one in SERVICES.values() for key in one.get("environment", {}) if "PASS" in key
    }
    assert all(key.endswith("FILE") for key in given)


@pytest.mark.parametrize("name", list(SERVICES))
def test_no_container_can_gain_rights_or_write_to_its_image(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["pids_limit"] <= 512
    assert any(mount.startswith("/tmp:") for mount in service["tmpfs"])
    needed = {
        "postgis": {"CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"},
        "secrets": {"CHOWN", "DAC_OVERRIDE", "FOWNER"},
    }
    assert set(service.get("cap_add", [])) == needed.get(name, set())


def test_compiled_kernels_lie_where_only_their_account_writes() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    folder = re.search(r"NUMBA_CACHE_DIR=(\S+)", dockerfile)
    assert folder is not None
    parent = str(Path(folder[1]).parent)
    assert not folder[1].startswith("/tmp")
    assert re.search(rf"install -d -o clcplus -g clcplus -m 700 .*{parent}", dockerfile, re.S)
    assert f"{parent}:uid={PLATFORM},gid={PLATFORM},mode=0700" in SERVICES["worker"]["tmpfs"]
    assert f"--uid {PLATFORM} " in dockerfile
    assert (container_secrets.PLATFORM, container_secrets.SERVERS) == (PLATFORM, SERVERS)


def read_as(user: int, file: Path) -> bool:
    done = subprocess.run(
        ["cat", str(file)], user=user, group=user, extra_groups=[], capture_output=True, check=False
    )
    return done.returncode == 0


@pytest.fixture
def filled(open_folder: Path) -> Path:  # noqa: F811
    """The volumes after the first start."""
    for folder in (
        "data/rasters/uploads", "run/passwords", "run/postgis-passwords", "run/redis-passwords",
        "run/uploads-key",
    ):  # fmt: skip
        (open_folder / folder).mkdir(parents=True)
    for folder in (open_folder, open_folder / "run"):
        folder.chmod(0o755)
    container_secrets.main(open_folder)
    return open_folder


@root_only
def test_each_secret_is_read_by_one_account(filled: Path) -> None:
    files = [file for file in filled.rglob("*") if file.is_file()]
    readers = {
        str(file.relative_to(filled)): [u for u in (PLATFORM, SERVERS, 65534) if read_as(u, file)]
        for file in files
    }
    assert readers == {
        "data/secret-key": [PLATFORM],
        "run/passwords/pgpass": [PLATFORM],
        "run/passwords/redis": [PLATFORM],
        "run/uploads-key/key": [PLATFORM],
        "run/postgis-passwords/superuser": [SERVERS],
        "run/postgis-passwords/owner": [SERVERS],
        "run/postgis-passwords/reader": [SERVERS],
        "run/redis-passwords/redis.conf": [SERVERS],
    }


@root_only
def test_secrets_stay_at_a_further_start_and_the_key_of_uploads_does_not(filled: Path) -> None:
    def content() -> dict[str, str]:
        return {str(f): f.read_text() for f in filled.rglob("*") if f.is_file()}

    before = content()
    assert len({text for text in before.values()}) == len(before)
    container_secrets.main(filled)
    changed = {name for name, text in content().items() if before[name] != text}
    assert changed == {str(filled / "run/uploads-key/key")}


@root_only
def test_addresses_take_their_passwords_from_the_files(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = (filled / "run/passwords/redis").read_text()
    monkeypatch.setenv("REDIS_URL", SERVICES["web"]["environment"]["REDIS_URL"])
    monkeypatch.setenv("REDIS_PASSWORD_FILE", str(filled / "run/passwords/redis"))
    assert environment.read().redis == f"redis://:{password}@redis:6379/0"
    pgpass = (filled / "run/passwords/pgpass").read_text()
    owner = (filled / "run/postgis-passwords/owner").read_text()
    assert f"postgis:5432:*:clcplus:{owner}\n" in pgpass
    assert (filled / "run/redis-passwords/redis.conf").read_text() == f"requirepass {password}\n"


def test_the_database_takes_passwords_from_files(place: Place, tmp_path: Path) -> None:  # noqa: F811
    """As the container of PostGIS does at its first start."""
    files = {}
    for role in ("OWNER", "READER"):
        file = tmp_path / role
        file.write_text(f"it's {role}")
        files[f"CLCPLUS_{role}_PASSWORD_FILE"] = str(file)
    cluster = Cluster(place, durable=False)
    server = cluster.start()
    try:
        roles = "SELECT count(rolpassword) FROM pg_authid WHERE rolname LIKE 'clcplus%'"
        with psycopg.connect(cluster.url(SUPERUSER)) as connection:
            assert connection.execute(roles).fetchone() == (0,)
        subprocess.run(
            [
                str(installations()[0].programs / "psql"),
                *("-X", "-q", "-o", "/dev/null", "-h", str(place.runtime)),
                *("-U", SUPERUSER, "-d", "postgres", "-f", str(DATABASE_SQL)),
            ],
            env=place.account.environment(files),
            check=True,
        )
        with psycopg.connect(cluster.url(SUPERUSER)) as connection:
            assert connection.execute(roles).fetchone() == (2,)
    finally:
        server.stop()


def test_the_proxys_configuration_is_one_that_nginx_takes(tmp_path: Path) -> None:
    """The command of the container, with the folders of this machine."""
    service = SERVICES["proxy"]
    given = {name: str(value) for name, value in service["environment"].items()}
    given = {name: re.sub(r"\$\{\w+:-(.*)\}", r"\1", value) for name, value in given.items()}
    asked = set(re.findall(r"\$\{([A-Z_]+)\}", (ROOT / "ops" / "nginx.conf").read_text()))
    assert asked - {"CAPITALS"} == set(given)
    listen = f"127.0.0.1:{free_port()}"
    given |= {"PROXY_FOLDER": str(tmp_path), "PROXY_LISTEN": listen}
    command = service["command"][-1].replace("$$", "$")
    command = command.replace("/etc/clcplus/nginx.conf", str(ROOT / "ops" / "nginx.conf"))
    command = command.replace("/tmp/nginx.conf", str(tmp_path / "nginx.conf"))
    assert command.endswith(f"exec nginx -e stderr -c {tmp_path}/nginx.conf")
    done = subprocess.run(
        ["sh", "-c", f"{command} -t"],
        env={"PATH": f"{os.environ['PATH']}:{proxy.SEARCH}", **given},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "syntax is ok" in done.stderr, done.stderr
    rendered = (tmp_path / "nginx.conf").read_text()
    assert re.findall(r"\$\{[A-Z_]+\}", rendered) in ([], ["${CAPITALS}"])
    assert rendered == proxy.configuration(
        listen=listen, folder=tmp_path, web_socket=Path(given["WEB_SOCKET"])
    )
