"""The style of a layer of points in QGIS: the outline of each cell, and a form for its labels."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from analytics.nomenclature import CLASSES
from analytics.sampling.point_tables import CONFIDENCES, PointTable

_VERSION = "3.22"
"""The oldest QGIS for which the style is written."""
_OUTLINE = "255,0,255,255"  # no class of the map has it


def style(table: PointTable, *, cell_width: float) -> str:
    """The QML of a layer of points with the columns of ``table``. Columns of labels have a list of
    classes or confidences, or a line of text; all others can only be read. ``cell_width`` is in
    units of the reference system."""
    root = ElementTree.Element("qgis", version=_VERSION, styleCategories="Symbology|Fields|Forms")
    _add_symbol(root, cell_width)
    configuration = ElementTree.SubElement(root, "fieldConfiguration")
    for name in table.names:
        field = ElementTree.SubElement(configuration, "field", name=name)
        _add_widget(field, _choices(name))
    _add_form(root, table)
    return '<!DOCTYPE qgis PUBLIC "http://mrcc.com/qgis.dtd" "SYSTEM">\n' + ElementTree.tostring(
        root, encoding="unicode"
    )


def _choices(name: str) -> list[tuple[str, str]] | None:
    """What can be chosen in a column, as labels and values; None where anything can be written."""
    if name.startswith("reference"):
        return [(f"{c.code} {c.name}", str(c.code)) for c in CLASSES]
    if name == "confidence":
        return [(word, word) for word in CONFIDENCES]
    return None


def _add_widget(field: ElementTree.Element, choices: list[tuple[str, str]] | None) -> None:
    kind = "TextEdit" if choices is None else "ValueMap"
    widget = ElementTree.SubElement(field, "editWidget", type=kind)
    config = ElementTree.SubElement(widget, "config")
    options = ElementTree.SubElement(config, "Option", type="Map")
    if choices is not None:
        entries = ElementTree.SubElement(options, "Option", name="map", type="List")
        for label, value in choices:
            entry = ElementTree.SubElement(entries, "Option", type="Map")
            ElementTree.SubElement(entry, "Option", name=label, type="QString", value=value)


def _add_form(root: ElementTree.Element, table: PointTable) -> None:
    ElementTree.SubElement(root, "editform", tolerant="1")
    ElementTree.SubElement(root, "featformsuppress").text = "0"
    ElementTree.SubElement(root, "editorlayout").text = "tablayout"
    form = ElementTree.SubElement(root, "attributeEditorForm")
    for title, names in (("Labels", table.labels), ("Point", tuple(table.columns))):
        tab = ElementTree.SubElement(
            form, "attributeEditorContainer", name=title, showLabel="1", columnCount="1",
            groupBox="0", visibilityExpressionEnabled="0", visibilityExpression="",
        )  # fmt: skip
        for name in names:
            ElementTree.SubElement(
                tab, "attributeEditorField", name=name, showLabel="1",
                index=str(table.names.index(name) + 1),  # after the table's own key
            )  # fmt: skip
    _add_flags(ElementTree.SubElement(root, "editable"), table, editable=table.labels)


def _add_flags(parent: ElementTree.Element, table: PointTable, *, editable: Sequence[str]) -> None:
    for name in table.names:
        flag = "1" if name in editable else "0"
        ElementTree.SubElement(parent, "field", name=name, editable=flag)


def _add_symbol(root: ElementTree.Element, cell_width: float) -> None:
    renderer = ElementTree.SubElement(
        root, "renderer-v2", type="singleSymbol", symbollevels="0", forceraster="0"
    )
    symbols = ElementTree.SubElement(renderer, "symbols")
    symbol = ElementTree.SubElement(
        symbols, "symbol", name="0", type="marker", alpha="1", clip_to_extent="1"
    )
    layer = ElementTree.SubElement(
        symbol, "layer", {"class": "SimpleMarker", "enabled": "1", "pass": "0", "locked": "0"}
    )
    options = ElementTree.SubElement(layer, "Option", type="Map")
    for name, value in {
        "name": "square",
        "color": "0,0,0,0",
        "outline_color": _OUTLINE,
        "outline_width": "0.5",
        "outline_width_unit": "MM",
        "size": repr(cell_width),
        "size_unit": "MapUnit",
    }.items():
        ElementTree.SubElement(options, "Option", name=name, type="QString", value=value)
