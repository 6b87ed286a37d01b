"""What has become of a territory, and what it was made of, as sentences have it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from babel.lists import format_list
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from analytics.records import Succession, Successions, Territory, TerritoryLink
from clcplus.presentation.numbers import habit


@dataclass(frozen=True, slots=True)
class Event:
    """One sentence: its form, which the template words, its day, and what came from what."""

    form: str
    day: date | None
    former: SafeString
    later: SafeString


@dataclass(frozen=True, slots=True)
class History:
    """What has become of a territory, and what it was made of."""

    ahead: tuple[Event, ...]
    behind: tuple[Event, ...]


def history(told: Successions, *, of: Territory) -> History:
    """The history of a territory: what happened to several on one day is one sentence."""
    ahead = _events(told.successors, lambda step: step.former_code, of=of, ahead=True)
    behind = _events(told.predecessors, lambda step: step.code or "", of=of, ahead=False)
    return History(ahead=ahead, behind=behind)


def _events(
    steps: Sequence[Succession],
    shared: Callable[[Succession], str],
    *,
    of: Territory,
    ahead: bool,
) -> tuple[Event, ...]:
    by_event = groupby(
        sorted(steps, key=lambda step: (step.day or date.max, shared(step), _form(step))),
        key=lambda step: (step.day, shared(step), _form(step)),
    )
    events: list[Event] = []
    for (day, _, form), group in by_event:
        parts = list(group)
        others = [step for step in parts if step.code != step.former_code]
        if form in ("merged", "split", "divided") and not others:
            # Alone, that a territory went on says nothing, unless a part of it left.
            if ahead or form != "split":
                continue
            form = "shrank"
        elif form == "divided" or (form == "split" and not ahead):
            parts = others
        events.append(
            Event(
                form,
                day,
                _listed(_former(step, of) for step in parts),
                _listed(_later(step, of) for step in parts if step.code),
            )
        )
    return tuple(events)


def _form(step: Succession) -> str:
    return "area" if step.kind is None else step.kind


def _former(step: Succession, of: Territory) -> SafeString:
    return _named(step.former_name, step.former_code, step.former, of=of, by_vintage=True)


def _later(step: Succession, of: Territory) -> SafeString:
    return _named(step.name or "", step.code or "", step.later, of=of, by_vintage=False)


def _named(
    name: str, code: str, link: TerritoryLink | None, *, of: Territory, by_vintage: bool
) -> SafeString:
    if link is None or link.id == of.id:
        return format_html("{} ({})", name, code)
    address = reverse("territory", args=(link.level, link.code))
    if by_vintage and not link.current:
        address += f"?vintage={link.vintage}"
    return format_html('<a href="{}">{} ({})</a>', address, name, code)


def _listed(names: Iterable[SafeString]) -> SafeString:
    """Different names as a list in the reader's language."""
    parts = list(dict.fromkeys(names))
    # Each part is safe already, and Babel adds commas and a word.
    return mark_safe(format_list(parts, locale=habit().locale)) if parts else SafeString("")
