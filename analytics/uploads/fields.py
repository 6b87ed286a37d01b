"""Which fields hold the code and the name of zones: a guess that the uploader may change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analytics.uploads.errors import UploadError

_CODE_NAMES = (
    "code_insee", "insee_com", "codgeo", "nuts_id", "jpt_kod_je", "teryt", "kod_teryt", "gisco_id",
    "lau_id", "code", "kod", "zone_code", "zone_id", "identifier", "identifiant", "id", "gid",
    "ref", "fid", "objectid",
)  # fmt: skip
_NAME_NAMES = (
    "nom", "name", "nazwa", "jpt_nazwa_", "nom_com", "libelle", "libgeo", "name_latn", "nuts_name",
    "lau_name", "zone_name", "label", "title", "titre", "name_en", "namn", "nome", "nombre",
)  # fmt: skip


def guess_code_field(fields: Mapping[str, Sequence[str]]) -> str | None:
    """A field with a usual name and a different value in every feature."""
    return next((f for f in _named(fields, _CODE_NAMES) if _is_unique(fields[f])), None)


def guess_name_field(fields: Mapping[str, Sequence[str]]) -> str | None:
    """A field with a usual name; else the first with words in most features."""
    named = next(iter(_named(fields, _NAME_NAMES)), None)
    if named is not None:
        return named
    return next((f for f, values in fields.items() if _has_words(values)), None)


def chosen(field: str | None, fields: Mapping[str, Sequence[str]]) -> str | None:
    """The field that the uploader has named. Raises UploadError where the layer lacks it."""
    if field is not None and field not in fields:
        listed = ", ".join(list(fields)[:20]) or "none"
        raise UploadError(
            "unknown-field", found=f"the fields {listed}", expected=f"a field {field[:60]!r}"
        )
    return field


def _named(fields: Mapping[str, Sequence[str]], usual: Sequence[str]) -> list[str]:
    lowered = {field.lower(): field for field in reversed(list(fields))}
    return [lowered[name] for name in usual if name in lowered]


def _is_unique(values: Sequence[str]) -> bool:
    return bool(values) and all(values) and len(set(values)) == len(values)


def _has_words(values: Sequence[str]) -> bool:
    return sum(any(c.isalpha() for c in v) for v in values) > len(values) / 2
