"""Advisories are compared where their list can be asked; elsewhere it is said that they are not."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ops import advisories
from ops.problems import Problem

Answer = Callable[[str], tuple[int, bytes]]
WEAKNESS = {
    "id": "GHSA-test-test-test",
    "summary": "x",
    "details": "x",
    "aliases": [],
    "affected": [
        {
            "package": {"name": "affine", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "9.9"}]}],
            "versions": ["3.0.1"],
        }
    ],
}


@contextmanager
def served(answer: Answer) -> Iterator[str]:
    """A list of advisories that answers so to the name of a package."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, text = answer(body["package"]["name"])
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def locks(tmp_path: Path) -> Path:
    folder = tmp_path / "requirements"
    folder.mkdir()
    (folder / "runtime.txt").write_text(f"affine==3.0.1 \\\n    --hash=sha256:{'a' * 64}\n")
    return folder


def known(*weak: str) -> Answer:
    found = json.dumps({"vulns": [WEAKNESS]}).encode()
    return lambda name: (200, found if name in {"jinja2", *weak} else b"{}")


def test_packages_without_advisories(locks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with served(known()) as url:
        assert advisories.check(url=url, folder=locks)
    assert "none for 1 packages" in capsys.readouterr().out


def test_a_package_with_one_is_named(locks: Path) -> None:
    with (
        served(known("affine")) as url,
        pytest.raises(Problem, match=r"affine 3\.0\.1: GHSA-test-test-test, mended in 9\.9"),
    ):
        advisories.check(url=url, folder=locks)


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (403, b"no", "status 403"),
        (503, b"", "status 503"),
        (200, b"<html>Please sign in</html>", "no list of advisories"),
        (200, b"[]", "no list of advisories"),
        (200, b"{}", "no advisory where one is known"),
    ],
)
def test_what_is_no_list_is_skipped_aloud(
    locks: Path, capsys: pytest.CaptureFixture[str], status: int, body: bytes, why: str
) -> None:
    with served(lambda _name: (status, body)) as url:
        assert not advisories.check(url=url, folder=locks)
    said = capsys.readouterr().out
    assert "SKIPPED, nothing was compared" in said
    assert why in said


def test_no_server(locks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/"
    assert not advisories.check(url=url, folder=locks)
    assert "SKIPPED" in capsys.readouterr().out


def test_a_list_that_fails_midway_is_no_pass(locks: Path) -> None:
    def answer(name: str) -> tuple[int, bytes]:
        return known()(name) if name == "jinja2" else (500, b"")

    with served(answer) as url, pytest.raises(Problem, match="ended early"):
        advisories.check(url=url, folder=locks)
