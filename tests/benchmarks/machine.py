"""The machine and the versions that figures hold for."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import rasterio
import shapely

_PACKAGES = ("numpy", "numba", "rasterio", "shapely", "exactextract", "rasterstats")


def description() -> str:
    """Processor, cores, memory and system, in a line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    return f"{_processor()}, {cores} cores, {memory:.0f} GiB, {platform.system()}"


def versions() -> str:
    """Python, packages, GDAL, GEOS and the commit, in a line."""
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    geos = ".".join(str(n) for n in shapely.geos_version)
    return (
        f"Python {platform.python_version()}, {packages}, "
        f"GDAL {rasterio.__gdal_version__}, GEOS {geos}; commit {_commit()}"
    )


def peak_memory() -> float:
    """Peak resident memory of this process in GiB; getrusage's would be the parent's too."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 2**20
    raise RuntimeError("/proc/self/status has no VmHWM")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or "unknown"
