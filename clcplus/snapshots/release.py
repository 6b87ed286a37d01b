"""The release: one name for all that makes answers of the published data. Kept answers carry it: a
changed line in any of these files gives another name, and every reader gets the new answer.
"""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

from django.conf import settings

FOLDERS = ("analytics", "clcplus", "locale", "migrations", "templates")
"""Everything in them counts: code, templates, translations, style sheets, scripts."""
LIBRARIES = Path("requirements", "runtime.txt")
"""The libraries that the code runs on, with their versions."""
_PASSED_OVER = {".po", ".pyc"}
"""Translations are read from the compiled files beside these; Python compiles its own files."""


def release() -> str:
    """The name: of the files, and of the settings that pages show."""
    # Who works on a template or a translation sees the change at the next request.
    files = _files() if settings.DEBUG else _files_at_the_start()
    shown = repr((settings.DEMONSTRATION, settings.BASEMAP))
    return hashlib.sha256(f"{files}\n{shown}".encode()).hexdigest()[:16]


def _files() -> str:
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    return hash_of(Path(settings.BASE_DIR), manifest=manifest)


@functools.cache
def _files_at_the_start() -> str:
    return _files()


def hash_of(root: Path, *, manifest: Path) -> str:
    """The hash (SHA-256, hexadecimal) of all that makes answers in the tree at ``root``.

    ``manifest`` maps the names of static files to those that pages link to.
    """
    digest = hashlib.sha256()
    found = [path for folder in FOLDERS for path in (root / folder).rglob("*") if _counts(path)]
    for path in (*sorted(found), root / LIBRARIES):
        digest.update(_entry(path.relative_to(root).as_posix(), path))
    digest.update(_entry("static manifest", manifest))
    return digest.hexdigest()


def _counts(path: Path) -> bool:
    return path.suffix not in _PASSED_OVER and path.is_file()


def _entry(name: str, path: Path) -> bytes:
    content = path.read_bytes() if path.is_file() else b""
    # With its length no content can be taken for another name.
    return f"{name}\0{len(content)}\0".encode() + content
