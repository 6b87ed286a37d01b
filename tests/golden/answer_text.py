"""Answers as text: a line for each value, so that a difference shows where it is."""

from __future__ import annotations

import hashlib
import io
import json
import re
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyarrow.parquet
import pyogrio
import requests
import shapely
from pypdf import PdfReader
from rasterio.enums import ColorInterp
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile

from tests.golden.html_text import visible_text

HEADERS = (
    *("Content-Type", "Content-Disposition", "Content-Language", "Location", "Allow", "Link"),
    *("Cache-Control", "Vary", "WWW-Authenticate", "Access-Control-Allow-Origin"),
    *("Content-Security-Policy", "X-Frame-Options"),
)
"""Those that a client acts on, and that are the same for every request."""
_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def rendered(answer: requests.Response) -> str:
    """An answer: its status, what its headers say, and its content."""
    said = [f"{name}: {answer.headers[name]}" for name in HEADERS if name in answer.headers]
    head = [str(answer.status_code), *said, ""]
    if not answer.content:
        return "\n".join(head)
    return "\n".join([*head, _content(answer)])


def _content(answer: requests.Response) -> str:
    media_type = answer.headers.get("Content-Type", "").partition(";")[0].strip()
    if media_type.endswith("json"):
        return _json(answer.json())
    write = _WRITERS.get(media_type)
    if write is not None:
        return write(answer.content)
    return answer.content.decode()


def _json(value: Any, indent: str = "") -> str:
    """JSON with a value in each line; lists of numbers, such as coordinates, are one value."""
    deeper = indent + "  "
    if isinstance(value, dict):
        rows = [f"{deeper}{json.dumps(k)}: {_json(v, deeper)}" for k, v in value.items()]
        return "{\n" + "\n".join(rows) + f"\n{indent}}}"
    if isinstance(value, list) and not _is_numbers(value):
        return "[\n" + "\n".join(deeper + _json(one, deeper) for one in value) + f"\n{indent}]"
    return json.dumps(value, ensure_ascii=False)


def _is_numbers(value: Any) -> bool:
    if isinstance(value, list):
        return all(_is_numbers(one) for one in value)
    return isinstance(value, int | float)


def _csv(content: bytes) -> str:
    return content.decode()  # a byte order mark stays in the text


def _html(content: bytes) -> str:
    return visible_text(content.decode())


def _svg(content: bytes) -> str:
    return content.decode().replace("><", ">\n<")


def _workbook(content: bytes) -> str:
    lines = []
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        names = book.namelist()
        shared: list[str] = []
        if "xl/sharedStrings.xml" in names:
            for item in ElementTree.fromstring(book.read("xl/sharedStrings.xml")):
                shared.append("".join(text.text or "" for text in item.iter(f"{_SHEET}t")))
        workbook = ElementTree.fromstring(book.read("xl/workbook.xml"))
        lines += [f"sheet {sheet.get('name')}" for sheet in workbook.iter(f"{_SHEET}sheet")]
        for name in sorted(n for n in names if re.fullmatch(r"xl/worksheets/\w+\.xml", n)):
            lines.append(name)
            for row in ElementTree.fromstring(book.read(name)).iter(f"{_SHEET}row"):
                lines.append("\t".join(_cell(cell, shared) for cell in row.iter(f"{_SHEET}c")))
    return "\n".join(lines) + "\n"


def _cell(cell: ElementTree.Element, shared: list[str]) -> str:
    value = cell.find(f"{_SHEET}v")
    text = "".join(piece.text or "" for piece in cell.iter(f"{_SHEET}t"))
    if value is not None and value.text is not None:
        text = shared[int(value.text)] if cell.get("t") == "s" else value.text
    return f"{cell.get('r')}={text}"


def _parquet(content: bytes) -> str:
    table = pyarrow.parquet.read_table(io.BytesIO(content))
    lines = [f"{field.name}: {field.type}" for field in table.schema]
    metadata = table.schema.metadata or {}
    lines += [f"{key.decode()} = {value.decode()}" for key, value in sorted(metadata.items())]
    lines += [json.dumps(row, ensure_ascii=False, default=str) for row in table.to_pylist()]
    return "\n".join(lines) + "\n"


def _geopackage(content: bytes) -> str:
    return _vector(content, "layers.gpkg", ordered=True)


def _vector_tile(content: bytes) -> str:
    # The order of a tile's features is that of the database's plan.
    return _vector(content, "tile.mvt", ordered=False)


def _vector(content: bytes, name: str, *, ordered: bool) -> str:
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(action="ignore"):
        path = Path(folder) / name
        path.write_bytes(content)
        lines: list[str] = []
        for layer, kind in pyogrio.list_layers(path):
            meta, _fids, shapes, columns = pyogrio.raw.read(path, layer=layer)
            fields = [str(field) for field in meta["fields"]]
            lines.append(f"layer {layer}, {kind}, {meta.get('crs')}: {', '.join(fields)}")
            rows = list(_features(fields, shapes, columns))
            lines += rows if ordered else sorted(rows)
        return "\n".join(lines) + "\n"


def _features(fields: list[str], shapes: Any, columns: Any) -> Iterator[str]:
    count = len(columns[0]) if len(columns) else len(shapes)
    for number in range(count):
        values = {f: _plain(c[number]) for f, c in zip(fields, columns, strict=True)}
        shape = None if shapes is None else shapely.from_wkb(shapes[number])
        text = "" if shape is None else shapely.to_wkt(shape, rounding_precision=-1)
        yield f"{json.dumps(values, ensure_ascii=False, default=str)} {text}".rstrip()


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _picture(content: bytes) -> str:
    with (
        warnings.catch_warnings(action="ignore", category=NotGeoreferencedWarning),
        MemoryFile(content) as memory,
        memory.open(driver="PNG") as dataset,
    ):
        pixels = dataset.read()
        palette = dataset.colormap(1) if _has_palette(dataset) else {}
    used = sorted(set(pixels.ravel().tolist())) if palette else []
    digest = hashlib.sha256(pixels.tobytes()).hexdigest()
    colours = "".join(f"colour {value} {palette[value]}\n" for value in used)
    return f"pixels {pixels.shape} {pixels.dtype} sha256 {digest}\n{colours}"


def _has_palette(dataset: Any) -> bool:
    return bool(dataset.colorinterp[0] == ColorInterp.palette)


def _pdf(content: bytes) -> str:
    reader = PdfReader(io.BytesIO(content))
    lines = [f"{key}: {value}" for key, value in sorted((reader.metadata or {}).items())]
    for number, page in enumerate(reader.pages, 1):
        lines += [f"page {number} {page.mediabox}", *_sentences(page.extract_text())]
        for note in page.get("/Annots", []):
            action = note.get_object().get("/A")
            if action is not None and "/URI" in action:
                lines.append(f"link {action['/URI']}")
    return "\n".join(lines) + "\n"


def _sentences(text: str) -> list[str]:
    """A line for each. Where lines end depends on the length of the site's address."""
    return re.split(r"(?<=[.;:]) ", " ".join(text.split()))


_WRITERS: dict[str, Callable[[bytes], str]] = {
    "text/csv": _csv,
    "text/html": _html,
    "image/svg+xml": _svg,
    "image/png": _picture,
    "application/pdf": _pdf,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": _workbook,
    "application/vnd.apache.parquet": _parquet,
    "application/geopackage+sqlite3": _geopackage,
    "application/vnd.mapbox-vector-tile": _vector_tile,
}
