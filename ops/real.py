"""`make real AREA=departement:38`: from a fresh clone to the dashboard of a real place.

    AREA=departement:38 BOUNDARIES="file or address …" VINTAGE=2024 PORT=8000 DETACH=0 \\
        python3 -m ops.real

Like `make demo`, with servers and a store of its own. The same command continues what was stopped.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path

from ops import commands, demo, layout, sites
from ops.problems import Problem, run
from ops.sites import Load, Site

_AREA = re.compile(r"[a-z][a-z0-9_-]*:[^\s:]+")
_ISO = {"EL": "GR", "UK": "GB"}
"""Countries that Eurostat writes otherwise than ISO 3166."""


def main() -> int:
    """See the module."""
    if layout.LOCAL != layout.REAL:
        # Where things lie is decided as modules are loaded.
        told = {**os.environ, layout.SITE: "real"}
        os.execve(sys.executable, [sys.executable, "-m", "ops.real"], told)
    return demo.bring(site())


def site() -> Site:
    """The site of the area that the environment names. Raises Problem."""
    area = os.environ.get("AREA", "")
    boundaries = _words("BOUNDARIES")
    vintage = os.environ.get("VINTAGE", "")
    if not _AREA.fullmatch(area):
        raise Problem(
            f"AREA={area} names no area: give departement:38, nuts:FRK24 or "
            "bbox:WEST,SOUTH,EAST,NORTH, as in `make real AREA=departement:38`"
        )
    if vintage and not re.fullmatch(r"[12]\d{3}", vintage):
        raise Problem(f"VINTAGE={vintage} is not a year")
    for file in boundaries:
        if "://" not in file and not Path(file).exists():
            raise Problem(f"BOUNDARIES={file}: found nothing; give a vector file or an address")
    words = [
        area,
        *(["--boundaries", *boundaries] if boundaries else []),
        *(["--vintage", vintage] if vintage else []),
    ]
    return Site(
        command=f"make real AREA={area}",
        loads=(Load(f"real data of {area}", commands.load_real(words)),),
        own={**sites.variables(layout.REAL), "CLCPLUS_COUNTRY": _country(area)},
    )


def _words(name: str) -> list[str]:
    try:
        return shlex.split(os.environ.get(name, ""))
    except ValueError as error:
        raise Problem(f"{name}={os.environ[name]}: {error}") from None


def _country(area: str) -> str:
    """The country whose published accuracy the area may borrow; empty where it is not known."""
    kind, _, code = area.partition(":")
    if kind in {"departement", "commune", "region"}:
        return "FR"
    if kind in {"gmina", "powiat", "wojewodztwo"}:
        return "PL"
    letters = code[:2] if kind.startswith("nuts") else ""
    return _ISO.get(letters, letters)


if __name__ == "__main__":
    run(main)
