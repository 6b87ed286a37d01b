"""Processes of ours: what they are, starting them, stopping exactly them.

A process is known by its number *and* the moment it began, so that a number the system has given
to somebody else in the meantime is never signalled. Both are written to ``run/<name>.json``.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ops.account import Account
from ops.privacy import UMASK

LOG_BYTES = 5_000_000  # a log larger than this is set aside before a start
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Identity:
    """One process of one boot of this machine."""

    pid: int
    started: int  # clock ticks since the boot: field 22 of /proc/<pid>/stat
    boot: str

    @classmethod
    def of(cls, pid: int) -> Identity | None:
        """The identity of the running process ``pid``; None where there is none."""
        fields = _stat(pid)
        if fields is None or fields[0] == "Z":
            return None
        return cls(pid, int(fields[19]), _boot())

    @property
    def alive(self) -> bool:
        """Whether this very process still runs."""
        return Identity.of(self.pid) == self

    def send(self, number: int) -> bool:
        """Signal this very process; False where it has ended."""
        try:
            handle = os.pidfd_open(self.pid)  # from here on the number cannot change hands
        except ProcessLookupError:
            return False
        try:
            if not self.alive:
                return False
            signal.pidfd_send_signal(handle, number)
        except ProcessLookupError:
            return False
        finally:
            os.close(handle)
        return True

    def group(self) -> list[Identity]:
        """The processes in the group this process leads, itself excepted."""
        return [
            member
            for pid in _pids()
            if pid != self.pid
            and (fields := _stat(pid)) is not None
            and int(fields[2]) == self.pid
            and (member := Identity.of(pid)) is not None
        ]


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def _pids() -> list[int]:
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/<pid>/stat from the third on (the second may contain spaces)."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return text[text.rindex(")") + 2 :].split()


def living_in(folder: Path) -> list[Identity]:
    """The processes whose working folder is ``folder``: a server's data folder is its own."""
    real = str(folder.resolve())
    found = []
    for pid in _pids():
        try:
            if os.readlink(f"/proc/{pid}/cwd") != real:
                continue
        except OSError:
            continue
        if (identity := Identity.of(pid)) is not None:
            found.append(identity)
    return found


@dataclass(frozen=True)
class Record:
    """A started process as written to ``run/<name>.json``."""

    name: str
    identity: Identity
    home: str  # a copy of the clone must not take the original's processes for its own
    stop_signal: int = signal.SIGTERM
    address: str = ""

    def write(self, folder: Path) -> Path:
        """Write the record, whole or not at all."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = folder / f"{self.name}.json"
        draft = file.with_suffix(".new")
        draft.write_text(
            json.dumps(
                {
                    "name": self.name,
                    "pid": self.identity.pid,
                    "started": self.identity.started,
                    "boot": self.identity.boot,
                    "home": self.home,
                    "stop_signal": int(self.stop_signal),
                    "address": self.address,
                }
            )
        )
        draft.replace(file)
        return file


def read_record(folder: Path, name: str) -> Record | None:
    """The record ``name`` where its process still runs and was started from this folder."""
    try:
        content = json.loads((folder / f"{name}.json").read_text())
        identity = Identity(content["pid"], content["started"], content["boot"])
        record = Record(
            content["name"], identity, content["home"], content["stop_signal"], content["address"]
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if record.home != str(folder.resolve()) or not identity.alive:
        return None
    return record


@dataclass
class Child:
    """A process started from here."""

    record: Record
    popen: subprocess.Popen[bytes]
    file: Path
    log: Path
    log_from: int  # where its own output begins

    def said(self) -> str:
        """The last lines of its output, for a message."""
        return tail(self.log, after=self.log_from)

    def ended(self) -> int | None:
        """Its exit status; None while it runs."""
        return self.popen.poll()

    def stop(self, patience: float = 20.0) -> None:
        """End it: politely, then not."""
        if self.popen.poll() is None:
            identity = self.record.identity
            stop_process(identity, self.record.stop_signal, patience, reap=self.popen.poll)
            with suppress(subprocess.TimeoutExpired):
                self.popen.wait(5)
        self.file.unlink(missing_ok=True)


def start(
    command: list[str],
    *,
    name: str,
    records: Path,
    log: Path,
    env: dict[str, str],
    cwd: Path | str,
    account: Account | None = None,
    stop_signal: int = signal.SIGTERM,
) -> Child:
    """Start ``command`` in a session of its own, with its output in ``log``.

    It gets the stop signal too when its parent dies, however that happens. Its files, and its log,
    are closed to other accounts.
    """
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    log.touch(mode=0o600)
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    parent = os.getpid()
    with log.open("ab") as output:
        log_from = output.tell()
        popen = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=cwd,
            start_new_session=True,
            umask=UMASK,
            preexec_fn=lambda: end_with_parent(parent, stop_signal),
            **(account.drop() if account else {}),
        )
    identity = Identity.of(popen.pid) or Identity(popen.pid, -1, "")  # it may have ended already
    record = Record(name, identity, str(records.resolve()), stop_signal)
    return Child(record, popen, record.write(records), log, log_from)


def end_with_parent(parent: int, number: int) -> None:
    """In a new child: be sent ``number`` when the parent dies."""
    _libc.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:  # it died before that call
        os.kill(os.getpid(), number)


def wait_until(condition: Callable[[], bool], seconds: float, pause: float = 0.05) -> bool:
    """Wait for ``condition``; False where it did not come true in time."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= until:
            return False
        time.sleep(pause)
    return True


def stop_process(
    identity: Identity,
    number: int = signal.SIGTERM,
    patience: float = 20.0,
    reap: Callable[[], object] = lambda: None,
) -> None:
    """End a process and what it left in its group: ``number`` first, SIGKILL after a while."""
    if not identity.alive:
        return
    members = identity.group()

    def gone() -> bool:
        reap()
        return not identity.alive

    identity.send(number)
    if not wait_until(gone, patience):
        members = identity.group()
        identity.send(signal.SIGKILL)
        wait_until(gone, 5.0)
    for member in members:
        member.send(signal.SIGKILL)


def stop_all(identities: Iterable[Identity], number: int, patience: float = 10.0) -> None:
    """End unrelated processes one after the other."""
    for identity in identities:
        stop_process(identity, number, patience)


def tail(log: Path, lines: int = 12, after: int = 0) -> str:
    """The last lines of a log, for a message."""
    try:
        content = log.read_bytes()[after:].decode(errors="replace").splitlines()
    except OSError:
        return "(no log)"
    return "\n".join(f"    {line}" for line in content[-lines:])
