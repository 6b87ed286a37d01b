"""Which encoding the texts of a .dbf have: its records decide, and what is declared is believed
where they agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.uploads.findings import finding
from analytics.uploads.formats.code_pages import (
    UTF_8,
    WINDOWS_1252,
    WINDOWS_OF_ISO,
    decoded,
    named,
    of_language,
)
from analytics.uploads.labels import visible
from analytics.uploads.records import EncodingReading, Finding

_CANDIDATES = (
    UTF_8, WINDOWS_1252, "Windows-1250", "ISO-8859-15", "ISO-8859-2", "CP850", "CP852",
    "Windows-1251", "Windows-1253", "Windows-1257",
)  # fmt: skip
"""Encodings whose readings are shown, beside the declared and the used one."""
_MOST_READINGS = 8
_SAMPLES = 3
_SAMPLE_LENGTH = 60
_MOSTLY = 0.5
"""The share of texts that are UTF-8 where all are meant to be: a text of another encoding is hardly
ever UTF-8 by chance, while single texts may be damaged."""


@dataclass(frozen=True, slots=True)
class RawText:
    """A value with bytes beyond ASCII. ``fills``: nothing is left of its field, so that it may be
    cut off inside a character."""

    value: bytes
    fills: bool


@dataclass(frozen=True, slots=True)
class Encoding:
    """The encoding that is used, what to say of it, and how others would read the texts."""

    label: str
    findings: tuple[Finding, ...] = ()
    readings: tuple[EncodingReading, ...] = ()
    """Empty where all texts are ASCII: all encodings read them alike."""


def choose(
    texts: Sequence[RawText], *, declared: str, language: int, chosen: str | None
) -> Encoding:
    """The encoding of texts. ``declared``: the text of the .cpg; ``language``: the language driver
    of the .dbf; ``chosen``: a label that the uploader has named, which holds whatever they say."""
    said = named(declared) or of_language(language)
    if not texts:
        return Encoding(chosen or said or UTF_8)
    if chosen is not None:
        return Encoding(chosen, _unreadable(texts, chosen), _readings(texts, chosen, said))
    source = f".cpg ({declared})" if named(declared) else f"language driver ({language:#04x})"
    label, findings = _decided(texts, said, source)
    if said is None and label != UTF_8:
        findings = (_guessed(declared, label),)
    return Encoding(label, findings or _unreadable(texts, label), _readings(texts, label, said))


def _decided(
    texts: Sequence[RawText], said: str | None, source: str
) -> tuple[str, tuple[Finding, ...]]:
    """The encoding that the records show, and what to say where another one is declared."""
    utf_8 = _share_of_utf_8(texts)
    if utf_8 >= _MOSTLY:
        agreed = said is None or said == UTF_8
        return UTF_8, () if agreed else (_contradicted(source, said, UTF_8),)
    if said is None:
        return WINDOWS_1252, ()
    if said == UTF_8:
        only_ends = all(text.fills and _is_at_the_end(_fault(text.value)) for text in texts)
        if only_ends:
            return UTF_8, ()
        return WINDOWS_1252, (_contradicted(source, said, WINDOWS_1252),)
    windows = WINDOWS_OF_ISO.get(said)
    if windows is not None and any(_has_controls(decoded(t.value, said)) for t in texts):
        return windows, (_contradicted(source, said, windows),)
    return said, ()


def _share_of_utf_8(texts: Sequence[RawText]) -> float:
    """The share of texts that are UTF-8; 0 where none has a whole character beyond ASCII.

    A text that ends inside a character is UTF-8 where nothing is left of its field, or where more
    texts have whole characters than end so.
    """
    faults = [_fault(text.value) for text in texts]
    whole = faults.count(None)
    cut = [(t, fault) for t, fault in zip(texts, faults, strict=True) if _is_at_the_end(fault)]
    if not whole and all(text.value[: fault.start].isascii() for text, fault in cut if fault):
        return 0.0
    early = sum(not text.fills for text, _ in cut)
    return (whole + len(cut) - (early if early > whole else 0)) / len(texts)


def _fault(value: bytes) -> UnicodeDecodeError | None:
    """Where a text is not UTF-8."""
    try:
        value.decode("utf-8")
    except UnicodeDecodeError as error:
        return error
    return None


def _is_at_the_end(fault: UnicodeDecodeError | None) -> bool:
    """Whether a text is UTF-8 up to its end, which is a part of a character."""
    return fault is not None and fault.reason == "unexpected end of data"


def _has_controls(text: str) -> bool:
    return any("\x7f" <= c <= "\x9f" for c in text)


def _unreadable(texts: Sequence[RawText], label: str) -> tuple[Finding, ...]:
    wrong = [t.value for t in texts if not _reads(t.value, label)]
    if not wrong:
        return ()
    shown = ", ".join(repr(_shown(value, label)) for value in wrong[:_SAMPLES])
    unreadable = f"{len(wrong)} texts that are not {label}, such as {shown}"
    names = {"encoding": label, "shown": shown}
    return (finding("encoding-unreadable", unreadable, {"texts": len(wrong)}, names),)


def _reads(value: bytes, label: str) -> bool:
    text = decoded(value, label)
    return "\ufffd" not in text and not _has_controls(text)


def _contradicted(source: str, said: str | None, used: str) -> Finding:
    return finding(
        "encoding-contradicted",
        f"texts that are {used}, not {said} as the {source} says",
        names={"used": used, "said": str(said), "source": source},
    )


def _guessed(declared: str, used: str) -> Finding:
    unknown = f" that is known (.cpg: {declared})" if declared else ""
    return finding(
        "encoding-guessed",
        f"no declared encoding{unknown}, and texts that are not UTF-8; read as {used}",
        names={"declared": declared, "used": used},
    )


def _readings(texts: Sequence[RawText], used: str, said: str | None) -> tuple[EncodingReading, ...]:
    """How some texts read in each encoding: the used one, the declared one, then those in which
    they read without a fault, and otherwise than in an earlier one."""
    shown = list(dict.fromkeys(text.value for text in texts))[:_SAMPLES]
    always = [label for label in (used, said) if label is not None]
    found: dict[tuple[str, ...], str] = {}
    for label in dict.fromkeys((*always, *_CANDIDATES)):
        if label in always or all(_reads(value, label) for value in shown):
            found.setdefault(tuple(_shown(value, label) for value in shown), label)
    readings = [EncodingReading(label, sample) for sample, label in found.items()]
    return tuple(readings[:_MOST_READINGS])


def _shown(value: bytes, label: str) -> str:
    return visible(decoded(value, label))[:_SAMPLE_LENGTH]
