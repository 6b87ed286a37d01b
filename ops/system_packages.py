"""What the platform needs from the distribution: looked for first, installed where missing."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ops import postgresql, proxy, redis_server
from ops.interruption import undisturbed
from ops.layout import LOCAL, LOGS, ROOT, make_closed, make_local
from ops.privacy import PUBLIC
from ops.problems import Problem, run
from ops.processes import tail
from ops.terminal import say, step

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALLER = ROOT / "ops" / "install_packages.sh"
RELEASES = {("debian", "12"): 15, ("debian", "13"): 17, ("ubuntu", "24.04"): 16}
POSTGIS_PACKAGE = r"postgresql-(\d+)-postgis-3"


@dataclass(frozen=True)
class Need:
    """Something that may be missing, and the package that brings it."""

    what: str
    package: Callable[[], str]
    present: Callable[[], bool]
    service: str = ""  # what the package would start at a boot


def has_postgis() -> bool:
    """PostgreSQL and PostGIS, both new enough, in one version."""
    return any(one.complete for one in postgresql.installations())


def postgis_package(known: list[str] | None = None) -> str:
    """The package for the newest PostgreSQL this distribution has PostGIS for.

    A PostgreSQL that is new enough and installed already is kept. A fresh machine may have no
    lists of packages yet: then the distribution's name tells.
    """
    names = known if known is not None else _packages_like("^postgresql-[0-9]+-postgis-3$")
    offered = sorted(int(m[1]) for name in names if (m := re.fullmatch(POSTGIS_PACKAGE, name)))
    if not names:
        offered = [major for release, major in RELEASES.items() if release == _release()]
    offered = [major for major in offered if major >= postgresql.MINIMUM]
    installed = {one.major for one in postgresql.installations()}
    for major in [m for m in reversed(offered) if m in installed] or offered[-1:]:
        return f"postgresql-{major}-postgis-3"
    raise Problem(
        f"this distribution offers no PostgreSQL >= {postgresql.MINIMUM} with PostGIS: Debian 12 "
        f"and Ubuntu 24.04 do. {_alternative()}"
    )


def has_venv() -> bool:
    """Whether this Python can make a virtual environment (Debian packs that apart)."""
    return importlib.util.find_spec("ensurepip") is not None


def venv_package() -> str:
    """The package that completes the distribution's Python."""
    if not sys.executable.startswith("/usr/bin/"):
        raise Problem(f"{sys.executable} has no ensurepip: use another Python, with PYTHON=")
    return f"python{sys.version_info.major}.{sys.version_info.minor}-venv"


def has_expat() -> bool:
    """Whether the one library is there that rasterio's own files do not bring."""
    return _has_library("libexpat.so.1")


def _has_library(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def browser() -> str | None:
    """A Chromium that really starts: Ubuntu's package is only a stub for a snap."""
    wanted = os.environ.get("CHROMIUM")
    for name in [wanted] if wanted else BROWSERS:
        path = shutil.which(name)
        if path is None:
            continue
        try:
            tried = subprocess.run(
                [path, "--version"], capture_output=True, timeout=30, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        if tried.returncode == 0:
            return path
    return None


def browser_package() -> str:
    """Chromium's package, where it is one."""
    if os.environ.get("CHROMIUM"):
        raise Problem(f"CHROMIUM={os.environ['CHROMIUM']} does not start")
    if _release()[0] == "ubuntu":
        raise Problem(
            "the browser tests need Chromium, which Ubuntu gives only as a snap: run "
            "`sudo snap install chromium` or install Google Chrome, or name a browser with "
            "CHROMIUM=/path; `make test NO_BROWSER=1` leaves those tests out"
        )
    return "chromium"


POSTGIS = Need("PostgreSQL with PostGIS", postgis_package, has_postgis, "postgresql")
REDIS = Need(
    "Redis", lambda: "redis-server", lambda: redis_server.program() is not None, "redis-server"
)
NGINX = Need(
    "nginx (waits for slow clients)", lambda: "nginx", lambda: proxy.program() is not None, "nginx"
)
VENV = Need("Python's venv", venv_package, has_venv)
GETTEXT = Need(
    "gettext (compiles the translations)",
    lambda: "gettext",
    lambda: shutil.which("msgfmt") is not None and shutil.which("xgettext") is not None,
)
EXPAT = Need("libexpat (GDAL inside rasterio links to it)", lambda: "libexpat1", has_expat)
PANGO = Need(
    "Pango (sets the text of PDF reports)",
    lambda: "libpangoft2-1.0-0",
    lambda: _has_library("libpango-1.0.so.0") and _has_library("libpangoft2-1.0.so.0"),
)
HARFBUZZ = Need(
    "HarfBuzz' subsetter (embeds the fonts of PDF reports)",
    lambda: "libharfbuzz-subset0",
    lambda: _has_library("libharfbuzz-subset.so.0"),
)
SECCOMP = Need(
    "libseccomp (confines the readers of uploads)",
    lambda: "libseccomp2",
    lambda: _has_library("libseccomp.so.2"),
)
RUNTIME = (VENV, EXPAT, PANGO, HARFBUZZ, SECCOMP, GETTEXT)
"""What the platform needs whatever servers it is given."""
BROWSER = Need("Chromium", browser_package, lambda: browser() is not None)


def ensure(needs: list[Need]) -> None:
    """Install what is missing, or say in one message what to run."""
    missing = [need for need in needs if not need.present()]
    if not missing:
        return
    if shutil.which("apt-get") is None:
        names = ", ".join(need.what for need in missing)
        raise Problem(f"missing: {names}; this is not a Debian or Ubuntu. {_alternative()}")
    packages = [need.package() for need in missing]
    command = _privileged(packages)
    make_local(LOCAL)
    make_closed(LOGS)
    log = LOGS / "packages.log"
    say(f"installing {' '.join(packages)} (their own services are not started)")
    with step("system packages"), log.open("wb") as output:
        status = _to_its_end([*command, "sh", str(INSTALLER), *packages], output)
        if status != 0:
            raise Problem(f"the packages were not installed; {log} ends with\n{tail(log)}")
    still = [need.what for need in missing if not need.present()]
    if still:
        raise Problem(f"still missing after the installation: {', '.join(still)}; see {log}")
    services = [need.service for need in missing if need.service]
    if services and Path("/run/systemd/system").is_dir():
        say(
            "note: the packages' own services would start at the next boot; the platform does not "
            f"need them: systemctl disable {' '.join(services)}"
        )


def _privileged(packages: list[str]) -> list[str]:
    """The words that make a command root's; a Problem where there is no way."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo:
        quiet = subprocess.run([sudo, "-n", "true"], capture_output=True, check=False)
        if quiet.returncode == 0:
            return [sudo, "-n"]
        if sys.stdin.isatty() and not os.environ.get("CI"):
            say(f"sudo may ask for your password, to install {' '.join(packages)}")
            return [sudo]
    raise Problem(
        "packages are missing and this account may not install them. As root, run\n"
        f"    apt-get install --no-install-recommends {' '.join(packages)}\n"
        f"and try again. {_alternative()}"
    )


def _to_its_end(command: list[str], output: IO[bytes]) -> int:
    """Run an installation; when asked to end meanwhile, let it finish and tidy up first."""
    installation = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, umask=PUBLIC)
    try:
        return installation.wait()
    except BaseException:
        with undisturbed():
            installation.wait()
        raise


def _alternative() -> str:
    return "Or run it in containers: `docker compose up`."


def _release() -> tuple[str, str]:
    """Name and version of the distribution."""
    try:
        content = Path("/etc/os-release").read_text()
    except OSError:
        return ("", "")
    found = dict(re.findall(r"^(ID|VERSION_ID)=\"?([^\"\n]+)", content, re.M))
    return (found.get("ID", ""), found.get("VERSION_ID", ""))


def _packages_like(pattern: str) -> list[str]:
    """Names of packages the distribution's lists know."""
    found = subprocess.run(
        ["apt-cache", "search", "--names-only", pattern],
        capture_output=True,
        text=True,
        check=False,
    )
    return [line.split(" ")[0] for line in found.stdout.splitlines()]


def main() -> int:
    """``python3 -m ops.system_packages [--tests | --browser]``; the last prints its path."""
    if sys.argv[1:] == ["--browser"]:
        print(browser() or "")
        return 0
    ensure([POSTGIS, REDIS, NGINX, *RUNTIME, *([BROWSER] if "--tests" in sys.argv[1:] else [])])
    return 0


if __name__ == "__main__":
    run(main)
