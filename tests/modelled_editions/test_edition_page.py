"""The page of editions says of a modelled one how it came about, and what of it was measured."""

from __future__ import annotations

import pytest
from django.test import Client

from analytics import queries
from analytics.queries.editions import originations
from clcplus import reading
from clcplus.models import Edition, Prediction
from tests.modelled_edition import IDENTITY, SLUG

pytestmark = pytest.mark.django_db


def section(client: Client, slug: str = SLUG) -> str:
    page = client.get("/editions/").content.decode()
    return page.split(f'aria-labelledby="{slug}"')[1].split("</section>")[0]


def test_it_names_the_network_and_where_it_learnt(client: Client, modelled: Edition) -> None:
    page = section(client)
    assert "CLC+ Forward 2024" in page
    assert "pill--modelled" in page
    assert IDENTITY in page
    assert "segformer-small" in page
    assert "07001, 07002" in page
    assert "2021" in page


def test_it_shows_quality_and_no_published_accuracy(client: Client, modelled: Edition) -> None:
    page = section(client)
    assert "None: what is published is the accuracy of the official map" in page
    assert "0.71" in page
    assert "0.83" in page
    assert "Held against CLC+ Backbone 2021 wherever they overlap" in page
    assert "producer’s" not in page


def test_it_shows_both_areas_with_their_interval(client: Client, modelled: Edition) -> None:
    page = section(client).replace("\u202f", " ").replace("\xa0", " ")
    assert "51.2 ha" in page
    assert "53.0 ha" in page
    assert "49.8 ha" in page
    assert "47.0 – 52.6 ha" in page
    assert "400 points" in page
    assert "no reference sample" not in page


def test_others_have_no_model(client: Client, modelled: Edition) -> None:
    page = section(client, "clcplus-2021")
    assert "model__part" not in page
    assert "producer’s" in page


def test_without_a_sample_it_says_so(client: Client, modelled: Edition) -> None:
    estimate = {"mapped_m2": 1e6, "corrected_m2": None, "low_m2": None, "high_m2": None}
    with reading.snapshot() as connection:
        before = originations(connection)[modelled.pk]
    assert before.areas["points"] == 400
    assert before.checkpoint == IDENTITY
    # The read side has connections of its own: what this test changes they do not see, so that the
    # page is rendered from a record.
    from django.template.loader import render_to_string

    from clcplus.presentation.model_quality import areas

    told = areas({"by_probability": estimate, "by_class": estimate, "points": 0})
    text = render_to_string(
        "editions/model.html", {"model": {"origination": before, "areas": told}}
    )
    assert text.count("no reference sample") == 2
    assert "no interval is known" in text


def test_editions_of_the_map_have_no_origination(modelled: Edition) -> None:
    with reading.snapshot() as connection:
        found = originations(connection)
        ids = {edition.id for edition in queries.editions(connection)}
    assert set(found) == {modelled.pk}
    assert modelled.pk in ids
    assert Prediction.objects.filter(edition=modelled).exists()
