"""The filters of figures: every function of :mod:`clcplus.presentation.numbers`, and the bars of
classes."""

from __future__ import annotations

import inspect

from django import template

from clcplus.presentation import classes, numbers

register = template.Library()
register.filter("class_bars", classes.class_bars)
register.filter("composition", classes.composition)
for name, function in inspect.getmembers(numbers, inspect.isfunction):
    if function.__module__ == numbers.__name__ and not name.startswith("_"):
        register.filter(name, function)
