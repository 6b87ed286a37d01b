"""`make clean`: stops the demonstration and removes what was made; the environment with ALL=1."""

from __future__ import annotations

import os
import shutil

from ops import account, frontend, stop, translations
from ops.layout import DEMONSTRATION, REAL, ROOT, TESTS, VENV
from ops.locks import held
from ops.places import Place
from ops.problems import Problem, run
from ops.terminal import say

CACHES = (".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis")


def main() -> int:
    """Delete only what the Makefile's targets have made."""
    stop.main()
    owner = account.of_servers()
    for lock in TESTS.glob("*.lock"):
        with held(lock, wait=False) as free:
            if not free:
                raise Problem("tests are running: end them first")
            Place(lock.with_suffix(""), owner).remove()
    removed = []
    for local in (DEMONSTRATION, REAL):
        if local.is_dir():
            removed.append(local)
        Place(local, owner).remove()
    folders = [frontend.BUILT, frontend.MODULES, *(ROOT / name for name in CACHES)]
    if os.environ.get("ALL", "") not in ("", "0"):
        folders.append(VENV)
    for folder in folders:
        if folder.is_dir():
            shutil.rmtree(folder)
            removed.append(folder)
    translations.clean()
    say("removed " + ", ".join(str(folder.relative_to(ROOT)) for folder in removed))
    return 0


if __name__ == "__main__":
    run(main)
