"""Codes and names of zones, as the fields of a stranger's file give them."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import category

from analytics.uploads.findings import LONGEST_CODE, LONGEST_NAME, finding
from analytics.uploads.records import Finding


def why_unusable(code: str) -> str | None:
    """What keeps a code out of addresses, where codes stand; None where nothing does."""
    if len(code) > LONGEST_CODE:
        return f"a code of {len(code)} characters"
    if "/" in code:
        return "a code with a slash"
    if code in {".", ".."}:
        return "a code of dots alone"
    if any(is_control(c) for c in code):
        return "a code with control characters"
    return None


def is_control(character: str) -> bool:
    """Whether a character is none that is seen: a control, a format, a half of a pair …"""
    return not character.isprintable() and category(character) != "Zs"


def check_codes(codes: Sequence[str], findings: list[list[Finding]]) -> None:
    """Say which codes are missing, cannot be used, or stand at two features."""
    first: dict[str, int] = {}
    for index, (code, found) in enumerate(zip(codes, findings, strict=True)):
        wrong = why_unusable(code)
        earlier = first.setdefault(code, index)
        if not code:
            found.append(finding("code-missing", "no code"))
        elif wrong is not None:
            found.append(finding("code-unusable", wrong))
        elif earlier != index:
            same = f"the code {code!r} of feature {earlier}"
            found.append(finding("code-duplicate", same, {"index": earlier}))


def clean_names(
    names: Sequence[str], codes: Sequence[str], findings: list[list[Finding]]
) -> list[str]:
    """Names on one line of at most 200 characters; the code stands in for a name that is missing.

    A change that the uploader would not expect is noted.
    """
    return [
        _clean(name, found) or code
        for name, code, found in zip(names, codes, findings, strict=True)
    ]


def visible(value: str) -> str:
    """A value on one line, without characters that are not seen."""
    kept = ("" if is_control(c) and not c.isspace() else c for c in value)
    return " ".join("".join(kept).split())


def _clean(name: str, findings: list[Finding]) -> str:
    cleaned = visible(name)
    if any(is_control(c) for c in name):
        removed = "line breaks or other control characters in the name"
        findings.append(finding("name-control-characters", removed))
    if len(cleaned) > LONGEST_NAME:
        findings.append(finding("name-cut", f"a name longer than {LONGEST_NAME} characters"))
    return cleaned[:LONGEST_NAME].rstrip()
