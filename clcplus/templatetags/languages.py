"""Links to the languages of a page, and names of levels in the reader's language."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.template.context import RequestContext
from django.urls import translate_url
from django.utils.translation import pgettext

from clcplus.http import site_address
from clcplus.presentation.level_names import all_of_level, in_level, level_name, of_level

register = template.Library()
register.filter("level", level_name)
register.filter("all_of_level", all_of_level)
register.filter("of_level", of_level)
register.filter("in_level", in_level)


@register.inclusion_tag("parts/alternates.html", takes_context=True)
def alternates(context: RequestContext) -> dict[str, Any]:
    """The page's own address without what only sorts or scrolls, and that of its other languages.

    A view may say what its address is, as ``canonical``, where the query names the content.
    """
    request = context["request"]
    own = context.get("canonical") or site_address.absolute(request, request.path)
    found = [(code, translate_url(own, code)) for code, _name in settings.LANGUAGES]
    if len({address for _code, address in found}) < len(found):
        found = []
    return {
        "canonical": own,
        "alternates": [(code.partition("-")[0], address) for code, address in found],
        "default": found[0][1] if found else None,
    }


@register.simple_tag
def colon() -> str:
    """A colon between two pieces of a page, with the space that the language puts before it."""
    return pgettext("punctuation", ":")


@register.simple_tag
def semicolon() -> str:
    """A semicolon between two pieces of a page, with the space that the language puts before it."""
    return pgettext("punctuation", ";")
