"""The two sites of a clone: the demonstration of `make demo`, and `make real`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ops import commands, layout


@dataclass(frozen=True)
class Load:
    """What is loaded into a site once its processes run."""

    title: str
    words: list[str]
    gpu_worker: bool = False
    """Whether a worker that predicts runs from then on."""


@dataclass(frozen=True)
class Site:
    """What one command starts."""

    command: str
    loads: tuple[Load, ...]
    own: Mapping[str, str]
    """Variables of this site alone; the caller's own stand."""
    packages: tuple[str, ...] = ("runtime", "frontend")


def demonstration(*, forward: bool) -> Site:
    """The synthetic region; with ``forward`` also a network and the edition that it predicts."""
    loads = [Load("demonstration region", commands.load_demonstration())]
    if forward:
        loads.append(Load("modelled edition", commands.load_forward(), gpu_worker=True))
    return Site(
        command="make demo",
        loads=tuple(loads),
        own=variables(layout.DEMONSTRATION),
        packages=("runtime", "frontend", *(["model"] if forward else [])),
    )


def variables(local: Path) -> dict[str, str]:
    """What the processes of the site below a folder are told beside what all are."""
    if local.name == layout.DEMONSTRATION.name:
        return {"DEMONSTRATION": "1"}
    return {"DEMONSTRATION": "0", "CLCPLUS_INBOX": str(local / "inbox")}
