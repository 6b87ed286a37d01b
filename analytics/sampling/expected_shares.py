"""What is expected of each stratum before anybody has labelled a point, for plans of samples.

The map is taken to be as good as CLC+ Backbone 2021: of the cells that it calls sealed 93 % are,
and it finds 88 % of those that are (product user manual 2021, tables 8 and 9). What it misses lies
beside sealed cells for the most part. Of the gain between two such maps one cell in five is
expected to be real: in a few years about 0.1 % of the ground becomes sealed, and errors that are
independent make another 0.5 % seem so (analytics.estimation, noise).
"""

from __future__ import annotations

from collections.abc import Mapping

SEALED: Mapping[str, float] = {
    "stable_sealed": 0.93, "gain": 0.5, "loss": 0.5, "buffer": 0.04, "stable_unsealed": 0.001,
    "sealed": 0.93, "unsealed": 0.001,
}  # fmt: skip
"""Shares of the cells of a stratum that are sealed in the year of the later edition."""
GAIN: Mapping[str, float] = {"gain": 0.2, "buffer": 0.002, "stable_unsealed": 0.0001}
"""Shares that became sealed between the editions; 0 in other strata."""
NEAR = 0.1
"""Part of the unsealed cells that lies beside sealed ones, where nothing is known of it."""
_FAR = {"unsealed", "stable_unsealed"}


def expected_share(
    shares: Mapping[str, float], stratum: str, *, near: float, has_buffer: bool
) -> float:
    """The share of a stratum. Where no buffer is told apart, the part ``near`` of the unsealed
    cells, which lies beside sealed ones, is among them."""
    found = shares.get("stable_unsealed" if stratum in _FAR else stratum, 0.0)
    if has_buffer or stratum not in _FAR:
        return found
    return near * shares["buffer"] + (1 - near) * found
