"""How figures are to be cited: the terms of CLC+ Backbone ask for the source, and for saying that
the data were modified. In files of data it is in English, in charts in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from analytics.records import Edition

_OFFICIAL = _("Copernicus Land Monitoring Service, European Environment Agency")
_MODIFIED = _("Modified: cells counted by territory. No endorsement by the producer is implied.")
_MODELLED = _("modelled by this platform, not an official edition")
_SYNTHETIC = _("synthetic data for demonstration, not an official edition")


def doi_address(edition: Edition) -> str:
    """Address of an edition's DOI; empty where it has none."""
    return f"https://doi.org/{edition.doi}" if edition.doi else ""


def citation(editions: Sequence[Edition]) -> str:
    """One paragraph that names the editions, their DOIs and what was done to them."""
    parts = []
    for edition in editions:
        address = doi_address(edition)
        made_by = {
            "official": _OFFICIAL,
            "modelled": _MODELLED,
            "synthetic": _SYNTHETIC,
        }.get(edition.origin, edition.origin)
        parts.append(f"{edition.name} ({made_by}{f', {address}' if address else ''})")
    return f"{'; '.join(parts)}. {_MODIFIED}" if parts else str(_MODIFIED)
