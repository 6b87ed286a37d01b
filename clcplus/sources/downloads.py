"""Large files from elsewhere: resumed where they stopped, whole or not there at all."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

from urllib3.response import BaseHTTPResponse

from clcplus.sources.client import Answer, Client, check_status, described
from clcplus.sources.errors import SourceError, SourceUnavailable

Progress = Callable[[int, int], None]
"""Called with bytes received and bytes in all; 0 in all where the server does not say."""
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_ERROR_BYTES = 20_000


def download(
    client: Client,
    url: str,
    path: Path,
    *,
    begins: tuple[bytes, ...],
    most_bytes: int,
    sha256: str = "",
    headers: Callable[[], dict[str, str]] = dict,
    progress: Progress = lambda done, total: None,
) -> None:
    """Download a file to ``path``, which appears when it is whole.

    What an earlier attempt has received lies beside it and is continued, if the server's file is
    still the same. ``begins`` are first bytes of which the file must have one: a page of HTML under
    status 200 is no archive. ``headers`` is called for each request, since tokens end. Raises
    SourceError.
    """
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part, note = path.with_name(f"{path.name}.part"), path.with_name(f"{path.name}.part.json")

    def once() -> None:
        _receive(
            client,
            url,
            part,
            note,
            most_bytes=most_bytes,
            begins=begins,
            headers=headers(),
            progress=progress,
        )

    client.repeated(once)
    if sha256 and (found := _sha256(part)) != sha256.lower():
        _forget(part, note)
        raise SourceError(url, found=f"a file with the sha256 {found}", expected=sha256)
    os.replace(part, path)
    note.unlink(missing_ok=True)


def _receive(
    client: Client,
    url: str,
    part: Path,
    note: Path,
    *,
    most_bytes: int,
    begins: tuple[bytes, ...],
    headers: dict[str, str],
    progress: Progress,
) -> None:
    state = _state(note)
    have = part.stat().st_size if state and part.exists() else 0
    if have:
        # Without the same state, the server sends the whole file.
        headers = {**headers, "Range": f"bytes={have}-", "If-Range": state}
    with client.opened("GET", url, headers=headers) as response:
        if response.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and have:
            _forget(part, note)
            raise SourceUnavailable(
                url, found="another size than before", expected="the file that was begun"
            )
        if response.status >= HTTPStatus.MULTIPLE_CHOICES:
            body = b"".join(client.chunks(response, url=url, most_bytes=_ERROR_BYTES))
            check_status(Answer(url, response.status, dict(response.headers), body))
        start, total = _place(response, url=url, have=have)
        if total > most_bytes:
            raise SourceError(url, found=f"{total} bytes", expected=f"at most {most_bytes} bytes")
        note.write_text(json.dumps(_identity(response)), encoding="utf-8")
        with part.open("r+b" if start else "wb") as file:
            file.truncate(start)
            file.seek(start)
            done = start
            for chunk in client.chunks(response, url=url, most_bytes=most_bytes - start):
                if not done and not chunk.startswith(begins):
                    raise _not_the_file(url, chunk, part, note, begins=begins)
                file.write(chunk)
                done += len(chunk)
                progress(done, total)
    if not done:
        raise _not_the_file(url, b"", part, note, begins=begins)
    if total and done != total:
        raise SourceUnavailable(url, found=f"{done} of {total} bytes", expected="the whole file")


def _place(response: BaseHTTPResponse, *, url: str, have: int) -> tuple[int, int]:
    """Where the body begins in the file, and the size of the file (0 for unknown)."""
    if response.status != HTTPStatus.PARTIAL_CONTENT:
        return 0, int(response.headers.get("Content-Length") or 0)
    place = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if place is None or int(place[1]) != have:
        raise SourceError(
            url,
            found=f"the range {response.headers.get('Content-Range', '(none)')[:60]}",
            expected=f"bytes from {have} on",
        )
    return have, 0 if place[2] == "*" else int(place[2])


def _identity(response: BaseHTTPResponse) -> str:
    """What tells one state of the server's file from another; empty for nothing."""
    tag = response.headers.get("ETag", "")
    # A weak tag does not promise equal bytes.
    return tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified", "")


def _state(note: Path) -> str:
    try:
        found = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return found if isinstance(found, str) else ""


def _not_the_file(
    url: str, body: bytes, part: Path, note: Path, *, begins: tuple[bytes, ...]
) -> SourceError:
    _forget(part, note)
    named = " or ".join(repr(start)[2:-1] for start in begins)
    return SourceError(url, found=described(body), expected=f"a file that begins with {named}")


def _forget(part: Path, note: Path) -> None:
    part.unlink(missing_ok=True)
    note.unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
