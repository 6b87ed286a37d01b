"""`/metrics` of the web server: one sum of its processes, few series, and not for the world."""

from __future__ import annotations

import http.client
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.test import Client, override_settings
from prometheus_client.parser import text_string_to_metric_families

from clcplus.monitoring import request_counts
from ops import commands
from ops.layout import ROOT
from ops.processes import wait_until
from tests.security.routes import all_routes
from tests.security.site import Site
from tests.workers import environment
from tests.world import World

pytestmark = pytest.mark.django_db

TOKEN = {"Authorization": "Bearer a-token-of-the-watchers"}
ZONES = ("07001", "07002", "07101", "07102")


def asked(
    connection: http.client.HTTPConnection, path: str, headers: dict[str, str] | None = None
) -> tuple[int, str]:
    with closing(connection) as asking:
        asking.request("GET", path, headers=headers or {})
        answer = asking.getresponse()
        return answer.status, answer.read().decode()


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (one.name, tuple(sorted(one.labels.items()))): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def requests_of(text: str, route: str, *, method: str = "GET", status: str = "2xx") -> float:
    labels = (("method", method), ("route", route), ("status", status))
    return samples(text).get(("clcplus_requests_total", labels), 0)


def by_socket(path: Path) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection("127.0.0.1", timeout=30)
    connection.sock = socket.socket(socket.AF_UNIX)
    try:
        connection.sock.connect(str(path))
    except OSError:
        connection.close()
        raise
    return connection


def test_each_process_tells_the_sum_of_all(site: Site, world: World) -> None:
    before = asked(site.connection(), "/metrics")[1]
    for number in range(40):
        assert site.get(f"/territories/commune/{ZONES[number % 3]}/") == 200
    assert site.get("/territories/commune/nowhere/") == 404
    after = [asked(site.connection(), "/metrics")[1] for _ in range(12)]
    told = {requests_of(text, "territory") - requests_of(before, "territory") for text in after}
    assert told == {40}
    assert requests_of(after[0], "territory", status="4xx") == 1
    # Those that the check of the site has made are other routes.
    assert requests_of(after[0], "healthz") >= 1
    assert requests_of(after[-1], "metrics") >= 11


def test_no_zone_and_no_address_has_a_series(site: Site, world: World) -> None:
    for path in (
        *(f"/territories/commune/{code}/" for code in ZONES),
        *(f"/api/v1/nowhere/{number}" for number in range(30)),
        *(f"/nowhere-{number}/?q={number}" for number in range(30)),
        "/static/build/nowhere.js",
    ):
        site.get(path)
    with closing(site.connection()) as asking:
        for method in ("PROPFIND", "X" * 60, "get"):
            asking.request(method, "/")
            asking.getresponse().read()
    _, text = asked(site.connection(), "/metrics")
    assert not any(code in text for code in ZONES)
    assert "nowhere-" not in text
    assert "PROPFIND" not in text
    assert "XXX" not in text
    found = [labels for name, labels in samples(text) if name == "clcplus_requests_total"]
    routes = {dict(labels)["route"] for labels in found}
    assert {"territory", request_counts.NOWHERE, request_counts.STATIC} <= routes
    assert {dict(labels)["method"] for labels in found} <= {"GET", "HEAD", request_counts.OTHER}
    assert len(routes) < len(all_routes())
    kinds = {dict(labels)["kind"] for name, labels in samples(text) if "errors_total" in name}
    assert "NothingHere" in kinds


def test_the_proxy_lets_nobody_in_who_comes_from_elsewhere(site: Site) -> None:
    assert asked(site.connection(), "/metrics")[0] == 200
    spellings = (
        "/metrics",
        "//metrics",
        "/%6detrics",
        "/x/../metrics",
        "/metrics/",
        "/./metrics?a=b",
    )
    for header in ("X-Forwarded-For", "Forwarded"):
        for path in spellings:
            for more in ({}, TOKEN):
                status, text = asked(
                    site.connection(), path, {header: "203.0.113.9", "Host": "127.0.0.1", **more}
                )
                assert status in {301, 302, 404}, path
                assert "clcplus_requests" not in text


def test_at_the_socket_only_the_token_helps(site: Site) -> None:
    from ops.proxy import Proxy

    web_socket = Proxy(site.place, site.port).web_socket
    wrong = ("", "Bearer", "Bearer ", "Bearer x", "Bearer é", f"Basic {TOKEN['Authorization'][7:]}")
    for sent in wrong:
        headers = {"Authorization": sent.encode().decode("iso-8859-1")} if sent else {}
        assert asked(by_socket(web_socket), "/metrics", headers)[0] == 403
    status, text = asked(by_socket(web_socket), "/metrics", TOKEN)
    assert status == 200
    assert "clcplus_requests_total" in text


@pytest.mark.parametrize(
    ("address", "more", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("::ffff:127.0.0.1", {}, 200),
        ("10.1.2.3", {}, 200),
        ("203.0.113.9", {}, 403),
        ("2001:db8::1", {}, 403),
        ("", {}, 403),
        # A proxy on this machine that nobody has told the platform of.
        ("127.0.0.1", {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}, 403),
        ("127.0.0.1", {"HTTP_FORWARDED": "for=203.0.113.9"}, 403),
    ],
)
def test_who_is_near_may_read(
    client: Client, address: str, more: dict[str, str], status: int
) -> None:
    with override_settings(METRICS_NETWORK="10.0.0.0/8"):
        answer = client.get("/metrics", REMOTE_ADDR=address, **more)
    assert answer.status_code == status
    if status == 403:
        assert answer["Content-Type"] == "application/problem+json"
        assert b"127.0.0" not in answer.content


def test_a_token_that_cannot_be_read_opens_nothing(client: Client, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.write_text("\n")
    for file in (tmp_path / "none", empty, tmp_path):
        with override_settings(METRICS_TOKEN_FILE=file):
            for sent in ("Bearer ", "Bearer None", "Bearer \n"):
                answer = client.get(
                    "/metrics", REMOTE_ADDR="203.0.113.9", headers={"Authorization": sent}
                )
                assert answer.status_code == 403


def test_tls_is_not_asked_of_who_watches(client: Client) -> None:
    with override_settings(SECURE_SSL_REDIRECT=True):
        assert client.get("/metrics").status_code == 200
        assert client.get("/").status_code == 301


@contextmanager
def replaced_often(folder: Path) -> Iterator[tuple[Path, subprocess.Popen[bytes]]]:
    """The web server, whose processes have had enough after some ten requests."""
    words = commands.web(f"unix:{folder / 'web.sock'}")
    for name in ("--max-requests", "--max-requests-jitter"):
        words[words.index(name) + 1] = "8"
    static = folder / "static"
    static.mkdir()
    (static / "staticfiles.json").write_text('{"paths": {}, "version": "1.1", "hash": ""}')
    more = {"DEBUG": "0", "STATIC_ROOT": str(static), "TMPDIR": str(folder)}
    more["METRICS_TOKEN_FILE"] = str(folder / "token")
    (folder / "token").write_text("a-token-of-the-watchers")
    with (folder / "log").open("wb") as output:
        web = subprocess.Popen(
            [sys.executable, "-m", *words],
            env=environment() | more,
            cwd=ROOT,
            stdout=output,
            stderr=output,
        )
    try:
        yield folder / "web.sock", web
    finally:
        web.send_signal(signal.SIGTERM)
        web.wait(30)


def test_processes_that_are_replaced_leave_their_counts_and_no_files(tmp_path: Path) -> None:
    def answers(path: str, headers: dict[str, str] | None = None) -> str | None:
        try:
            status, text = asked(by_socket(tmp_path / "web.sock"), path, headers)
        except (OSError, http.client.HTTPException):
            return None  # its process has just had enough
        return text if status == 200 else None

    with replaced_often(tmp_path):
        assert wait_until(lambda: answers("/healthz") is not None, 60.0, pause=0.2)
        text = answers("/metrics", TOKEN)
        assert text is not None
        before, answered = requests_of(text, "healthz"), 0
        for _ in range(150):
            answered += answers("/healthz") is not None
        (folder,) = tmp_path.glob("clcplus-counts-*")
        log = (tmp_path / "log").read_text()
        assert log.count("Booting worker") > 10
        files = list(folder.glob("*.db"))
        # Two for each process that lives, and for one that overlaps with its successor.
        assert 2 <= len(files) <= 2 * 9
        assert wait_until(
            lambda: requests_of(answers("/metrics", TOKEN) or "", "healthz") == before + answered,
            10.0,
        )
        assert answered > 100
    assert not folder.exists()


BEGUN = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "clcplus.settings"
from clcplus.monitoring import shared_counts
shared_counts.begin()
print("begun", flush=True)
sys.stdin.readline()
"""


def test_what_a_killed_server_has_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    def begun() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", BEGUN],
            env=environment() | {"TMPDIR": str(tmp_path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        return process

    (tmp_path / "clcplus-counts-link").symlink_to(tmp_path)
    killed, living = begun(), begun()
    killed.kill()
    killed.communicate()
    folders = set(tmp_path.glob("clcplus-counts-*"))
    last = begun()
    now = set(tmp_path.glob("clcplus-counts-*"))
    assert len(folders) == len(now) == 3
    assert len(folders & now) == 2
    for process in (living, last):
        process.communicate(b"\n")
        assert process.returncode == 0
    assert [one.name for one in tmp_path.iterdir()] == ["clcplus-counts-link"]


def seconds_of_scrapes(site: Site) -> float:
    """The usual time of a scrape, with the proxy."""
    seconds = []
    for _ in range(15):
        began = time.perf_counter()
        assert asked(site.connection(), "/metrics")[0] == 200
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


@pytest.mark.alone
def test_a_scrape_is_cheap(site: Site, world: World) -> None:
    for path in ("/", "/territories/", "/api/v1/", "/editions/", "/method/", "/zones/"):
        for _ in range(8):
            site.get(path)
    quiet = seconds_of_scrapes(site)
    over = threading.Event()

    def browse() -> None:
        while not over.is_set():
            site.get("/territories/commune/07001/")

    readers = [threading.Thread(target=browse) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        busy = seconds_of_scrapes(site)
    finally:
        over.set()
        for reader in readers:
            reader.join()
    print(f"a scrape: {quiet * 1000:.1f} ms, {busy * 1000:.1f} ms while readers browse")
    assert quiet < 0.05
    # Readers hold the processor.
    assert busy < 0.2
