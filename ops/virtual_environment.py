"""The virtual environment ``.venv``, filled from the lock files and nothing else."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import venv

from ops.layout import LOGS, PYTHON, REQUIREMENTS, SETUP_LOCK, VENV, make_closed, make_local
from ops.locks import held
from ops.problems import Problem, run
from ops.processes import tail
from ops.terminal import say, step

HASHED = ("runtime", "frontend", "test", "bench", "model", "tracing")
TORCH = "torch"
"""What comes with the model, and has no hash: a version of it has several builds."""
LOCKS = (*HASHED, TORCH)
QUIET = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PYTHONUTF8": "1"}


def ensure(wanted: list[str]) -> None:
    """Have the lock files ``wanted`` installed; at once where they are already."""
    make_local(SETUP_LOCK.parent)
    if "model" in wanted:
        wanted = [*wanted, TORCH]
    with held(SETUP_LOCK, wait=True):
        _ensure_created()
        stale = [name for name in wanted if _stamp_of(name) != _fingerprint(name)]
        hashed = [name for name in stale if name in HASHED]
        if hashed:
            with step(f"Python packages ({', '.join(hashed)})"):
                _pip("install", "--require-hashes", *_from(hashed))
                _stamp(hashed)
        if TORCH in stale:
            with step("Python packages (torch)") as notes:
                _install_torch(notes)
                _stamp([TORCH])


def _ensure_created() -> None:
    works = (
        PYTHON.exists()
        and (
            subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False)
        ).returncode
        == 0
    )
    if not works:
        with step("virtual environment"):
            venv.create(VENV, clear=True, with_pip=True, symlinks=True)


def _install_torch(notes: list[str]) -> None:
    """Install torch, in its CPU build where pip can find that.

    Elsewhere only the build for CUDA is to be had, and it does not start without its libraries.
    """
    torch = next(line for line in _lock(TORCH).splitlines() if line.startswith("torch==")).split()[
        0
    ]
    report = json.loads(
        _pip("install", "--dry-run", "--ignore-installed", "--no-deps", "--report=-", torch)
    )
    metadata = report["install"][0]["metadata"]
    libraries = [
        need
        for need in metadata.get("requires_dist", [])
        if need.startswith(("nvidia", "cuda", "triton")) and "extra ==" not in need
    ]
    if libraries:
        say(
            f"note: pip finds no CPU build of {torch}; the build for CUDA brings several GB of "
            "libraries. An index of CPU builds in PIP_EXTRA_INDEX_URL avoids that."
        )
    else:
        notes.append(f"torch {metadata['version']}")
    _pip("install", "--no-deps", *_from([TORCH]))
    if libraries:
        _pip("install", torch)


def _pip(verb: str, *words: str) -> str:
    """Run pip; what it prints on stdout."""
    make_closed(LOGS)
    log = LOGS / "pip.log"
    more = ["--no-deps", "--no-compile"] if "--require-hashes" in words else []
    with log.open("ab") as errors:
        begins = errors.tell()
        done = subprocess.run(
            [PYTHON, "-m", "pip", verb, "--quiet", *more, *words],
            env=os.environ | QUIET,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        raise Problem(f"pip failed; {log} ends with\n{tail(log, after=begins)}")
    return done.stdout


def _from(names: list[str]) -> list[str]:
    return [word for name in names for word in ("-r", str(REQUIREMENTS / f"{name}.txt"))]


def _lock(name: str) -> str:
    return (REQUIREMENTS / f"{name}.txt").read_text()


def _fingerprint(name: str) -> str:
    return hashlib.sha256(_lock(name).encode()).hexdigest()


def _stamp_of(name: str) -> str:
    try:
        return (VENV / f".{name}.installed").read_text()
    except OSError:
        return ""


def _stamp(names: list[str]) -> None:
    for name in names:
        (VENV / f".{name}.installed").write_text(_fingerprint(name))


def main() -> int:
    """``python3 -m ops.virtual_environment LOCK...``"""
    wanted = sys.argv[1:]
    if not wanted or not set(wanted) <= set(HASHED):
        print(f"usage: python3 -m ops.virtual_environment {'|'.join(HASHED)} ...", file=sys.stderr)
        return 2
    ensure(wanted)
    return 0


if __name__ == "__main__":
    run(main)
