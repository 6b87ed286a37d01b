"""Which fields hold the code and the name of zones: a guess that the uploader may change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from analytics.uploads.errors import UploadError
from analytics.uploads.formats.raw_layer import RawLayer, text, value_text
from analytics.uploads.labels import visible, why_unusable
from analytics.uploads.records import FieldListing, Finding, Severity

LONGEST_FIELD_NAME = 60
"""Characters of a field's name, or a layer's, that are shown; the file's own may be a megabyte."""
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


class ShownNames:
    """Names of fields, or of layers, as people see them: on one line, short, each once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def add(self, name: Any) -> str:
        """How one more name is shown: cut where it is long, numbered where another is shown so."""
        whole = text(name)
        shown = whole[:LONGEST_FIELD_NAME] or _NAMELESS
        number = 1
        while shown in self._taken:
            number += 1
            ending = f" ({number})"
            shown = (whole or _NAMELESS)[: LONGEST_FIELD_NAME - len(ending)] + ending
        self._taken.add(shown)
        return shown


def shown_names(names: Iterable[Any]) -> list[str]:
    """All names of a layer as they are shown, in its order."""
    shown = ShownNames()
    return [shown.add(name) for name in names]


def kept(names: Iterable[str], *, most: int) -> list[str]:
    """Which fields are read where there are more than ``most``: those with a usual name before
    others, in the order of the file."""
    whole = list(names)
    usual = sum(map(is_usual, whole))
    others = max(0, most - usual)
    found = []
    for name in whole:
        if is_usual(name):
            found.append(name)
        elif others:
            others -= 1
            found.append(name)
    return found[:most]


def is_usual(name: str) -> bool:
    """Whether a field is called as codes or names of zones usually are."""
    return name.lower() in _USUAL


class Columns:
    """Values of features whose fields come with each of them, as columns; blank where one has no
    such field. Of more than ``most`` fields some are left out: the last of those that have no usual
    name."""

    def __init__(self, *, features: int, most: int) -> None:
        self._features, self._most = features, most
        self._shown = ShownNames()
        self._names: dict[str, str] = {}
        self.values: dict[str, list[str]] = {}

    @property
    def left_out(self) -> tuple[str, ...]:
        """Fields that have no column, as they are shown."""
        return tuple(shown for shown in self._names.values() if shown not in self.values)

    def put(self, index: int, name: str, value: Any) -> None:
        """Note a feature's value of a field."""
        if name not in self._names:
            if len(self._names) >= self._most + _MOST_LEFT_OUT and not is_usual(name):
                return
            self._names[name] = self._shown.add(name)
            self._make_column(self._names[name])
        if (column := self.values.get(self._names[name])) is not None:
            column[index] = value_text(value)

    def _make_column(self, shown: str) -> None:
        if len(self.values) == self._most:
            last = next((s for s in reversed(self.values) if not is_usual(s)), None)
            if last is None or not is_usual(shown):
                return
            del self.values[last]
        self.values[shown] = [""] * self._features


def left_out_finding(layer: RawLayer) -> tuple[Finding, ...]:
    """What to say where some fields of a layer were not read."""
    number = len(layer.left_out)
    if not number:
        return ()
    names = ", ".join(layer.left_out[:_MOST_NAMED]) + (" …" if number > _MOST_NAMED else "")
    return (
        Finding(
            "fields-left-out",
            Severity.WARNING,
            f"{number} fields beside {len(layer.fields)} that were read: {names}",
            "fewer fields",
            "Leave out columns that are not needed, if the code or the name is among them",
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
    sample: list[str] = []
    for value in values:
        shown = visible(value)[:_SAMPLE_LENGTH]
        if shown and shown not in sample:
            sample.append(shown)
            if len(sample) == _SAMPLES:
                break
    return tuple(sample)


def _named(fields: Mapping[str, Sequence[str]], usual: Sequence[str]) -> list[str]:
    lowered = {field.lower(): field for field in reversed(list(fields))}
    return [lowered[name] for name in usual if name in lowered]


def _are_codes(values: Sequence[str]) -> bool:
    usable = all(value and why_unusable(value) is None for value in values)
    return bool(values) and usable and len(set(values)) == len(values)


def _has_words(values: Sequence[str]) -> bool:
    return sum(any(c.isalpha() for c in v) for v in values) > len(values) / 2
