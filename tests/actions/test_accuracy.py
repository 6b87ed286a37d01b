"""Accuracy that an administrator enters: zones borrow it, whatever the edition."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client, override_settings

from analytics.estimation import borrowed_area
from clcplus.models import Edition, Publication
from tests.region import Region
from tests.runs import load_editions, load_zones

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store", "quiet_broker")]

FRANCE = ["--place", "France", "--producers", "92", "--producers-half-width", "3", "--users", "90"]
WHOLE = [*FRANCE, "--source", "validation of 2024"]


@pytest.mark.django_db(transaction=True)
def test_territories_borrow_what_was_entered(region: Region, client: Client) -> None:
    load_zones(region)
    load_editions(region, (2023,))
    path = "/api/v1/territories/commune/0V001/statistics/"

    def estimate() -> Any:
        (found,) = client.get(path).json()["statistics"]
        return found["estimate"]

    with override_settings(CLCPLUS_COUNTRY="FR"):
        assert estimate() is None
        number = Publication.objects.count()
        out = StringIO()
        call_command("enter_accuracy", "clcplus-2023", *WHOLE, stdout=out)
        assert out.getvalue() == "clcplus-2023: accuracy entered\n"
        assert Publication.objects.count() == number + 1
        after = estimate()
        mapped = region.counts("0V001", 2023)[1] * 100
        made = borrowed_area(mapped, users=0.9, producers=0.92, producers_half_width=0.03)
        assert (after["basis"], after["accuracy_of"]) == ("borrowed", "France")
        assert after["value_m2"] == pytest.approx(made.value)
        call_command("enter_accuracy", "clcplus-2023", "--remove", stdout=out)
        assert estimate() is None


@pytest.mark.parametrize(
    "arguments",
    [
        FRANCE,
        [],
        [*WHOLE, "--remove"],
        [*WHOLE, "--producers", "0"],
        [*WHOLE, "--producers", "101"],
        [*WHOLE, "--users", "nan"],
        [*WHOLE, "--producers-half-width", "92"],
        [*WHOLE, "--producers-half-width", "-1"],
        [*WHOLE, "--place", "two\nlines"],
        [*WHOLE, "--source", " "],
    ],
)
def test_what_is_no_accuracy_is_refused_in_one_line(region: Region, arguments: list[str]) -> None:
    edition = Edition.objects.create(
        slug="clcplus-2023", product="clcplus", product_name="CLC+", year=2023, origin="official"
    )
    with pytest.raises(CommandError) as found:
        call_command("enter_accuracy", edition.slug, *arguments)
    assert "\n" not in str(found.value)
    assert not Publication.objects.exists()


def test_an_edition_that_is_not_there_is_refused() -> None:
    with pytest.raises(CommandError, match="no such edition"):
        call_command("enter_accuracy", "clcplus-1990", *WHOLE)
