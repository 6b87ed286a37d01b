"""A quick start: packages that libraries load where they find them, and that no command needs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

NEEDLESS = ("boto3", "cffi", "scipy", "yaml")
"""rasterio would sign s3:// requests with boto3 (without it GDAL does, as the environment says).
Numba would offer calls to C, linear algebra and a file of settings. Loading them took a third of a
small run."""


@contextmanager
def without(*packages: str) -> Iterator[None]:
    """Let imports of packages fail that are not loaded yet, as where they are not installed."""
    hidden = [package for package in packages if package not in sys.modules]
    for package in hidden:
        sys.modules[package] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for package in hidden:
            del sys.modules[package]
