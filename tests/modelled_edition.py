"""A modelled edition of 2024 beside the world's official ones, with its checkpoint.

sealed of observed cells    2021 (official)   2024 (modelled)   observed in both
07001                      1 060 of 10 000   1 560 of 10 000    gain 600, loss 100
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache

from clcplus.models import (
    Checkpoint,
    Edition,
    Prediction,
    Publication,
    Run,
    ZoneChange,
    ZoneStatistics,
)
from tests.world import World, as_cells, as_matrix

IDENTITY = "c0ffee" + "0" * 58
SLUG = "clcplus-2024-modelled"
CELLS = {1: 1560, 6: 8440}
PAIRS = {(1, 1): 960, (1, 6): 100, (6, 1): 600, (6, 6): 8340}
METRICS: dict[str, Any] = {
    "validation": {
        "cells": 80_000,
        "iou_sealed": 0.712,
        "mean_iou": 0.512,
        "accuracy": 0.861,
        "classes": {
            "1": {"iou": 0.712, "f1": 0.832, "precision": 0.85, "recall": 0.815},
            "6": {"iou": 0.801, "f1": 0.889, "precision": 0.88, "recall": 0.9},
        },
        "ece_sealed": 0.021,
    }
}


def make_checkpoint(**changed: Any) -> Checkpoint:
    """A registered checkpoint; its folder is not there."""
    checkpoint: Checkpoint = Checkpoint.objects.create(
        **{
            "identity": IDENTITY,
            "name": "Valmont, first",
            "architecture": "segformer-small",
            "key": IDENTITY[:16],
            "bands": ["B02", "B03", "B04", "B08"],
            "labels": [{"code": 1, "name": "Sealed"}, {"code": 6, "name": "Herbs"}],
            "training_areas": ["07001", "07002"],
            "training_years": [2021],
            "metrics": METRICS,
            "temperature": 1.12,
            **changed,
        }
    )
    return checkpoint


def add_modelled(world: World) -> Edition:
    """Make the rows, and publish the edition."""
    checkpoint = make_checkpoint()
    edition: Edition = Edition.objects.create(
        slug=SLUG,
        product="clcplus",
        product_name="CLC+ Forward",
        year=2024,
        origin=Edition.Origin.MODELLED,
        status=Edition.Status.PUBLISHED,
        checkpoint=checkpoint,
        content_hash="f" * 64,
        published_at=datetime(2025, 2, 1, tzinfo=UTC),
    )
    names = ("07001", "07N", "07")
    ZoneStatistics.objects.bulk_create(
        ZoneStatistics(edition=edition, zone=world.zones[name], cells=as_cells(CELLS))
        for name in names
    )
    ZoneChange.objects.bulk_create(
        ZoneChange(
            earlier=world.editions[year],
            later=edition,
            zone=world.zones[name],
            matrix=as_matrix(PAIRS),
        )
        for year in (2018, 2021)
        for name in names
    )
    run = Run.objects.create(kind=Run.Kind.PREDICT, state=Run.State.SUCCEEDED, edition=edition)
    Prediction.objects.create(
        run=run,
        checkpoint=checkpoint,
        edition=edition,
        year=2024,
        stage=Prediction.Stage.REGISTERED,
        composite="composite-2024.tif",
        evaluation={
            "edition": "clcplus-2021",
            "edition_name": "CLC+ Backbone 2021",
            "edition_year": 2021,
            "edition_origin": "official",
            "metrics": METRICS["validation"],
        },
        areas={
            "observed_cells": 40_000,
            "by_probability": {
                "mapped_m2": 512_000.0,
                "corrected_m2": 498_000.0,
                "low_m2": 470_000.0,
                "high_m2": 526_000.0,
            },
            "by_class": {
                "mapped_m2": 530_000.0,
                "corrected_m2": 499_000.0,
                "low_m2": 465_000.0,
                "high_m2": 533_000.0,
            },
            "points": 400,
            "points_left_out": 3,
        },
    )
    Publication.objects.create(event="published", subject=SLUG)
    return edition


@pytest.fixture(scope="module")
def modelled(world: World, django_db_blocker: Any) -> Edition:
    """The edition, committed for the tests of a module beside ``world``, which removes it."""
    with django_db_blocker.unblock():
        made = add_modelled(world)
        cache.clear()
    return made
