"""Readers of a web server: a process that asks for pages over kept-alive connections.

``python -m tests.benchmarks.readers`` takes one JSON object on its standard input: ``port``,
``paths``, ``readers``, and ``every`` (seconds from one page of a reader to the next; 0 for a reader
who asks again as soon as the answer has come). It prints latencies in milliseconds and its own CPU
time, and ends when each path has been asked for once.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

HOST = "127.0.0.1"
_PATIENCE = 60.0


class Reader:
    """One connection, opened again where the server has closed it."""

    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self._port = port
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._rest = f" HTTP/1.1\r\nHost: {HOST}:{port}\r\n{lines}\r\n"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str) -> tuple[int, int]:
        """Status and size of the body as sent."""
        for last in (False, True):
            if self._streams is None:
                self._streams = await asyncio.open_connection(HOST, self._port, limit=1 << 20)
            incoming, outgoing = self._streams
            try:
                outgoing.write(f"GET {path}{self._rest}".encode())
                return await self._answer(incoming)
            except (ConnectionError, asyncio.IncompleteReadError):
                outgoing.close()
                self._streams = None
                if last:
                    raise
        raise AssertionError

    async def _answer(self, incoming: asyncio.StreamReader) -> tuple[int, int]:
        head = (await incoming.readuntil(b"\r\n\r\n")).decode("latin-1")
        status = int(head[9:12])
        fields = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head.split("\r\n")[1:])
        }
        size = 0
        if fields.get("transfer-encoding") == "chunked":
            while length := int(await incoming.readline(), 16):
                await incoming.readexactly(length + 2)
                size += length
            await incoming.readline()
        elif status != 304:
            size = int(fields.get("content-length", "0"))
            await incoming.readexactly(size)
        if fields.get("connection") == "close" and self._streams:
            self._streams[1].close()
            self._streams = None
        return status, size


async def read(task: dict[str, Any]) -> dict[str, Any]:
    """Ask for all paths, shared out as readers come to them."""
    paths: Iterator[str] = iter(task["paths"])
    number, every = task["readers"], task["every"]
    latencies: list[float] = []
    sizes: list[int] = []
    statuses: dict[int, int] = {}

    async def one(position: int) -> None:
        reader = Reader(task["port"], task.get("headers", {}))
        due = time.perf_counter() + every * position / number
        for path in paths:
            if every:
                await asyncio.sleep(max(due - time.perf_counter(), 0))
                # From when the page was due: a reader who waits for the last one still counts it.
                began, due = due, due + every
            else:
                began = time.perf_counter()
            status, size = await asyncio.wait_for(reader.get(path), _PATIENCE)
            latencies.append((time.perf_counter() - began) * 1000)
            statuses[status] = statuses.get(status, 0) + 1
            sizes.append(size)

    began = time.perf_counter()
    await asyncio.gather(*(one(position) for position in range(number)))
    return {
        "latencies": latencies,
        "sizes": sizes,
        "statuses": statuses,
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time(),
    }


if __name__ == "__main__":
    json.dump(asyncio.run(read(json.load(sys.stdin))), sys.stdout)
