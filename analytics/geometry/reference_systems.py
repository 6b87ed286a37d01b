"""Reference systems compared by what they mean, whoever wrote them; and where their places end."""

from __future__ import annotations

import math
import re
from typing import Any

import pyproj

CONFIDENCE = 70
"""Of PROJ, in per cent, from which on a definition is that of a known system under another name."""
ALIKE = 1e-9
"""Share by which two parameters may differ: what is left of one number by two ways of writing."""

FARTHEST_METRES = 1e8
"""No projected system puts a place of the Earth beyond: zone numbers before the easting and the
edges of maps in use included."""
FARTHEST_TURNS = 2.0
"""Longitudes may run on beyond 180°, but not round and round."""


def same_system(one: pyproj.CRS, other: pyproj.CRS) -> bool:
    """Whether coordinates in one system, easting first, are those of the other.

    The order of axes, names and the digits that another program has cut do not matter.
    """
    if one.equals(other, ignore_axis_order=True):
        return True
    known = one.to_authority(min_confidence=CONFIDENCE)
    if known is not None and known == other.to_authority(min_confidence=CONFIDENCE):
        return True
    ours, theirs = _meaning(one), _meaning(other)
    if ours is None or theirs is None:
        return False
    unlike = _unlike(ours, theirs)
    # Editions of the EPSG data set rename datums: rasterio's and pyproj's need not be of one age.
    return not unlike or (
        unlike == ["datum"] and _declared_code(one) == _declared_code(other) != ""
    )


def described(crs: pyproj.CRS) -> str:
    """A system's name, with its code where it is a known one."""
    known = crs.to_authority(min_confidence=CONFIDENCE)
    return f"{crs.name} ({':'.join(known)})" if known else str(crs.name)


def differences(one: pyproj.CRS, other: pyproj.CRS) -> str:
    """What tells two systems apart, in words: that of ``one`` against that of ``other``."""
    ours, theirs = _meaning(one), _meaning(other)
    if ours is None or theirs is None:
        return f"{one.type_name} against {other.type_name}"
    unlike = _unlike(ours, theirs)
    if "method" in unlike:
        # The parameters of two methods cannot be compared.
        unlike = [key for key in unlike if key in {"method", "datum"}]
    return "; ".join(
        f"{key} {_word(ours.get(key))} against {_word(theirs.get(key))}" for key in unlike
    )


def metres_per_unit(crs: pyproj.CRS) -> float:
    """Metres in a unit of a projected system's coordinates; 1 where it declares none."""
    axes = crs.axis_info
    return float(axes[0].unit_conversion_factor) if axes else 1.0


def farthest(crs: pyproj.CRS) -> float:
    """The size of a coordinate, in the system's own unit, beyond which no place of the Earth is."""
    unit = metres_per_unit(crs)
    limit = 2 * math.pi * FARTHEST_TURNS if crs.is_geographic else FARTHEST_METRES
    return limit / unit if unit > 0 else limit


def _meaning(crs: pyproj.CRS) -> dict[str, Any] | None:
    """What decides where the coordinates of a projected system lie; None of another kind."""
    plane = next((part for part in (*crs.sub_crs_list, crs) if part.is_projected), None)
    if plane is not None and plane.is_bound:
        plane = plane.source_crs
    if plane is None or plane.coordinate_operation is None or plane.ellipsoid is None:
        return None
    ellipsoid, meridian, axes = plane.ellipsoid, plane.prime_meridian, plane.axis_info
    return {
        "method": plane.coordinate_operation.method_name,
        **{parameter.name: _value(parameter) for parameter in plane.coordinate_operation.params},
        "datum": _datum(plane),
        "semi-major axis": ellipsoid.semi_major_metre,
        "inverse flattening": ellipsoid.inverse_flattening,
        "prime meridian": float(meridian.longitude) * float(meridian.unit_conversion_factor)
        if meridian
        else 0.0,
        "metres in a unit": axes[0].unit_conversion_factor if axes else 1.0,
        "directions": " and ".join(sorted(axis.direction for axis in axes)),
    }


def _value(parameter: Any) -> float:
    """A parameter in degrees, metres or parts of one."""
    value = float(parameter.value) * float(parameter.unit_conversion_factor)
    return math.degrees(value) if parameter.unit_category == "angular" else value


def _declared_code(crs: pyproj.CRS) -> str:
    """The code that a definition gives itself; empty where it gives none."""
    declared = crs.to_json_dict().get("id", {})
    return f"{declared['authority']}:{declared['code']}" if "code" in declared else ""


def _datum(crs: pyproj.CRS) -> str:
    """A datum's name, however it is spelled."""
    named = crs.datum or crs.geodetic_crs
    name = named.name if named is not None else "unknown"
    return " ".join(re.sub(r"\bensemble\b|\bD_|_", " ", name).split())


def _unlike(ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    return [
        key for key in dict.fromkeys((*ours, *theirs)) if not _alike(ours.get(key), theirs.get(key))
    ]


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, float | int) and isinstance(other, float | int):
        return math.isclose(one, other, rel_tol=ALIKE, abs_tol=ALIKE)
    return str(one).casefold() == str(other).casefold()


def _word(value: Any) -> str:
    return "none" if value is None else f"{value:.15g}" if isinstance(value, float) else str(value)
