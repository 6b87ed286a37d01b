"""Programs that ask again and again on one connection: none loses a request, neither between two
questions, nor while workers of the web server are replaced, nor when the site is stopped."""

from __future__ import annotations

import http.client
import http.server
import socketserver
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from clcplus.actions import api_tokens
from clcplus.api.jobs.views import RETRY_SECONDS
from clcplus.models import Run
from clcplus.models.api_token import Scope
from ops import commands
from ops.layout import ROOT
from ops.places import Place
from ops.processes import wait_until
from ops.proxy import Proxy
from tests.security.site import free_port, site_of
from tests.workers import environment

CLIENTS, QUESTIONS = 30, 4
USUAL = commands.web


def replaced_often(address: str) -> list[str]:
    """The web server, whose workers have had enough after some ten requests."""
    words = USUAL(address)
    for name in ("--max-requests", "--max-requests-jitter"):
        words[words.index(name) + 1] = "8"
    return [*words, "--log-level", "info"]


@pytest.fixture
def settings_of_web(tmp_path: Path) -> dict[str, str]:
    static = tmp_path / "static"
    static.mkdir()
    (static / "staticfiles.json").write_text('{"paths": {}, "version": "1.1", "hash": ""}')
    more = {"DEBUG": "0", "STATIC_ROOT": str(static), "ALLOWED_HOSTS": "127.0.0.1"}
    return environment() | more


@pytest.fixture
def job() -> tuple[str, dict[str, str]]:
    """The address of a job that is under way, and the header that it is asked with."""
    user = User.objects.create_superuser("owner")
    key = api_tokens.create(account=user, name="tests", by="tests", scopes=Scope.values)[1]
    run = Run.objects.create(kind=Run.Kind.ZONES, state=Run.State.RUNNING)
    return f"/api/v1/jobs/{run.pk}/", {"Authorization": f"Bearer {key}"}


@contextmanager
def web_without_proxy(settings: dict[str, str], log: Path) -> Iterator[int]:
    """The web server itself, on a port of the loopback."""
    port = free_port()
    with log.open("wb") as output:
        web = subprocess.Popen(
            [sys.executable, "-m", *replaced_often(f"127.0.0.1:{port}")],
            env=settings,
            cwd=ROOT,
            stdout=output,
            stderr=output,
        )
    try:
        assert wait_until(lambda: "Booting worker" in log.read_text(), 60.0, pause=0.2)
        yield port
    finally:
        web.terminate()
        web.wait(30)


def asked(port: int, path: str, headers: dict[str, str], *, pause: float) -> Counter[object]:
    """What clients were told that keep their connections and wait as long as a job tells them."""
    told: Counter[object] = Counter()

    def ask(number: int) -> None:
        time.sleep(number * pause / CLIENTS)
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as asking:
            for _ in range(QUESTIONS):
                try:
                    asking.request("GET", path, headers=headers)
                    answer = asking.getresponse()
                    answer.read()
                    told[answer.status] += 1
                except (OSError, http.client.HTTPException) as error:
                    told[type(error).__name__] += 1
                    asking.close()
                time.sleep(pause)

    at_once(ask, CLIENTS)
    return told


def at_once(work: Callable[[int], None], number: int) -> None:
    threads = [threading.Thread(target=work, args=(n,)) for n in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_jobs_are_followed_without_the_proxy(
    settings_of_web: dict[str, str], job: tuple[str, dict[str, str]], tmp_path: Path
) -> None:
    """gunicorn would keep a connection for two seconds: as long as a job tells to wait."""
    log = tmp_path / "web.log"
    with web_without_proxy(settings_of_web, log) as port:
        assert asked(port, *job, pause=RETRY_SECONDS) == {200: CLIENTS * QUESTIONS}
    assert log.read_text().count("Autorestarting worker") >= 4


@pytest.mark.django_db(transaction=True)
def test_jobs_are_followed_through_the_proxy(
    place: Place,
    settings_of_web: dict[str, str],
    job: tuple[str, dict[str, str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(commands, "web", replaced_often)
    log = tmp_path / "web.log"
    with site_of(place, settings_of_web, log=log) as site:
        for pause in (0.0, 0.5):
            assert asked(site.port, *job, pause=pause) == {200: CLIENTS * QUESTIONS}
    assert log.read_text().count("Autorestarting worker") >= 8


class _Slow(http.server.BaseHTTPRequestHandler):
    """Answers after a second, or at once."""

    def do_GET(self) -> None:
        if self.path == "/slow":
            time.sleep(1.0)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"answer")

    def log_message(self, *_words: object) -> None:
        """Nobody is told."""


@contextmanager
def proxy_of_slow_web(place: Place) -> Iterator[tuple[Proxy, Callable[[], None]]]:
    """A proxy before a slow server, and what stops it as the supervisor does."""
    proxy = Proxy(place, free_port())
    place.make_runtime()
    with socketserver.ThreadingUnixStreamServer(str(proxy.web_socket), _Slow) as web:
        proxy.web_socket.chmod(0o777)
        threading.Thread(target=web.serve_forever).start()
        child = proxy.start()
        try:
            yield proxy, child.stop
        finally:
            child.stop()
            web.shutdown()
            proxy.web_socket.unlink()
            place.release()


def test_a_proxy_that_is_stopped_answers_what_it_was_asked(place: Place) -> None:
    with (
        proxy_of_slow_web(place) as (proxy, stop),
        closing(http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=10)) as asking,
    ):
        asking.request("GET", "/slow")
        time.sleep(0.3)
        stop()
        answer = asking.getresponse()
        assert (answer.status, answer.read()) == (200, b"answer")


def test_a_client_that_asks_every_half_minute_keeps_its_connection(place: Place) -> None:
    with (
        proxy_of_slow_web(place) as (proxy, _stop),
        closing(http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=10)) as asking,
    ):
        asking.request("GET", "/")
        asking.getresponse().read()
        first = asking.sock
        time.sleep(31)
        asking.request("GET", "/")
        assert asking.getresponse().read() == b"answer"
        assert asking.sock is first is not None
