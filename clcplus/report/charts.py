"""The drawings of a report beside its maps: the charts of the pages, and where the place lies."""

from __future__ import annotations

from dataclasses import dataclass

from clcplus.presentation import svg
from clcplus.presentation.charts import share_chart
from clcplus.presentation.classes import composition
from clcplus.presentation.outline import Outline
from clcplus.report.content import Content
from clcplus.report.land_map import FONT

_HEIGHT = 200


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing, the name of its file in the report, and its figures in words."""

    file: str
    drawing: str
    said: str


def charts(content: Content) -> dict[str, Chart]:
    """The share over editions, and the land cover of each edition."""
    found: dict[str, Chart] = {}
    line = share_chart(content.figures, content.series, content.series_around, height=_HEIGHT)
    if line is not None:
        parent = content.territory.parent
        name = parent.name if parent and line.beside else ""
        found["share"] = _chart("share-chart", svg.share(line, title="", said="", beside=name))
    if content.seen:
        rows = [(str(item.edition.year), composition(item.by_class)) for item in content.figures]
        found["cover"] = _chart("cover-chart", svg.land_cover(rows, title="", said=""))
    return found


def _chart(name: str, picture: svg.Picture) -> Chart:
    return Chart(f"{name}.svg", svg.marks_alone(picture, font=FONT), picture.values)


def place(outline: Outline) -> str:
    """Where a territory lies in the highest one that holds it, as SVG."""
    around = (
        f'<path d="{outline.around}" fill="#eef1f5" stroke="#8a94a3" stroke-width="3" '
        'stroke-linejoin="round"/>'
        if outline.around
        else ""
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {outline.width} {outline.height}">'
        f'{around}<path d="{outline.path}" fill="#b5361f" fill-opacity="0.85" stroke="#8f2413" '
        'stroke-width="3" stroke-linejoin="round" fill-rule="evenodd"/></svg>'
    )
