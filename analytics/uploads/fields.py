"""Which fields hold the code and the name of zones: a guess that the uploader may change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from analytics.uploads.errors import UploadError
from analytics.uploads.findings import finding
from analytics.uploads.formats.raw_layer import RawLayer, text, value_text
from analytics.uploads.labels import visible, why_unusable
from analytics.uploads.records import FieldListing, Finding

LONGEST_FIELD_NAME = 60
"""Characters of a field's name, or a layer's, that are shown; the file's own may be a megabyte."""
Value = TypeVar("Value")

_NAMELESS = "unnamed"
_MOST_LEFT_OUT = 2_000
"""Fields without a column whose names are kept: a stranger's features may have a name each."""
_MOST_NAMED = 100
_SAMPLES = 3
_SAMPLE_LENGTH = 60

_CODE_NAMES = (
    "code_insee", "insee_com", "codgeo", "nuts_id", "jpt_kod_je", "teryt", "kod_teryt", "gisco_id",
    "lau_id", "code", "kod", "zone_code", "zone_id", "identifier", "identifiant", "id", "gid",
    "ref", "fid", "objectid",
)  # fmt: skip
_NAME_NAMES = (
    "nom", "name", "nazwa", "jpt_nazwa_", "nom_com", "libelle", "libgeo", "name_latn", "nuts_name",
    "lau_name", "zone_name", "label", "title", "titre", "name_en", "namn", "nome", "nombre",
)  # fmt: skip
_USUAL = frozenset(_CODE_NAMES + _NAME_NAMES)


def shown_names(names: Iterable[Any]) -> list[str]:
    """Names of fields, or of layers, as people see them: on one line, each once. A long one is cut,
    and one that another is shown by is numbered."""
    shown: dict[str, None] = {}
    for name in names:
        whole = text(name) or _NAMELESS
        one = whole[:LONGEST_FIELD_NAME]
        number = 1
        while one in shown:
            number += 1
            ending = f" ({number})"
            one = whole[: LONGEST_FIELD_NAME - len(ending)] + ending
        shown[one] = None
    return list(shown)


def select(
    names: Sequence[str], values: Sequence[Value], *, most: int
) -> tuple[dict[str, Value], tuple[str, ...]]:
    """Values of the fields that are read, by the names that are shown, and the names of the others.

    Of more than ``most``, those with a usual name come before others, and earlier ones before later
    ones. The order stays that of the file.
    """
    shown = dict(zip(shown_names(names), values, strict=True))
    kept = set(sorted(shown, key=lambda name: not _is_usual(name))[:most])
    left_out = tuple(name for name in shown if name not in kept)
    return {name: value for name, value in shown.items() if name in kept}, left_out


def columns(
    records: Sequence[Mapping[str, Any]], *, most: int
) -> tuple[dict[str, list[str]], tuple[str, ...]]:
    """Values of features whose fields come with each of them, as columns; blank where one has no
    such field. With them the names of fields that have no column (``select``)."""
    names: dict[str, None] = {}
    for record in records:
        for name in record:
            if len(names) < most + _MOST_LEFT_OUT or _is_usual(name):
                names[name] = None
    selected, left_out = select([*names], [*names], most=most)
    values = {
        shown: [value_text(record.get(name)) for record in records]
        for shown, name in selected.items()
    }
    return values, left_out


def _is_usual(name: str) -> bool:
    return name.lower() in _USUAL


def left_out_finding(layer: RawLayer) -> tuple[Finding, ...]:
    """What to say where some fields of a layer were not read."""
    number = len(layer.left_out)
    if not number:
        return ()
    names = ", ".join(layer.left_out[:_MOST_NAMED]) + (" …" if number > _MOST_NAMED else "")
    return (
        finding(
            "fields-left-out",
            f"{number} fields beside {len(layer.fields)} that were read: {names}",
            {"fields": number, "read": len(layer.fields)},
            {"shown": names},
        ),
    )


def guess_code_field(fields: Mapping[str, Sequence[str]]) -> str | None:
    """A field with a usual name and a usable, different value in every feature."""
    return next((f for f in _named(fields, _CODE_NAMES) if _are_codes(fields[f])), None)


def guess_name_field(fields: Mapping[str, Sequence[str]]) -> str | None:
    """A field with a usual name; else the first with words in most features, and no codes."""
    named = next(iter(_named(fields, _NAME_NAMES)), None)
    if named is not None:
        return named
    others = (f for f in fields if f.lower() not in _CODE_NAMES)
    return next((f for f in others if _has_words(fields[f])), None)


def listed(fields: Mapping[str, Sequence[str]]) -> tuple[FieldListing, ...]:
    """Each field with its first values that differ."""
    return tuple(FieldListing(name, _sample(values)) for name, values in fields.items())


def check_chosen(field: str | None, fields: Mapping[str, Sequence[str]]) -> None:
    """Raise UploadError where the uploader has named a field that the layer lacks."""
    if field and field not in fields:
        present = ", ".join(list(fields)[:20]) or "none"
        raise UploadError(
            "unknown-field", found=f"the fields {present}", expected=f"a field {field[:60]!r}"
        )


def _sample(values: Sequence[str]) -> tuple[str, ...]:
    shown: dict[str, None] = {}
    for value in values:
        if one := visible(value)[:_SAMPLE_LENGTH]:
            shown[one] = None
        if len(shown) == _SAMPLES:
            break
    return tuple(shown)


def _named(fields: Mapping[str, Sequence[str]], usual: Sequence[str]) -> list[str]:
    lowered = {field.lower(): field for field in reversed(list(fields))}
    return [lowered[name] for name in usual if name in lowered]


def _are_codes(values: Sequence[str]) -> bool:
    usable = all(value and why_unusable(value) is None for value in values)
    return bool(values) and usable and len(set(values)) == len(values)


def _has_words(values: Sequence[str]) -> bool:
    return sum(any(c.isalpha() for c in v) for v in values) > len(values) / 2
