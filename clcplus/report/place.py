"""Where a territory lies in the highest one that holds it: a small drawing for the first page."""

from __future__ import annotations

from clcplus.presentation.outline import Outline


def place(outline: Outline) -> str:
    """The outline as an SVG that needs nothing else."""
    around = (
        f'<path d="{outline.around}" fill="#eef1f5" stroke="#8a94a3" stroke-width="3" '
        'stroke-linejoin="round"/>'
        if outline.around
        else ""
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {outline.width} {outline.height}">'
        f'{around}<path d="{outline.path}" fill="#b5361f" fill-opacity="0.85" stroke="#8f2413" '
        'stroke-width="3" stroke-linejoin="round" fill-rule="evenodd"/></svg>'
    )
