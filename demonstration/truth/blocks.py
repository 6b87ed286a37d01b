"""The texture of built-up land at 10 m: quarters, blocks, streets, houses; business zones."""

import math

from demonstration.grids.fields import hashed, unit, value_noise
from demonstration.grids.kernels import kernel
from demonstration.landscape.settlements import DEVELOPED_FROM

QUARTER_M = 420.0
# How far the fate of single blocks strays from the density round them: 0 would give round towns.
BLOCK_SPREAD = 0.30


@kernel
def block_at(x: float, y: float, seed: int) -> tuple[int, float, float, float, float]:
    """Key of the block of streets that a point (metres) lies in; its position in the block along
    both sides, and the block's two sides, all in metres."""
    i, j = math.floor(x / QUARTER_M), math.floor(y / QUARTER_M)
    nearest = 1e18
    qi, qj = i, j
    qx = qy = 0.0
    for b in range(j - 1, j + 2):
        for a in range(i - 1, i + 2):
            cx = (a + 0.15 + 0.7 * unit(a, b, seed)) * QUARTER_M
            cy = (b + 0.15 + 0.7 * unit(a, b, seed + 1)) * QUARTER_M
            d = (cx - x) * (cx - x) + (cy - y) * (cy - y)
            if d < nearest:
                nearest = d
                qi, qj, qx, qy = a, b, cx, cy
    turn = unit(qi, qj, seed + 2) * 0.5 * math.pi
    length = 90.0 + 80.0 * unit(qi, qj, seed + 3)
    width = 62.0 + 36.0 * unit(qi, qj, seed + 4)
    u = (x - qx) * math.cos(turn) + (y - qy) * math.sin(turn)
    v = -(x - qx) * math.sin(turn) + (y - qy) * math.cos(turn)
    bu, bv = math.floor(u / length), math.floor(v / width)
    key = hashed(bu + 64, bv + 64, hashed(qi, qj, seed + 5))
    return key, u - bu * length, v - bv * width, length, width


@kernel
def block_threshold(key: int, seed: int) -> float:
    """Density from which a block is built on."""
    return DEVELOPED_FROM + BLOCK_SPREAD * (unit(key & 0xFFFF, key >> 16, seed + 6) - 0.5)


@kernel
def block_texture(x: float, y: float, density: float, seed: int) -> tuple[bool, float]:
    """Whether a cell of a block is sealed when the block is built on, and the block's threshold."""
    key, along, across, length, width = block_at(x, y, seed)
    threshold = block_threshold(key, seed)
    dense = min(1.0, max(0.0, (density - DEVELOPED_FROM) / 0.66))
    if along < 10.0 or across < 10.0:
        # Streets; some are too narrow or too leafy to be sealed by majority.
        segment = unit(key & 0xFFFF, 1 if along < 10.0 else 2, seed + 7)
        return segment < 0.66 + 0.5 * dense, threshold
    # A square or a park in place of houses, now and then.
    if unit(key & 0xFFFF, 3, seed + 9) < 0.045:
        return False, threshold
    front = min(along - 10.0, length - along, across - 10.0, width - across)
    # Houses stand in rows along the street: a lot is as deep as its row, and neighbours are alike.
    lot = unit(int(along / 22.0), int(across / 22.0), seed + 10 + (key & 0xFFFFF))
    row = 0.5 + 0.5 * value_noise(x / 42.0, y / 42.0, seed + 8)
    chance = 0.43 + 0.45 * dense if front < 19.0 else 0.17 + 0.62 * dense**1.3
    return 0.42 * lot + 0.58 * row < chance, threshold


@kernel
def business_texture(x: float, y: float, seed: int) -> bool:
    """Whether a cell of a business zone is sealed: halls and parking, or strips of green."""
    key, along, across, _, _ = block_at(x * 0.62, y * 0.62, seed + 50)
    plot = unit(key & 0xFFFF, key >> 16, seed + 11)
    if plot < 0.16:
        return False
    return not ((along < 7.0 and plot < 0.55) or (across < 6.0 and plot > 0.4))
