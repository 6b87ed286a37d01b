"""Packages of the lock files about which a weakness was published.

.venv/bin/python -m ops.advisories      # where the list of advisories can be reached
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path

from ops.layout import REQUIREMENTS
from ops.problems import Problem, run
from ops.terminal import say

URL = "https://api.osv.dev/v1/query"
"""The list: OSV, which pip-audit knows too."""
_SECONDS = 10
_LONGEST = 900
_PROBE = {"package": {"name": "jinja2", "ecosystem": "PyPI"}, "version": "2.4.1"}
"""A package with known weaknesses: a list that knows none is none."""


def why_unreachable(url: str = URL) -> str:
    """Why the list cannot be asked; empty where it can."""
    asked = urllib.request.Request(
        url, json.dumps(_PROBE).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(asked, timeout=_SECONDS) as answer:
            body = answer.read(10_000_000)
    except urllib.error.HTTPError as error:
        return f"found status {error.code}"
    except (OSError, HTTPException) as error:
        return f"found {getattr(error, 'reason', error)}"
    try:
        known = json.loads(body).get("vulns")
    except (ValueError, AttributeError):
        return "found an answer that is no list of advisories"
    return "" if known else "found no advisory where one is known"


def check(*, url: str = URL, folder: Path = REQUIREMENTS) -> bool:
    """Compare the lock files with the list; False where it cannot be reached, which is said.

    Raises Problem with the packages that have a weakness, and where the comparison ends early.
    """
    reason = why_unreachable(url)
    if reason:
        say(f"advisories: SKIPPED, nothing was compared: {url}: {reason}")
        return False
    found, compared = _compared(url, sorted(folder.glob("*.txt")))
    if found:
        raise Problem(
            f"advisories: found {len(found)} in the lock files:\n  "
            + "\n  ".join(found)
            + "\n`make lock LOCK_ARGS=--upgrade` takes newer versions"
        )
    say(f"advisories: none for {compared} packages")
    return True


def _compared(url: str, locks: list[Path]) -> tuple[list[str], int]:
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "found.json"
        command = [sys.executable, "-m", "pip_audit", "--vulnerability-service", "osv"]
        command += ["--osv-url", url, "--no-deps", "--disable-pip", "--progress-spinner", "off"]
        command += ["--format", "json", "--output", str(output), "--cache-dir", folder]
        for lock in locks:
            command += ["--requirement", str(lock)]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, timeout=_LONGEST
            )
        except subprocess.TimeoutExpired:
            raise Problem(f"advisories: {url} did not answer within {_LONGEST} s") from None
        try:
            packages = json.loads(output.read_text(encoding="utf-8"))["dependencies"]
        except (OSError, ValueError, KeyError):
            last = (done.stderr.strip().splitlines() or ["nothing"])[-1]
            raise Problem(f"advisories: the comparison ended early: {last[:300]}") from None
    unknown = sorted(package["name"] for package in packages if "skip_reason" in package)
    if unknown or not packages:
        raise Problem(f"advisories: not compared: {', '.join(unknown) or 'all packages'}")
    found = [
        f"{package['name']} {package['version']}: {weakness['id']}"
        + (f", mended in {', '.join(weakness['fix_versions'])}" if weakness["fix_versions"] else "")
        for package in packages
        for weakness in package["vulns"]
    ]
    return sorted(set(found)), len({package["name"] for package in packages})


def main() -> int:
    check()
    return 0


if __name__ == "__main__":
    run(main)
