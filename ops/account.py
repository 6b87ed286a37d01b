"""The account that PostgreSQL and Redis run as: never root.

A person who is not root runs them as themselves. Root runs them as the ``postgres`` account,
which the distribution's PostgreSQL package creates.
"""

from __future__ import annotations

import grp
import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from ops.problems import Problem


class Drop(TypedDict, total=False):
    """Arguments of ``subprocess`` that give up root's rights in the child."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """An account of this machine, and whether it is not the one running now."""

    name: str
    uid: int
    gid: int
    home: str
    dropped: bool  # True where the children must change to it

    def drop(self) -> Drop:
        """Arguments for ``subprocess`` that make the child run as this account."""
        if not self.dropped:
            return Drop()
        groups = [g.gr_gid for g in grp.getgrall() if self.name in g.gr_mem]
        return Drop(user=self.uid, group=self.gid, extra_groups=groups)

    def environment(self, more: dict[str, str] | None = None) -> dict[str, str]:
        """A small environment for the servers: none of the caller's secrets or PG* settings."""
        return {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": self.home,
            "LC_ALL": "C.UTF-8",
            **({"TZ": os.environ["TZ"]} if "TZ" in os.environ else {}),
            **(more or {}),
        }

    def can_enter(self, folder: Path) -> bool:
        """Whether the account may walk into ``folder`` (a clone in /root it may not)."""
        if not self.dropped:
            return os.access(folder, os.X_OK)
        tried = subprocess.run(
            ["test", "-x", str(folder)],
            cwd="/",
            env=self.environment(),
            check=False,
            **self.drop(),
        )
        return tried.returncode == 0

    def own(self, path: Path) -> None:
        """Give ``path`` to the account and close it to everybody else."""
        if self.dropped:
            os.chown(path, self.uid, self.gid)
        path.chmod(0o700)

    def give(self, file: Path) -> None:
        """Give a file to the account, which alone reads it."""
        if self.dropped:
            os.chown(file, self.uid, self.gid)
        file.chmod(0o600)

    def owns(self, path: Path) -> bool:
        """Whether ``path`` is a real folder of this account, closed to everybody else."""
        found = path.lstat()
        return (
            path.is_dir()
            and not path.is_symlink()
            and (found.st_uid == self.uid and found.st_mode & 0o077 == 0)
        )


def of_servers() -> Account:
    """The account for the servers of this machine."""
    uid = os.geteuid()
    if uid != 0:
        try:
            entry = pwd.getpwuid(uid)
            return Account(entry.pw_name, uid, os.getegid(), entry.pw_dir, dropped=False)
        except KeyError:
            raise Problem(
                f"user id {uid} has no entry in /etc/passwd, which PostgreSQL needs"
            ) from None
    for name in ("postgres", "redis", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, "/", dropped=True)
    raise Problem("no unprivileged account to run PostgreSQL and Redis as")
