"""Charts as SVG documents that need nothing else: sizes, colours and fonts are in the file.

The pages' own charts take colours and fonts from the style sheet and stretch with the screen; a
file that is opened alone, printed or put into a report has neither, so it is drawn anew from the
same marks (:mod:`clcplus.presentation.charts`). The ground is white, to be read on any page.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from django.utils.translation import gettext as _

from clcplus.presentation.charts import LineChart
from clcplus.presentation.classes import Bar, Slice
from clcplus.presentation.numbers import decimal, hectares, per_cent, percent

WIDTH = 760
_MARGIN = 32
_INNER = WIDTH - 2 * _MARGIN
_LINE, _SMALL = 18, 15
SEALED, LOSS = "#b5361f", "#2c6e9b"
_REACH = "#1b55a6"
_INK, _SOFT, _GRID, _AXIS, _TRACK = "#16202e", "#4f5b6d", "#dde2e9", "#b9c2ce", "#eef1f5"
_CONTROLS = dict.fromkeys(range(32))
"""Characters that XML cannot have; a name out of a file may."""
_CHARACTERS = 56, 96, 112
"""Those that surely fit into a line of a heading, of text and of small text: an SVG does not break
lines by itself."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart without its frame: what it is called, what it says, its marks from y = 0 down."""

    title: str
    said: str
    values: str
    """Every figure of the chart in words, for who cannot see it."""
    height: float
    marks: tuple[str, ...]


def _element(name: str, text: str | None = None, /, **attributes: object) -> str:
    written = "".join(
        f" {key.replace('_', '-')}={quoteattr(str(value))}" for key, value in attributes.items()
    )
    if text is None:
        return f"<{name}{written}/>"
    return f"<{name}{written}>{escape(text.translate(_CONTROLS))}</{name}>"


def _text(x: float, y: float, words: str, **more: object) -> str:
    return _element("text", words, x=round(x, 1), y=round(y, 1), **{"fill": _SOFT, **more})


def _rect(x: float, y: float, width: float, height: float, **more: object) -> str:
    return _element("rect", x=x, y=y, width=width, height=height, **more)


def _labelled(label: str, value: str) -> str:
    return _("%(label)s: %(value)s") % {"label": label, "value": value}


def _across(part: float) -> float:
    """Pixels of a position in per cent of the width."""
    return round(_INNER * part / 100, 1)


def share(chart: LineChart, *, title: str, said: str, beside: str) -> Picture:
    """The share over editions; ``beside`` is the name of what the thin line is of."""
    marks = []
    for mark in chart.marks:
        place = _across(mark.left), 20, max(_across(mark.width), 1), chart.plot_height
        marks.append(_rect(*place, fill=SEALED, fill_opacity=0.09))
    for number, tick in enumerate(chart.ticks):
        stroke = _GRID if number else _AXIS
        marks.append(_element("line", x1=0, x2=_INNER, y1=tick.y, y2=tick.y, stroke=stroke))
        if number:
            write = per_cent if tick is chart.ticks[-1] else decimal
            marks.append(_text(0, tick.y - 4, write(tick.value, tick.digits)))
    for lines, style in (
        (chart.beside, {"stroke": _SOFT, "stroke_width": 1.5, "stroke_dasharray": "2 4"}),
        (chart.segments, {"stroke": SEALED, "stroke_width": 2.5}),
    ):
        for line in lines:
            x1, x2 = _across(line.x1), _across(line.x2)
            marks.append(_element("line", x1=x1, x2=x2, y1=line.y1, y2=line.y2, **style))
    for mark in chart.marks:
        x = _across(mark.x)
        marks.append(_text(x, chart.base + 20, mark.label, text_anchor="middle"))
        if mark.share is None or mark.y is None or mark.label_y is None:
            words = _("not observed")
            marks.append(_text(x, chart.base - 10, words, text_anchor="middle"))
            continue
        if mark.reach is not None:
            low, high = mark.reach
            reach = {"stroke": _REACH, "stroke_width": 3}
            marks.append(_element("line", x1=x, x2=x, y1=low, y2=high, **reach))
        dot = {"fill": SEALED, "stroke": "#fff"}
        if not mark.joined:
            dot = {"fill": "#fff", "stroke": SEALED}
        if mark.modelled:
            dot["stroke_dasharray"] = "3 2"
        marks.append(_element("circle", cx=x, cy=mark.y, r=6, stroke_width=2.5, **dot))
        strong = {"fill": _INK, "font_weight": "bold", "text_anchor": "middle"}
        marks.append(_text(x, mark.label_y, percent(mark.share), **strong))
    key = _("shaded: observation window; axis from 0 to %(top)s")
    if beside:
        key = _("shaded: observation window; axis from 0 to %(top)s; dotted: %(name)s")
    key = key % {"top": percent(chart.top, 0), "name": beside}
    if chart.intervals:
        key += "; " + _("bar: interval of the true share")
    height = chart.height + 26
    marks.append(_text(0, height - 4, key, font_size=12))
    values = (
        _labelled(m.label, _("not observed") if m.share is None else percent(m.share))
        for m in chart.marks
    )
    return Picture(title, said, "; ".join(values), height, tuple(marks))


def bars(items: Sequence[Bar], *, title: str, said: str, colour: str) -> Picture:
    """Bars of areas by class, the longest first."""
    marks = []
    for number, bar in enumerate(items):
        y = number * 44
        marks.append(_rect(0, y + 3, 12, 12, rx=2, fill=bar.colour))
        marks.append(_text(20, y + 14, bar.name, fill=_INK))
        value = f"{hectares(bar.hectares)}  ({percent(bar.part, 0)})"
        marks.append(_text(_INNER, y + 14, value, text_anchor="end", fill=_INK))
        track = {"x": 0, "y": y + 21, "height": 10, "rx": 3}
        marks.append(_element("rect", width=_INNER, fill=_TRACK, **track))
        marks.append(_element("rect", width=_across(bar.width), fill=colour, **track))
    values = (_labelled(bar.name, hectares(bar.hectares)) for bar in items)
    return Picture(title, said, "; ".join(values), max(len(items) * 44, 10), tuple(marks))


def land_cover(
    editions: Sequence[tuple[str, Sequence[Slice]]], *, title: str, said: str
) -> Picture:
    """One bar of all classes for each edition, and the names of the classes that occur."""
    marks, left = [], 60
    shown: dict[str, str] = {}
    for number, (label, slices) in enumerate(editions):
        y = number * 42
        marks.append(_text(0, y + 20, label, fill=_INK))
        if not slices:
            marks.append(_text(left, y + 20, _("not observed")))
        for part in slices:
            shown[part.name] = part.colour
            wide = (_INNER - left) / 100
            place = round(left + part.left * wide, 2), y, round(part.width * wide, 2), 30
            marks.append(_rect(*place, fill=part.colour, stroke="#fff"))
    top = len(editions) * 42 + 8
    # What a colour alone would not tell stands beside each name: the share in the newest edition.
    newest, of_newest = next((item for item in reversed(editions) if item[1]), ("", ()))
    share_of = {part.name: part.share for part in of_newest}
    if newest:
        said += " " + _("Those beside the names are of %(year)s.") % {"year": newest}
    for number, (name, colour) in enumerate(shown.items()):
        x, y = number % 2 * (_INNER / 2), top + number // 2 * 22
        marks.append(_rect(x, y, 12, 12, rx=2, fill=colour, stroke=_AXIS))
        words = f"{name}  {percent(share_of[name])}" if name in share_of else name
        marks.append(_text(x + 20, y + 11, words, fill=_INK))
    values = []
    for label, slices in editions:
        shares = ", ".join(f"{part.name} {percent(part.share)}" for part in slices)
        values.append(_labelled(label, shares or _("not observed")))
    height = top + (len(shown) + 1) // 2 * 22
    return Picture(title, said, "; ".join(values), height, tuple(marks))


def _block(lines: Iterable[str], y: float, step: int, **more: object) -> list[str]:
    return [_text(0, y + number * step, line, **more) for number, line in enumerate(lines)]


def document(picture: Picture, source: str) -> str:
    """The whole file; ``source`` is the citation, which stays with the picture wherever it goes."""
    texts = zip((picture.title, picture.said, source), _CHARACTERS, strict=True)
    heading, said, cited = (textwrap.wrap(text, width) or [""] for text, width in texts)
    top = 24 + len(heading) * 24
    start = top + len(said) * _LINE + 12
    end = start + picture.height + 22
    described = " ".join(filter(None, (picture.said, picture.values, source)))
    height = round(end + len(cited) * _SMALL + _MARGIN)
    inside = [
        *_block(heading, 20, 24, font_size=19, font_weight="bold", fill=_INK),
        *_block(said, top, _LINE, fill=_INK),
        f'<g transform="translate(0 {start:g})">{"".join(picture.marks)}</g>',
        *_block(cited, end, _SMALL, font_size=11),
    ]
    frame = _element("rect", width=WIDTH, height=height, fill="#fff")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title desc" '
        'font-family="sans-serif" font-size="13">\n'
        f"{_element('title', picture.title, id='title')}\n"
        f"{_element('desc', described, id='desc')}\n"
        f"{frame}\n"
        f'<g transform="translate({_MARGIN} {_MARGIN - 12})">\n' + "\n".join(inside) + "\n</g>\n"
        "</svg>\n"
    )


def marks_alone(picture: Picture, *, font: str) -> str:
    """The marks without title, sentence and source, for a page that sets these itself."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-2 0 {_INNER + 4} {picture.height:g}" '
        f'font-family={quoteattr(font)} font-size="13">{"".join(picture.marks)}</svg>'
    )
