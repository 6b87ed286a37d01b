"""The charts of a report: those of the pages, drawn by the same hand."""

from __future__ import annotations

from dataclasses import dataclass

from clcplus.presentation import drawing
from clcplus.presentation.charts import composition
from clcplus.presentation.share_chart import share_chart
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
        found["share"] = _chart("share-chart", drawing.share(line, title="", said="", beside=name))
    if content.seen:
        rows = [(str(item.edition.year), composition(item.by_class)) for item in content.figures]
        found["cover"] = _chart("cover-chart", drawing.covers(rows, title="", said=""))
    return found


def _chart(name: str, picture: drawing.Picture) -> Chart:
    return Chart(f"{name}.svg", drawing.marks_alone(picture, font=FONT), picture.values)
