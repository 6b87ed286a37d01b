"""A refresh in words: how far each of its editions is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

STEPS: Mapping[str, StrOrPromise] = {
    "new": _("found"),
    "fetch": _("being fetched"),
    "ingest": _("being counted"),
    "check": _("being checked"),
    "published": _("published"),
    "held": _("waits for a person"),
    "failed": _("failed"),
}


@dataclass(frozen=True, slots=True)
class RefreshedEdition:
    """An edition of a refresh: its step, and the pages that say more."""

    year: str
    step: str
    label: str
    reason: str
    fetch: str
    ingest: str
    edition: str


def refreshed_editions(stored: Sequence[Mapping[str, Any]]) -> list[RefreshedEdition]:
    """The editions of a refresh, as its run keeps them."""
    return [
        RefreshedEdition(
            year=str(one["year"]),
            step=one["step"],
            label=str(STEPS.get(one["step"], one["step"])),
            reason=one.get("reason", ""),
            fetch=one.get("fetch", ""),
            ingest=one.get("ingest", ""),
            edition=one.get("edition", ""),
        )
        for one in stored
    ]
