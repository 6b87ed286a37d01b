"""Where the private servers keep their data and their sockets.

Two limits shape this. The path of a unix socket has about 107 bytes, and a clone may lie deeper
than that: sockets get a short folder below ``/tmp``. And the servers' account may not be able to
walk into the clone (a clone in /root), or the file system may not keep owners: then the data lies
below ``/var/tmp``, with a symbolic link where it would have been.
"""

from __future__ import annotations

import hashlib
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ops.account import Account
from ops.layout import make_local
from ops.problems import Problem
from ops.terminal import say

SHORT = Path("/tmp")  # sockets; forgotten at a reboot
KEPT = Path("/var/tmp")  # data; kept at a reboot


@dataclass(frozen=True)
class Place:
    """The folder of one set of private servers, e.g. ``.local``."""

    home: Path
    account: Account

    @property
    def token(self) -> str:
        """A short name for this place: another clone has another one."""
        return hashlib.sha256(str(self.home.resolve()).encode()).hexdigest()[:10]

    @property
    def runtime(self) -> Path:
        """The short folder of the sockets."""
        return SHORT / f"clcplus-{self.account.uid}-{self.token}"

    @property
    def fallback(self) -> Path:
        """The folder of the data where the account cannot use the clone's."""
        return KEPT / f"clcplus-{self.account.uid}-{self.token}"

    def make_runtime(self) -> Path:
        """Create the sockets' folder, open to the servers' account (and root) only."""
        return self._make_closed(self.runtime)

    def data(self, name: str) -> Path:
        """The real path of the data folder ``name``; its parent exists and is the account's."""
        make_local(self.home)
        link = self.home / name
        if self._usable_in_clone(link):
            return link
        target = self._make_closed(self._make_closed(self.fallback) / name)
        if not (link.is_symlink() and link.readlink() == target):
            if link.is_symlink():
                say(f"note: {link} pointed to {link.readlink()}, which stays as it is")
            link.unlink(missing_ok=True)
            link.symlink_to(target)
            say(
                f"note: the account {self.account.name} cannot use this folder; "
                f"{link.name} keeps its data in {target}"
            )
        return target

    def _usable_in_clone(self, folder: Path) -> bool:
        """Make ``folder`` in the clone the account's own, where that is possible."""
        if folder.is_symlink() or not self.account.can_enter(folder.parent):
            return False
        try:
            folder.mkdir(exist_ok=True)
            self.account.own(folder)
            usable = self.account.owns(folder) and self.account.can_enter(folder)
        except OSError:
            usable = False
        if not usable and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
        return usable

    def _make_closed(self, folder: Path) -> Path:
        """Create a folder below a directory that others may write to as well."""
        try:
            folder.mkdir(mode=0o700)
            self.account.own(folder)
        except FileExistsError:  # ours from an earlier start, or somebody else's
            pass
        if not self.account.owns(folder):
            raise Problem(
                f"{folder} exists but is not a closed folder of {self.account.name}: "
                "look at it, remove it, and try again"
            )
        return folder

    def release(self) -> None:
        """Take the sockets' folder away once the servers are gone."""
        with suppress(OSError):  # it is not there, or not empty
            self.runtime.rmdir()

    def remove(self) -> None:
        """Delete the sockets' folder, the fall-back's data and the place itself."""
        for folder in (self.runtime, self.fallback):
            if folder.is_dir() and self.account.owns(folder):
                shutil.rmtree(folder)
        if self.home.is_dir():
            shutil.rmtree(self.home)
