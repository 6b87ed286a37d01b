"""Filters of the panel that says how sure a change is."""

from __future__ import annotations

from django import template

from clcplus.presentation import certainty

register = template.Library()
register.filter("basis_words", certainty.basis_words)
register.filter("filter_name", certainty.filter_name)
