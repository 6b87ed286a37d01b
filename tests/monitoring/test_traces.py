"""Traces: from the request to the worker in one trace where a collector is named, else nothing."""

from __future__ import annotations

import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests import workers

pytestmark = pytest.mark.django_db(transaction=True)

# As gunicorn does: the application is loaded once, and answers in a process that was forked.
WEB = """
import os, sys, time
import clcplus.wsgi as site
if os.fork() == 0:
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/healthz", "SERVER_NAME": "127.0.0.1",
               "SERVER_PORT": "80", "wsgi.input": sys.stdin.buffer, "wsgi.url_scheme": "http"}
    list(site.application(environ, lambda *told: None))
    from clcplus.jobs import queue
    queue.send(queue.Step.WORK, "sample", "00000000-0000-0000-0000-000000000001")
    time.sleep(2)
    os._exit(0)
os.wait()
"""
# The client of Redis loads the API by itself where that is installed.
LOADED = """
import sys, clcplus.wsgi, clcplus.tasks
kinds = ("opentelemetry.sdk.trace", "opentelemetry.exporter", "opentelemetry.instrumentation")
print([name for name in sys.modules if name.startswith(kinds)])
"""


class Collector(http.server.ThreadingHTTPServer):
    """Takes traces, and keeps the spans by service: name and trace."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.spans: dict[str, list[tuple[str, bytes]]] = {}

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        told = ExportTraceServiceRequest.FromString(body)
        for resource in told.resource_spans:
            names = {one.key: one.value.string_value for one in resource.resource.attributes}
            kept = self.server.spans.setdefault(names["service.name"], [])
            for scope in resource.scope_spans:
                kept += [(span.name, span.trace_id) for span in scope.spans]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def ran(program: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        env={**workers.environment(), "ALLOWED_HOSTS": "127.0.0.1", **more},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_request_and_its_task_are_one_trace(
    collector: Collector,
    store: Path,
    empty_queue: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.address)
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "200")
    with workers.worker(log=tmp_path / "worker.log", processes=1):
        done = ran(WEB, **{name: os.environ[name] for name in os.environ if name[:4] == "OTEL"})
        assert done.returncode == 0, done.stderr
        workers.wait_for(lambda: collector.spans.get("clcplus-worker"), what="spans of the worker")
    web, worker = collector.spans["clcplus-web"], collector.spans["clcplus-worker"]
    assert any("healthz" in name for name, _ in web), web
    (sent,) = [trace for name, trace in web if "work" in name]
    assert sent in {trace for _, trace in worker}


def test_without_a_collector_nothing_of_it_is_loaded() -> None:
    done = ran(LOADED, OTEL_EXPORTER_OTLP_ENDPOINT="")
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr


def test_packages_that_are_missing_are_named_in_one_line() -> None:
    hidden = "import sys; sys.modules['opentelemetry.sdk'] = None\n"
    command = hidden + "from clcplus.monitoring import traces; traces.begin_web()"
    done = ran(command, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1")
    assert done.returncode == 1
    assert "ImproperlyConfigured: OTEL_EXPORTER_OTLP_ENDPOINT: found no package" in done.stderr
    assert "requirements/tracing.txt" in done.stderr.splitlines()[-1]
