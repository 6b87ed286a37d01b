"""Formulas on the method page are the docstrings of the code."""

from __future__ import annotations

import inspect
from html import unescape

import pytest
from django.test import Client

from analytics import estimation
from clcplus.presentation.formulas import formulas, plain


def test_marks_of_docstrings_are_left_out() -> None:
    text = "A ``value``, by :func:`~a.b.one` and *two*.\n\n- first\n- second\n\nOn\ntwo lines."
    assert plain(text) == ("A value, by one and two.", "- first\n- second", "On two lines.")


def test_every_formula_has_words_and_no_marks() -> None:
    found = formulas()
    assert len(found) > 8
    for formula in found:
        text = "".join(formula.paragraphs)
        assert text
        assert "``" not in text
        assert ":func:" not in text


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["", "/fr", "/pl"])
def test_the_method_page_has_them(client: Client, language: str) -> None:
    page = unescape(client.get(f"{language}/method/").content.decode())
    assert "Ŷ = Σ N_h ȳ_h; Var = Σ N_h² (1 − n_h/N_h) s²_h / n_h." in page
    assert "The area is mapped · UA / PA" in page
    assert "analytics.estimation.borrowed.borrowed_area" in page
    # What the page says is what the code says.
    first = inspect.getdoc(estimation.verdict_of_interval)
    assert first is not None
    assert " ".join(first.split()) in page


@pytest.mark.django_db
def test_the_limits_are_those_of_the_code(client: Client) -> None:
    page = unescape(client.get("/method/").content.decode()).replace("\u202f", " ")
    page = page.replace("\u00a0", " ")
    assert "from 100 points in it on, of which 20 are sealed" in page
    assert "15 % of it or more is indicative; above 30 % it is suppressed" in page
    assert "less than 50 ha were sealed" in page
