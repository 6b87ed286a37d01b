"""Take pictures of pages at three widths, light and dark, to be looked at.

    python -m tests.browser.screenshots http://127.0.0.1:8000 FOLDER / /territories/commune/07001/

Needs a running platform. With ``--widths 1440 --schemes light`` only some of them.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.chromium import launch

WIDTHS = {390: 844, 820: 1180, 1440: 900}
"""Widths of the window, with their heights."""
SCHEMES = ("light", "dark")
MAP_MS = 20_000


def settle(page: Page) -> None:
    """Wait until the map, where there is one, has drawn itself."""
    if page.locator("[data-config]").count():
        page.wait_for_selector('[data-config][data-state="ready"]', timeout=MAP_MS)
        page.wait_for_timeout(600)


def picture(page: Page, address: str, target: Path, *, full: bool) -> None:
    """One picture of one page."""
    page.goto(address)
    settle(page)
    page.screenshot(path=str(target), full_page=full)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("address")
    parser.add_argument("folder", type=Path)
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--widths", type=int, nargs="+", default=list(WIDTHS))
    parser.add_argument("--schemes", nargs="+", choices=SCHEMES, default=list(SCHEMES))
    parser.add_argument("--first-screen", action="store_true", help="not the whole page")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for scheme in options.schemes:
            for width in options.widths:
                context = browser.new_context(
                    viewport={"width": width, "height": WIDTHS.get(width, 900)},
                    color_scheme=scheme,
                    reduced_motion="reduce",
                )
                page = context.new_page()
                page.on("console", lambda m: print(m.type, m.text[:300]))
                page.on("pageerror", lambda e: print("error", e))
                for path in options.paths:
                    name = re.sub(r"\W+", "-", path).strip("-") or "home"
                    target = options.folder / f"{name}-{width}-{scheme}.png"
                    picture(page, f"{options.address}{path}", target, full=not options.first_screen)
                    print(target)
                context.close()
        browser.close()


if __name__ == "__main__":
    main()
