"""Why something was refused, in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _

from analytics.errors import ExplainedError
from analytics.phrases import Phrase


def refusal_text(error: ExplainedError) -> str:
    """What an error says: what was found, what was expected, what to do."""
    subject, found, expected, hint = (
        _said(words) for words in (error.subject, error.found, error.expected, error.hint)
    )
    words = {"subject": subject, "found": found, "expected": expected}
    text = _("%(subject)s: found %(found)s; expected %(expected)s") % words
    return f"{text}. {hint}" if hint else text


def _said(words: str) -> str:
    if not isinstance(words, Phrase):
        return words
    values = {
        name: _said(value) if isinstance(value, str) else value
        for name, value in words.values.items()
    }
    # A phrase of values alone is no message.
    message = _(words.message) if words.message else ""
    return message % values if values else message
