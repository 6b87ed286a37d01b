"""What a reader of a page sees, and what its language would print otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

NO_BREAK = "\u00a0\u202f"
_INLINE = {
    *("a", "abbr", "b", "bdi", "button", "em", "i", "label", "mark", "output", "q", "small"),
    *("span", "strong", "sub", "sup", "time", "tspan", "var"),
}
_UNREAD = {"code", "kbd", "math", "pre", "script", "style", "textarea"}
_VOID = {"br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
_SAID = ("alt", "aria-label", "content", "placeholder", "title", "data-label")
_ADDRESS = re.compile(
    r"\{“type”: …\}|SRID=\d+;|POLYGON \(\(.*?\)\)"
    r"|(?:https?://|doi:|sha256:?)\S+|\b[\w.-]+@[\w.-]+|/[\w./?=&:-]+"
)


class _Reader(HTMLParser):
    """Collects the lines of a page: one for each block, and the words that stand for pictures."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self.said: list[str] = []
        self._unread = 0
        self._closed = False
        self._foreign: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNREAD:
            self._unread += 1
            return
        known = dict(attrs)
        if self._foreign and tag not in _VOID:
            self._foreign.append(tag)
        elif known.get("hreflang") or (known.get("lang") and tag != "html"):
            self._foreign = [tag]
        # Pieces that touch each other in the source stand apart by the style.
        if tag not in _INLINE or (self._closed and self.lines[-1][-1:].strip()):
            self.lines.append("")
        self._closed = False
        if not self._foreign:
            self.said += [value for name in _SAID if (value := known.get(name))]

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNREAD:
            self._unread -= 1
            return
        if self._foreign:
            self._foreign.pop()
        self._closed = True
        if tag not in _INLINE:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        self._closed = False
        if not self._unread and not self._foreign:
            self.lines[-1] += data


def lines_of(page: str) -> list[str]:
    """The lines of a page without addresses and coordinates; white space is one space."""
    reader = _Reader()
    reader.feed(page)
    joined = (re.sub(r"[ \t\r\n]+", " ", line).strip(" ") for line in (*reader.lines, *reader.said))
    return [without for line in joined if (without := _ADDRESS.sub("", line))]


_FRENCH = {
    "a no-break space before the sign": re.compile(
        rf"(?<!^)(?<![{NO_BREAK}:;!?.…])(?:[;!?%»]|:(?=\s|$))"
    ),
    "a no-break space after «": re.compile(rf"«(?![{NO_BREAK}])"),
}
_NUMBERS = {
    # 1.5 is a number; v1.1, 4.0 of a licence and 12.11.2026 are not.
    "a decimal comma": re.compile(r"(?<![\w.,])\d+\.\d+(?![\w.])"),
    "thousands apart": re.compile(r"(?<![\w.,/-])[1-9]\d{4,}(?![\w./-])"),
}
_DATES = re.compile(r"\b1 (?:janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre)")


def faults(line: str, language: str) -> Iterator[str]:
    """What is wrong with a line of a page in French or Polish, with its place."""
    rules = {**_NUMBERS}
    if language == "fr":
        rules |= {**_FRENCH, "1er": _DATES}
    if language == "pl":
        rules["no space before the sign"] = re.compile(r"(?<=\w)\s[:;!?](?=\s|$)|(?<=\d)\s%")
        rules["one full stop"] = re.compile(r"(?<!\.)\.\.(?!\.)")
    for rule, pattern in rules.items():
        for found in pattern.finditer(line):
            around = line[max(found.start() - 40, 0) : found.end() + 20]
            yield f"{rule}: {around!r}"
