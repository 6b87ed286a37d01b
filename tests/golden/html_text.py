"""A page as text: what a reader sees, where its links lead, and the words for those who listen."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_INLINE = {
    *("a", "abbr", "b", "bdi", "em", "i", "mark", "q", "small", "span", "strong", "sub", "sup"),
    *("time", "tspan", "var"),
}
_UNSEEN = {"script", "style", "template"}
_VOID = {"br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
_WORDS = ("alt", "aria-label", "placeholder", "title", "value")
_TARGETS = ("href", "action")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        if self._unseen or tag == "link":
            return
        known = dict(attrs)
        if tag == "meta":
            if known.get("name") == "description":
                self.pieces.append(f"\n[description: {known['content']}]\n")
            return
        if tag not in _INLINE:
            self.pieces.append("\n")
        if known.get("name") == "csrfmiddlewaretoken":
            return
        for name in (*_WORDS, *_TARGETS):
            if value := known.get(name):
                self.pieces.append(f" [{name}: {value}] ")
        if tag == "option" and "selected" in known:
            self.pieces.append("[selected] ")
        if tag == "input" and "checked" in known:
            self.pieces.append("[checked] ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen -= 1
        elif not self._unseen and tag not in _INLINE:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.pieces.append(re.sub(r"[ \t\r\n\f]+", " ", data))


def visible_text(page: str) -> str:
    """A line for each block; white space is one space, and no-break spaces stay as they are."""
    reader = _Page()
    reader.feed(page)
    reader.close()
    lines = re.sub(r"[ ]+", " ", "".join(reader.pieces)).split("\n")
    return "\n".join(line.strip(" ") for line in lines if line.strip(" ")) + "\n"
