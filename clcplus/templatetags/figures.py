"""The filters of figures: :mod:`clcplus.presentation.numbers`, and bars of classes."""

from __future__ import annotations

from django import template

from clcplus.presentation import classes, numbers

register = template.Library()
for function in (
    numbers.count,
    numbers.at_least,
    numbers.any_partly,
    numbers.number,
    numbers.hectares,
    numbers.area,
    numbers.percent,
    numbers.known_percent,
    numbers.per_cent,
    numbers.signed,
    numbers.signed_hectares,
    numbers.signed_percent,
    numbers.points,
    numbers.square_metres,
    numbers.square_kilometres,
    numbers.share_in,
    numbers.duration,
    numbers.file_size,
    numbers.ordinal,
    classes.class_bars,
    classes.composition,
):
    register.filter(function.__name__, function)
