"""The private PostgreSQL and Redis start from whatever state they were left in."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from ops.places import Place
from ops.postgresql import Cluster
from ops.processes import Identity, living_in, wait_until
from ops.redis_server import Redis
from ops.services import Services


@pytest.fixture
def services(place: Place) -> Iterator[Services]:
    """Both servers, started."""
    services = Services(place.home, durable=False)
    services.start()
    yield services
    services.stop()


def query(url: str, statement: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(statement).fetchone()  # type: ignore[call-overload]
    return row[0] if row else None


def test_servers_are_private(services: Services) -> None:
    """Neither listens on a network, both run without root's rights, behind a closed folder."""
    url = services.cluster.url()
    assert query(url, "SHOW listen_addresses") == ""
    client = redis.Redis.from_url(services.redis.url())
    assert client.config_get("port") == {"port": "0"}
    client.close()
    for child in services.children:
        owner = Path(f"/proc/{child.popen.pid}").stat().st_uid
        assert owner == services.place.account.uid != 0
    assert services.place.runtime.stat().st_mode & 0o777 == 0o700


def test_database_is_ready_for_the_platform(services: Services) -> None:
    url = services.cluster.url()
    extensions = (
        "SELECT count(*) FROM pg_extension WHERE extname IN ('postgis','unaccent','pg_trgm')"
    )
    assert query(url, extensions) == 3
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE test_of_its_own")
        connection.execute("CREATE TABLE figures AS SELECT 42 AS cells")
    assert query(url.replace("/clcplus?", "/test_of_its_own?"), extensions) == 3
    reader = services.cluster.url("clcplus_reader")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        query(reader, "SELECT cells FROM figures")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("GRANT ALL ON figures TO clcplus_reader")
    assert query(reader, "SELECT cells FROM figures") == 42
    with (
        psycopg.connect(reader) as connection,
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
    ):
        connection.execute("DELETE FROM figures")


def test_names_sort_as_people_expect(services: Services) -> None:
    names = "(VALUES ('Zell'), ('Äschach'), ('aub'))"
    statement = f"SELECT string_agg(name, ' ' ORDER BY name) FROM {names} AS town(name)"
    assert query(services.cluster.url(), statement) == "Äschach aub Zell"


def test_half_made_cluster_is_made_anew(place: Place) -> None:
    half_made = place.data("postgresql") / "data.new"
    half_made.mkdir()
    (half_made / "PG_VERSION").write_text("15\n")
    cluster = Cluster(place, durable=False)
    child = cluster.start()
    try:
        assert not half_made.exists()
        assert query(cluster.url(), "SELECT postgis_version()")
    finally:
        child.stop()


def test_half_furnished_database_is_completed(services: Services) -> None:
    with psycopg.connect(services.cluster.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS cells")
        connection.execute("GRANT SELECT ON kept TO clcplus_reader")
    superuser = services.cluster.url("postgres")
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("DROP EXTENSION pg_trgm")
    services.stop()
    services.start()
    assert query(superuser, "SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'") == 1
    assert query(services.cluster.url("clcplus_reader"), "SELECT cells FROM kept") == 7


def test_killed_server_starts_again_beside_a_recycled_number(place: Place) -> None:
    """Its lock file names a process of the same account that is another one."""
    services = Services(place.home, durable=True)
    services.start()
    url = services.cluster.url()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS cells")
    server = services.children[0]
    os.kill(server.popen.pid, signal.SIGKILL)
    server.popen.wait()
    data = services.cluster.data
    assert wait_until(lambda: not living_in(data), 10)
    account = services.place.account
    with subprocess.Popen(["sleep", "60"], cwd="/", **account.drop()) as other:
        for lock in (data / "postmaster.pid", services.place.runtime / ".s.PGSQL.5432.lock"):
            lines = lock.read_text().splitlines()
            lock.write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")
        try:
            services.stop()
            services.start()
            assert other.poll() is None
            assert query(url, "SELECT cells FROM kept") == 7
        finally:
            other.kill()
            services.stop()


def test_server_left_running_is_replaced(services: Services) -> None:
    """As after a supervisor that was killed: the new one ends the old one first."""
    old = [child.record.identity for child in services.children]
    again = Services(services.home, durable=False)
    again.start()
    try:
        for child in services.children:
            child.popen.poll()
        assert not any(identity.alive for identity in old)
        assert query(again.cluster.url(), "SELECT 1") == 1
    finally:
        again.stop()


def test_left_over_socket_of_redis_is_no_obstacle(place: Place) -> None:
    server = Redis(place)
    place.make_runtime()
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(server.socket))
    child = server.start()
    client = redis.Redis.from_url(server.url())
    try:
        assert client.ping()
        assert client.set("task", "queued")
    finally:
        client.close()
    os.kill(child.popen.pid, signal.SIGKILL)
    child.popen.wait()
    child = server.start()
    client = redis.Redis.from_url(server.url())
    try:
        assert client.get("task") == b"queued"
    finally:
        client.close()
        child.stop()


def test_stop_leaves_no_process(place: Place) -> None:
    services = Services(place.home, durable=False)
    services.start()
    identities = [child.record.identity for child in services.children]
    members = [member for identity in identities for member in identity.group()]
    services.stop()
    assert not any(one.alive for one in [*identities, *members])
    assert not living_in(services.cluster.data)
    assert list((place.home / "run").iterdir()) == []


def test_identity_of_a_started_server_is_written_down(services: Services) -> None:
    assert len(services.children) == 2
    for child in services.children:
        assert child.record.identity == Identity.of(child.popen.pid)
