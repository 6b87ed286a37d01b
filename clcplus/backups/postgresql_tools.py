"""PostgreSQL's own programs, of a version that fits; and the connection that they share with us."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection as django_connection
from psycopg.conninfo import make_conninfo

from clcplus.backups.errors import BackupError, ToolFailed, WrongVersion

_DEBIAN = Path("/usr/lib/postgresql")
_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Tool:
    """A program, and the major version of the PostgreSQL it is from."""

    path: str
    major: int

    def run(self, *words: str) -> None:
        """Run it on the platform's database. Raises ToolFailed with its last words."""
        parameters = _parameters()
        # A command line can be read by everybody on the machine, an environment cannot.
        password = parameters.pop("password", "")
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        if password:
            environment["PGPASSWORD"] = str(password)
        command = [self.path, f"--dbname={make_conninfo(**parameters)}", "--no-password", *words]
        try:
            done = subprocess.run(
                command, env=environment, capture_output=True, text=True, check=False
            )
        except OSError as error:
            raise ToolFailed(
                self.path, found=str(error.strerror), expected="a program that starts"
            ) from None
        if done.returncode != 0:
            lines = done.stderr.strip().splitlines()
            told = " ".join(lines[:1] if len(lines) < 2 else (lines[0], lines[-1]))
            raise ToolFailed(
                Path(self.path).name,
                found=told[:_SHOWN] or f"status {done.returncode}",
                expected="no error",
            )


def find(program: str, *, at_least: int) -> Tool:
    """The program of the smallest major version that is new enough. Raises WrongVersion."""
    found = sorted(
        (
            tool
            for path in (*_DEBIAN.glob(f"[0-9]*/bin/{program}"), shutil.which(program))
            if path is not None and (tool := _tool(str(path))) is not None
        ),
        key=lambda tool: tool.major,
    )
    for tool in found:
        if tool.major >= at_least:
            return tool
    raise WrongVersion(
        program,
        found=f"version {found[-1].major}" if found else "no such program",
        expected=f"version {at_least} or newer",
        hint=f"Install postgresql-client-{at_least}",
    )


def _tool(path: str) -> Tool | None:
    try:
        told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return None
    version = re.search(r"\(PostgreSQL\) (\d+)", told.stdout)
    return Tool(path, int(version[1])) if version else None


@contextmanager
def connected() -> Iterator[psycopg.Connection]:
    """A connection of its own to the platform's database. Raises BackupError where there is
    none."""
    try:
        opened = psycopg.connect(make_conninfo(**_parameters()), application_name="clcplus-backup")
    except psycopg.OperationalError as error:
        raise BackupError(
            "database",
            found=str(error).strip().splitlines()[0],
            expected="a server that answers",
            hint="Is it running, and is DATABASE_URL right?",
        ) from None
    try:
        with opened:
            yield opened
    except psycopg.Error as error:
        raise BackupError(
            "database",
            found=str(error).strip().splitlines()[0],
            expected="no error",
        ) from None


def server_major(connection: psycopg.Connection) -> int:
    """Major version of the server."""
    return connection.info.server_version // 10_000


def _parameters() -> dict[str, Any]:
    settings = django_connection.settings_dict
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST"}
    found = {name: settings[key] for name, key in {**names, "port": "PORT"}.items()}
    options = {name: value for name, value in settings["OPTIONS"].items() if value}
    return {name: value for name, value in {**found, **options}.items() if value}
