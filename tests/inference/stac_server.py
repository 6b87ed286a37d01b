"""A STAC API on the loopback: a root, a search with pages, and assets by ranges of bytes."""

from __future__ import annotations

import json
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.inference import sentinel
from tests.inference.sentinel import Shot

_CONFORMANCE = [
    "https://api.stacspec.org/v1.0.0/core",
    "https://api.stacspec.org/v1.0.0/item-search",
]


class Catalogue:
    """What the server serves, and what it was asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = ""
        self.items: list[dict[str, Any]] = []
        self.page = 2
        self.accepts_post = True
        self.next_page = ""
        """Where the second page is said to be; empty for where it is."""
        self.searches: list[str] = []
        self.asked: list[str] = []
        self.failures: defaultdict[str, list[int]] = defaultdict(list)
        """Statuses to answer with, one a request, by the end of an asset's path; the last stays."""
        self.before_asset: Callable[[str], None] = lambda path: None

    def add(self, shot: Shot, *, world: str = "earth-search", base: str | None = None) -> None:
        """Write a shot's bands and list its item; ``base`` is where else they can be had."""
        hrefs = {}
        for band in (*shot.bands, "SCL"):
            name = f"{shot.product}/{band}.tif"
            shot.write(self.folder / "assets" / name, band)
            hrefs[band] = f"{base or self.address + '/assets'}/{name}"
        self.items.append(sentinel.item(shot, hrefs, world=world))

    def found(self, question: dict[str, Any]) -> list[dict[str, Any]]:
        """Items of the collection that touch the box and the interval."""
        west, south, east, north = question["bbox"]
        first, _, last = (question.get("datetime") or "0/9").partition("/")
        return [
            item
            for item in self.items
            if item["collection"] in question["collections"]
            and first <= item["properties"]["datetime"] <= last
            and item["bbox"][0] <= east
            and item["bbox"][2] >= west
            and item["bbox"][1] <= north
            and item["bbox"][3] >= south
        ]


@contextmanager
def serving(folder: Path) -> Iterator[Catalogue]:
    """A catalogue, served until the end."""
    catalogue = Catalogue(folder)

    class Handler(_Handler):
        served = catalogue

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    catalogue.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield catalogue
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    served: Catalogue
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path in ("", "/"):
            self._json(self._root())
        elif parts.path == "/search":
            self.served.searches.append("GET")
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            question: dict[str, Any] = {
                **query,
                "bbox": [float(side) for side in query["bbox"].split(",")],
                "collections": query["collections"].split(","),
            }
            self._search(question, query=query)
        elif parts.path.startswith("/assets/"):
            self._asset(self.served.folder / parts.path.lstrip("/"), parts.path)
        else:
            self._answer(404, b"{}")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.served.searches.append("POST")
        if not self.served.accepts_post:
            self._answer(405, b"{}")
        else:
            self._search(json.loads(body), query=None)

    def _root(self) -> dict[str, Any]:
        address = self.served.address
        return {
            "type": "Catalog",
            "stac_version": "1.0.0",
            "id": "test",
            "description": "Made up.",
            "conformsTo": _CONFORMANCE,
            "links": [
                {"rel": "self", "href": address, "type": "application/json"},
                {"rel": "root", "href": address, "type": "application/json"},
                {"rel": "search", "href": f"{address}/search", "type": "application/geo+json"},
            ],
        }

    def _search(self, question: dict[str, Any], *, query: dict[str, str] | None) -> None:
        catalogue = self.served
        start = int(question.get("token") or 0)
        stop = start + min(int(question.get("limit") or 10), catalogue.page)
        found = catalogue.found(question)
        link: dict[str, Any] = {"rel": "next", "href": f"{catalogue.address}/search"}
        if query is None:
            link |= {"method": "POST", "merge": True, "body": {**question, "token": str(stop)}}
        else:
            link["href"] += "?" + urlencode({**query, "token": str(stop)})
        link["href"] = catalogue.next_page or link["href"]
        self._json(
            {
                "type": "FeatureCollection",
                "features": found[start:stop],
                "links": [link] if stop < len(found) else [],
            }
        )

    def _asset(self, path: Path, address: str) -> None:
        catalogue = self.served
        catalogue.asked.append(address)
        catalogue.before_asset(address)
        for end, statuses in catalogue.failures.items():
            if address.endswith(end) and statuses:
                status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
                if status != 200:
                    self._answer(status, b"")
                    return
        if not path.is_file():
            self._answer(404, b"")
            return
        data = path.read_bytes()
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if wanted is None:
            self._answer(200, data)
            return
        first = int(wanted[1])
        last = min(int(wanted[2] or len(data)), len(data) - 1)
        self._answer(
            206, data[first : last + 1], {"Content-Range": f"bytes {first}-{last}/{len(data)}"}
        )

    def _json(self, document: dict[str, Any]) -> None:
        self._answer(200, json.dumps(document).encode(), {"Content-Type": "application/json"})

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        try:
            self.send_response(status)
            for key, value in {"Accept-Ranges": "bytes", **(headers or {})}.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the asker was killed

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing on stderr."""
