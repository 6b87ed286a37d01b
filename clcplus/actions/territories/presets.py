"""Presets: where the files of public bodies say what a zone is. Data, and how a file is recognised.

Sources of the columns: the descriptions of ADMIN EXPRESS COG 2, 3 and 4 (IGN), of NUTS and LAU
(Eurostat GISCO), of the PRG (GUGiK).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from analytics.zones import FileLayer, file_layers
from clcplus.errors import UnfitBoundaries, UnknownLevel

_WFS = (
    "https://data.geopf.fr/wfs/ows?SERVICE=WFS&VERSION=2.0.0&REQUEST=GetFeature"
    "&OUTPUTFORMAT=application/json&SRSNAME=EPSG:4326&COUNT=5000"
    "&TYPENAMES=ADMINEXPRESS-COG.LATEST:"
)
_GISCO = "https://gisco-services.ec.europa.eu/distribution/v2"
_MOST_SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetLevel:
    """One level of a preset, and the columns of its zones."""

    level: str
    code: str
    name: str
    parent: str = ""
    """Level above."""
    parent_column: str = ""
    """Column with the parent's code."""
    parent_letters: int = 0
    """First letters of the code that are the parent's, where no column has it."""
    parent_by_place: bool = False
    """Where the file does not name the parent: it is the zone that holds an inner point."""
    layer: str = ""
    """Regular expression for the name of the layer, in files of several layers; any case."""
    rows: Mapping[str, str] = field(default_factory=dict)
    """Which rows are of this level, where a layer has several levels: a pattern for a column."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a layer must have."""
        wanted = (self.code, self.name, self.parent_column, *self.rows)
        return tuple(dict.fromkeys(column for column in wanted if column))


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """Files of one publisher. ``forms`` are generations of their columns, the newest first; each
    has its levels, the finest first."""

    name: str
    title: str
    forms: tuple[tuple[PresetLevel, ...], ...]
    country: str = ""
    """Column with the country's letters."""

    @property
    def levels(self) -> list[str]:
        """The levels, the finest first."""
        return list(dict.fromkeys(level.level for form in self.forms for level in form))


def _nuts(number: int) -> PresetLevel:
    return PresetLevel(
        level=f"nuts{number}",
        code="NUTS_ID",
        name="NAME_LATN",
        parent=f"nuts{number - 1}" if number else "",
        parent_letters=number + 1 if number else 0,
        rows={"LEVL_CODE": str(number)},
    )


def _admin_express(
    *, codes: tuple[str, str, str], names: tuple[str, str, str], departement: str, region: str
) -> tuple[PresetLevel, ...]:
    """Communes, départements and regions with these columns; ``departement`` and ``region`` hold
    the code of the level above."""
    levels = ("commune", "departement", "region")
    above = (("departement", departement), ("region", region), ("", ""))
    return tuple(
        PresetLevel(
            level=level,
            code=code,
            name=name,
            parent=parent,
            parent_column=column,
            layer=f"{level}s?",
        )
        for level, code, name, (parent, column) in zip(levels, codes, names, above, strict=True)
    )


ADMIN_EXPRESS = Preset(
    name="admin-express",
    title="IGN ADMIN-EXPRESS-COG, France",
    # Versions 4, 3 and 2.
    forms=(
        _admin_express(
            codes=("code_insee", "code_insee", "code_insee"),
            names=("nom_officiel", "nom_officiel", "nom_officiel"),
            departement="code_insee_du_departement",
            region="code_insee_de_la_region",
        ),
        _admin_express(
            codes=("INSEE_COM", "INSEE_DEP", "INSEE_REG"),
            names=("NOM", "NOM", "NOM"),
            departement="INSEE_DEP",
            region="INSEE_REG",
        ),
        _admin_express(
            codes=("INSEE_COM", "INSEE_DEP", "INSEE_REG"),
            names=("NOM_COM", "NOM_DEP", "NOM_REG"),
            departement="INSEE_DEP",
            region="INSEE_REG",
        ),
    ),
)
NUTS = Preset(
    name="nuts",
    title="Eurostat GISCO NUTS, Europe",
    forms=((_nuts(3), _nuts(2), _nuts(1), _nuts(0)),),
    country="CNTR_CODE",
)
LAU = Preset(
    name="lau",
    title="Eurostat GISCO LAU, Europe",
    # LAU_ID is unique in one country alone.
    forms=(
        (
            PresetLevel(
                level="lau",
                code="GISCO_ID",
                name="LAU_NAME",
                parent="nuts3",
                parent_by_place=True,
            ),
        ),
    ),
    country="CNTR_CODE",
)
PRG = Preset(
    name="prg",
    title="GUGiK PRG, Poland",
    forms=(
        (
            PresetLevel(
                level="gmina",
                code="JPT_KOD_JE",
                name="JPT_NAZWA_",
                parent="powiat",
                parent_letters=4,
                layer=".*gmin.*",
                rows={"JPT_KOD_JE": r"\d{7}"},
            ),
            PresetLevel(
                level="powiat",
                code="JPT_KOD_JE",
                name="JPT_NAZWA_",
                parent="wojewodztwo",
                parent_letters=2,
                layer=".*powiat.*",
                rows={"JPT_KOD_JE": r"\d{4}"},
            ),
            PresetLevel(
                level="wojewodztwo",
                code="JPT_KOD_JE",
                name="JPT_NAZWA_",
                layer=".*wojew.*",
                rows={"JPT_KOD_JE": r"\d{2}"},
            ),
        ),
    ),
)
PRESETS: Mapping[str, Preset] = {p.name: p for p in (ADMIN_EXPRESS, NUTS, LAU, PRG)}
"""By the name that commands have for them."""


def department_addresses(code: str) -> tuple[str, ...]:
    """Addresses of a French département and of its communes, in the newest vintage."""
    if not re.fullmatch(r"[0-9][0-9AB][0-9]?", code):
        raise UnknownLevel(
            f"departement:{code}"[:60], found="no such code", expected="one such as 38 or 2A"
        )
    return (
        f"{_WFS}departement&CQL_FILTER=code_insee=%27{code}%27",
        f"{_WFS}commune&CQL_FILTER=code_insee_du_departement=%27{code}%27",
    )


NUTS_ADDRESS = f"{_GISCO}/nuts/gpkg/NUTS_RG_01M_2024_3035.gpkg"
LAU_ADDRESS = f"{_GISCO}/lau/gpkg/LAU_RG_01M_2024_3035.gpkg"


@dataclass(frozen=True, slots=True)
class Found:
    """A layer of a file in which a level was recognised."""

    path: Path
    layer: str | None
    preset: Preset
    level: PresetLevel


def recognise(path: Path, presets: Sequence[Preset]) -> list[Found]:
    """The levels of a file. Raises UnfitBoundaries where no layer has the columns of a preset."""
    if path.suffix.lower() == ".7z":
        raise UnfitBoundaries(
            path.name,
            found="a 7z archive",
            expected="a vector file, or a zip archive of one",
            hint="Unpack it, and import the file in it",
        )
    layers = file_layers(path)
    found = [
        Found(path, layer.name, preset, level)
        for preset in presets
        for layer in layers
        for level in _levels_of(layer, preset, alone=len(layers) == 1)
    ]
    if not found:
        raise _unfit(path, layers, presets)
    return found


def _levels_of(layer: FileLayer, preset: Preset, *, alone: bool) -> list[PresetLevel]:
    for form in preset.forms:
        levels = [
            level
            for level in form
            if set(level.columns) <= set(layer.fields)
            and (not preset.country or preset.country in layer.fields)
            and (alone or not level.layer or _is_named(layer, level))
        ]
        if levels:
            # Without a pattern for rows, columns tell the levels: the first has the most of them.
            return levels if levels[0].rows else levels[:1]
    return []


def _is_named(layer: FileLayer, level: PresetLevel) -> bool:
    return bool(re.fullmatch(level.layer, layer.name or "", re.IGNORECASE))


def _unfit(path: Path, layers: Sequence[FileLayer], presets: Sequence[Preset]) -> UnfitBoundaries:
    columns = list(dict.fromkeys(column for layer in layers for column in layer.fields))
    shown = ", ".join(columns[:_MOST_SHOWN]) + (" …" if len(columns) > _MOST_SHOWN else "")
    wanted = "; or ".join(", ".join(form[0].columns) for preset in presets for form in preset.forms)
    fitting = [
        preset.name
        for preset in PRESETS.values()
        if any(
            _levels_of(layer, preset, alone=alone) for layer in layers for alone in (True, False)
        )
    ]
    hint = "Name the columns with --code-field and --name-field"
    if fitting:
        hint = f"The file fits --preset {fitting[0]}"
    elif len(layers) > 1:
        hint = f"Layers: {', '.join(str(layer.name) for layer in layers[:8])}"
    return UnfitBoundaries(
        path.name,
        found=f"columns {shown or '(none)'}",
        expected=f"those of {' or '.join(p.name for p in presets)}: {wanted}",
        hint=hint,
    )


def vintage_of(names: Sequence[str]) -> int | None:
    """The one year that names of files have, such as 2024 in ``NUTS_RG_01M_2024_3035.gpkg``."""
    years = {int(year) for name in names for year in re.findall(r"(?<!\d)(20[0-4]\d)(?!\d)", name)}
    return years.pop() if len(years) == 1 else None
