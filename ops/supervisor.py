"""Starts the platform's processes in their order, keeps them running, and stops them again."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ops import account, commands, platform_environment, static_files
from ops.interruption import Ended
from ops.layout import LOCAL, LOGS, PYTHON, ROOT, RUN
from ops.places import Place
from ops.privacy import UMASK
from ops.problems import Problem
from ops.processes import Child, end_with_parent, read_record, start, stop_process, tail, wait_until
from ops.proxy import Proxy
from ops.services import Services
from ops.sites import Site
from ops.terminal import say, step

PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)  # before a process that ended is started again
STEADY = 60.0  # seconds after which its earlier ends are forgotten
FIRST_TO_STOP = ("proxy", "web", "beat", "worker", "uploads-worker", "gpu-worker")
ADMIN_PASSWORD = LOCAL / "admin-password"


@dataclass
class Kept:
    """A process that is to run, and how it has fared."""

    name: str
    launch: Callable[[], Child]
    child: Child
    began: float = field(default_factory=time.monotonic)
    ends: int = 0
    again_at: float | None = None

    def tend(self, now: float) -> None:
        """Notice its end; start it again after a pause that grows."""
        if self.again_at is None:
            status = self.child.ended()
            if status is None:
                return
            if now - self.began > STEADY:
                self.ends = 0
            pause = PAUSES[min(self.ends, len(PAUSES) - 1)]
            self.ends += 1
            self.again_at = now + pause
            say(
                f"{self.name} ended ({_in_words(status)}); again in {pause:.0f} s: {self.child.log}"
            )
        elif now >= self.again_at:
            self.again_at = None
            self.began = now
            try:
                self.child = self.launch()
                say(f"{self.name} runs again")
            except Problem as problem:
                say(f"{self.name}: {problem}")


class Supervisor:
    """The processes of a site."""

    def __init__(self, site: Site, port: int) -> None:
        self.site = site
        self.port = port
        self.address = f"http://127.0.0.1:{port}"
        self.services: Services | None = None  # its account comes with the system packages
        self.kept: list[Kept] = []
        self.servers: dict[str, str] = {}
        self.environment: dict[str, str] = {}

    def bring_up(self) -> None:
        """Everything from the servers to a page that answers."""
        self._start_servers()
        self.environment = platform_environment.of_site(
            self.servers, address=self.address, own=self.site.own
        )
        with step("database schema"):
            self._manage(commands.migrate())
        if static_files.changed():
            with step("static files"):
                self._manage(commands.collect_static())
                static_files.note()
        with step("web, proxy, workers, beat"):
            proxy = Proxy(Place(LOCAL, account.of_servers()), self.port)
            proxy.place.make_runtime()
            uploads = platform_environment.of_uploads(self.environment)
            self._keep("worker", commands.worker(), self.environment)
            self._keep("uploads-worker", commands.uploads_worker(), uploads)
            self._keep("beat", commands.beat(), self.environment)
            self._keep("web", commands.web(f"unix:{proxy.web_socket}"), self.environment)
            self.kept.append(Kept("proxy", proxy.start, proxy.start()))
        for load in self.site.loads:
            if load.gpu_worker:
                with step("GPU worker, on whatever device there is"):
                    self._keep("gpu-worker", commands.gpu_worker(), self.environment)
            self._load(load.title, load.words)
        with step("administrator"):
            self._manage(commands.ensure_admin(str(ADMIN_PASSWORD)))
        with step("ready"):
            self._wait_ready()

    def watch(self) -> None:
        """Keep everything running until asked to end."""
        while True:
            self._tend()
            time.sleep(0.5)

    def stop(self) -> None:
        """Stop what was started: the proxy, which has answered what it was asked by then; the
        platform's other processes together; Redis and PostgreSQL."""
        for kept in self.kept:
            if kept.name == "proxy":
                kept.child.stop()
        platform = [kept for kept in self.kept if kept.name in FIRST_TO_STOP]
        for kept in platform:
            kept.child.record.identity.send(kept.child.record.stop_signal)
        for kept in platform:
            kept.child.stop()
        for kept in reversed([kept for kept in self.kept if kept not in platform]):
            kept.child.stop()
        self.kept.clear()
        if self.services is not None:
            self.services.place.release()

    def _start_servers(self) -> None:
        services = self.services = Services(LOCAL)
        if not platform_environment.given(platform_environment.DATABASE):
            with step("PostgreSQL"):
                child = services.cluster.start()
            self.kept.append(Kept("postgresql", services.cluster.start, child))
            self.servers |= services.database_settings()
        if not platform_environment.given(platform_environment.REDIS):
            with step("Redis"):
                child = services.redis.start()
            self.kept.append(Kept("redis", services.redis.start, child))
            self.servers |= services.redis_settings()

    def _keep(self, name: str, words: list[str], environment: dict[str, str]) -> None:
        def launch() -> Child:
            return start(
                [str(PYTHON), "-m", *words],
                name=name,
                records=RUN,
                log=LOGS / f"{name}.log",
                env=environment,
                cwd=ROOT,
            )

        self.kept.append(Kept(name, launch, launch()))

    def _manage(self, words: list[str]) -> None:
        """Run a management command to its end; its output goes to a log."""
        log = LOGS / "manage.log"
        with log.open("ab") as output:
            begins = output.tell()
            done = subprocess.run(
                [PYTHON, "-m", *words],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                umask=UMASK,
                check=False,
            )
        if done.returncode != 0:
            said = tail(log, after=begins)
            raise Problem(f"`manage.py {words[1]}` failed; {log} ends with\n{said}")

    def _load(self, what: str, words: list[str]) -> None:
        """Run a command that shows its own progress; tend to the processes meanwhile."""
        began = time.monotonic()
        parent = os.getpid()
        loading = subprocess.Popen(
            [PYTHON, "-m", *words],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            umask=UMASK,
            preexec_fn=lambda: end_with_parent(parent, signal.SIGTERM),
        )
        try:
            while loading.poll() is None:
                self._tend()
                time.sleep(0.1)
        except Ended:
            loading.terminate()
            loading.wait()
            raise
        if loading.returncode != 0:
            raise Problem(f"{what}: not loaded, see above")
        say(f"{time.monotonic() - began:6.1f} s  {what}")

    def _wait_ready(self) -> None:
        answer = "no answer"

        def ready() -> bool:
            nonlocal answer
            self._tend()
            try:
                with urllib.request.urlopen(f"{self.address}/readyz", timeout=5) as response:
                    return bool(response.status == 200)
            except urllib.error.HTTPError as error:
                said = error.read(500).decode(errors="replace").strip()
                answer = f"{error.code}{'' if said.startswith('<') else ' ' + said}"
            except OSError as error:
                answer = str(error)
            return False

        if not wait_until(ready, 60.0, pause=0.2):
            raise Problem(f"{self.address}/readyz says {answer}; see {LOGS}/web.log")

    def _tend(self) -> None:
        now = time.monotonic()
        for kept in self.kept:
            kept.tend(now)


def _in_words(status: int) -> str:
    return f"status {status}" if status >= 0 else f"signal {-status}"


def stop_leftovers(records: Path = RUN) -> list[str]:
    """Stop what a supervisor that was killed has left running; the names of what was stopped."""
    stopped = []
    for name in (*FIRST_TO_STOP, "redis", "postgresql"):
        record = read_record(records, name)
        if record is not None:
            stop_process(record.identity, record.stop_signal)
            stopped.append(name)
        (records / f"{name}.json").unlink(missing_ok=True)
    return stopped
