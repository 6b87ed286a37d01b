"""A private PostgreSQL with PostGIS: found, initialised, started, healed."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ops.account import Account
from ops.layout import DATABASE_SQL
from ops.places import Place
from ops.problems import Problem
from ops.processes import Child, Identity, living_in, start, stop_all, wait_until

MINIMUM = 15
MINIMUM_POSTGIS = (3, 3)
SUPERUSER = "postgres"
DATABASE = "clcplus"
OWNER = "clcplus"
READER = "clcplus_reader"
STOP = signal.SIGINT  # PostgreSQL's "fast" shutdown: sessions end, nothing is lost

SMALL_MACHINE = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "logging_collector": "off",
    "log_destination": "stderr",
}
FORGETFUL = {
    # Commits still reach the log: what is committed outlives a backend that a test kills.
    **{"fsync": "off", "full_page_writes": "off"},
    # A test kills a backend, and waits until the log since the last checkpoint is gone through.
    "max_wal_size": "64MB",
    "lock_timeout": "120s",  # a test that waits for a lock fails instead of hanging
}


@dataclass(frozen=True)
class Installation:
    """The server programs of one major version."""

    major: int
    programs: Path
    postgis: tuple[int, int] | None  # None where that extension is not installed

    @property
    def complete(self) -> bool:
        """Whether it is new enough, and PostGIS with it."""
        return (
            self.major >= MINIMUM and self.postgis is not None and self.postgis >= MINIMUM_POSTGIS
        )


def installations(system: Path = Path("/")) -> list[Installation]:
    """What the distribution's packages have installed, the newest first."""
    found = []
    for programs in (system / "usr/lib/postgresql").glob("*/bin"):
        if not programs.parent.name.isdigit() or not (programs / "postgres").exists():
            continue
        major = int(programs.parent.name)
        control = system / f"usr/share/postgresql/{major}/extension/postgis.control"
        found.append(Installation(major, programs, _postgis_version(control)))
    return sorted(found, key=lambda one: one.major, reverse=True)


def _postgis_version(control: Path) -> tuple[int, int] | None:
    try:
        match = re.search(r"default_version\s*=\s*'(\d+)\.(\d+)", control.read_text())
    except OSError:
        return None
    return (int(match[1]), int(match[2])) if match else None


@dataclass(frozen=True)
class Cluster:
    """One private database server of a place."""

    place: Place
    durable: bool = True  # False: for tests, which start anew after a crash of the machine

    @property
    def account(self) -> Account:
        return self.place.account

    @property
    def data(self) -> Path:
        """The data folder itself, one below the account's own folder, so it can be renamed."""
        return self.place.data("postgresql") / "data"

    def url(self, role: str = OWNER) -> str:
        """The address for the platform's settings."""
        return f"postgresql://{role}@/{DATABASE}?host={self.place.runtime}"

    def start(self) -> Child:
        """Bring the server up, ready for the platform, whatever state it was left in."""
        data = self.data
        self.heal(data)
        installed = self._installation(data)
        if not (data / "PG_VERSION").exists():
            self._initialise(installed, data)
        runtime = self.place.make_runtime()
        settings = SMALL_MACHINE | ({} if self.durable else FORGETFUL)
        child = start(
            [
                str(installed.programs / "postgres"),
                *("-D", str(data), "-k", str(runtime)),
                *(word for key, value in settings.items() for word in ("-c", f"{key}={value}")),
            ],
            name="postgresql",
            records=self.place.home / "run",
            log=self.place.home / "log" / "postgresql.log",
            env=self.account.environment(),
            cwd="/",
            account=self.account,
            stop_signal=STOP,
        )
        try:
            self._wait(installed, child)
            self._furnish(installed)
        except BaseException:
            child.stop()
            raise
        return child

    def heal(self, data: Path) -> None:
        """End what still runs in the data folder, then drop the locks it left.

        Only after that proof: PostgreSQL itself refuses to start where the number in its lock
        file belongs to any process of the same account, as it may after a reboot.
        """
        living = living_in(data) if data.is_dir() else []
        if living:
            leader = _locked_by(data / "postmaster.pid")
            stop_all([one for one in living if one.pid == leader], STOP)
            wait_until(lambda: not living_in(data), 5.0)
            stop_all(living_in(data), signal.SIGQUIT, 5.0)
        (data / "postmaster.pid").unlink(missing_ok=True)
        for left in self.place.runtime.glob(".s.PGSQL.*"):
            left.unlink()
        half_made = data.with_name("data.new")
        if half_made.exists():
            shutil.rmtree(half_made)

    def _installation(self, data: Path) -> Installation:
        """The programs to use: those that made the data, else the newest."""
        complete = [one for one in installations() if one.complete]
        if not complete:
            raise Problem(f"PostgreSQL >= {MINIMUM} with PostGIS is not installed")
        try:
            major = int((data / "PG_VERSION").read_text())
        except OSError:
            return complete[0]
        for one in complete:
            if one.major == major:
                return one
        raise Problem(
            f"the data in {data} was made by PostgreSQL {major}, which is not installed any more: "
            "install it again, or start afresh with `make clean`"
        )

    def _initialise(self, installed: Installation, data: Path) -> None:
        """Make the cluster beside its place and move it there whole."""
        half_made = data.with_name("data.new")
        command = [
            str(installed.programs / "initdb"),
            *("-D", str(half_made), "--username", SUPERUSER, "--auth", "trust"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8"),
            *("--locale-provider", "icu", "--icu-locale", "und"),  # names sort as people expect
            *([] if self.durable else ["--no-sync"]),
        ]
        made = subprocess.run(
            command,
            cwd="/",
            env=self.account.environment(),
            capture_output=True,
            text=True,
            check=False,
            **self.account.drop(),
        )
        if made.returncode != 0:
            raise Problem(f"initdb failed:\n{(made.stderr or made.stdout).strip()}")
        half_made.rename(data)

    def _wait(self, installed: Installation, child: Child) -> None:
        """Until the server takes connections (after a crash it replays its log first)."""
        probe = [
            str(installed.programs / "pg_isready"),
            *("-q", "-h", str(self.place.runtime), "-d", "template1", "-U", SUPERUSER),
        ]

        def ready_or_ended() -> bool:
            return child.ended() is not None or subprocess.run(probe, check=False).returncode == 0

        if not wait_until(ready_or_ended, 120.0) or child.ended() is not None:
            raise Problem(f"PostgreSQL did not start; its log says:\n{child.said()}")

    def _furnish(self, installed: Installation) -> None:
        """Roles, database, extensions: repeated at every start, so never half done."""
        done = subprocess.run(
            [
                str(installed.programs / "psql"),
                *("-X", "-q", "-o", "/dev/null", "-h", str(self.place.runtime)),
                *("-U", SUPERUSER, "-d", "postgres", "-f", "-"),
            ],
            input=DATABASE_SQL.read_text(),
            env=self.account.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise Problem(f"the database could not be set up:\n{done.stderr.strip()}")


def _locked_by(file: Path) -> int | None:
    """The process number in a lock file of PostgreSQL."""
    try:
        return abs(int(file.read_text().splitlines()[0]))
    except (OSError, ValueError, IndexError):
        return None


__all__ = ["Cluster", "Identity", "Installation", "installations"]
