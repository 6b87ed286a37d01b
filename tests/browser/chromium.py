"""The browser of these tests: Debian's Chromium, with WebGL computed by the processor.

Pages themselves are drawn without WebGL, which takes the processor less.
"""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Browser, Playwright

EXECUTABLE = Path(os.environ.get("CHROMIUM") or "/usr/bin/chromium")
ARGUMENTS = (
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-gpu-compositing",
    "--disable-gpu-rasterization",
    "--disable-dev-shm-usage",
)


def launch(playwright: Playwright) -> Browser:
    """A headless Chromium."""
    return playwright.chromium.launch(
        executable_path=str(EXECUTABLE), args=list(ARGUMENTS), headless=True
    )
