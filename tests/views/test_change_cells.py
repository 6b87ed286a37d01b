"""The picture of a territory's cells of change, and of what a filter leaves of them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from django.core.cache import cache
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from clcplus.jobs import runner
from clcplus.models import Run
from clcplus.presentation.colours import CHANGE_COLOURS
from clcplus.views.downloads.change_cells import busiest
from tests.analytics.test_patches import change_of
from tests.blocks import make_blocks
from tests.maps.test_filtered_change import accepted
from tests.region import Region
from tests.runs import committed

ADDRESS = "/territories/commune/{code}/cells.png?from=2021&to=2023"
GAINED, LOST = CHANGE_COLOURS["gained"][:3], CHANGE_COLOURS["lost"][:3]


@pytest.fixture(scope="module")
def region(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any
) -> Iterator[Region]:
    folder = tmp_path_factory.mktemp("cells")
    with django_db_blocker.unblock(), committed(make_blocks(folder), store=folder / "store") as it:
        for run in Run.objects.filter(kind=Run.Kind.FILTER):
            assert runner.work(run.kind, run.pk)
        cache.clear()
        yield it


def picture(client: Client, code: str, chosen: str) -> np.ndarray[Any, Any]:
    response = client.get(f"{ADDRESS.format(code=code)}&filter={chosen}")
    assert (response.status_code, response["Content-Type"]) == (200, "image/png")
    return np.asarray(Image.open(io.BytesIO(response.content)).convert("RGBA"))[..., :3]


def cells_in(shown: np.ndarray[Any, Any], colour: tuple[int, ...]) -> int:
    return int((shown == np.array(colour, dtype=np.uint8)).all(axis=-1).sum())


@pytest.mark.django_db
@pytest.mark.parametrize("chosen", ["raw", "0.25ha", "0.5ha"])
def test_each_cell_of_change_is_a_pixel(client: Client, region: Region, chosen: str) -> None:
    """As many of each colour as a plain label of the whole rasters counts in the commune."""
    earlier, later = region.codes[2021], region.codes[2023]
    known = change_of(earlier, later) if chosen == "raw" else accepted(region, chosen)
    seen = 0
    for code, mask in region.masks.items():
        shown = picture(client, code, chosen)
        gain, loss = (int((known[kind] & mask).sum()) for kind in (1, 2))
        # A cell whose centre lies on the border may be drawn on the other side of it.
        assert cells_in(shown, GAINED) == pytest.approx(gain, abs=1)
        assert cells_in(shown, LOST) == pytest.approx(loss, abs=1)
        seen += gain + loss
    assert seen


@pytest.mark.django_db
def test_the_page_shows_both_pictures(client: Client, region: Region) -> None:
    code = next(iter(region.zones))
    page = client.get(f"/territories/commune/{code}/?from=clcplus-2021&to=clcplus-2023").content
    text = page.decode()
    assert f"/territories/commune/{code}/cells.png?" in text
    assert "filter=raw" in text
    assert "filter=0.25ha" in text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "status"),
    [("&filter=none", 400), ("&colour=red", 400), ("", 200)],
)
def test_requests(client: Client, region: Region, query: str, status: int) -> None:
    code = next(iter(region.zones))
    assert client.get(f"{ADDRESS.format(code=code)}{query}").status_code == status


@given(
    st.integers(1, 12),
    st.integers(1, 12),
    st.integers(1, 14),
    st.integers(1, 5),
    st.randoms(use_true_random=False),
)
def test_the_busiest_square(height: int, width: int, side: int, step: int, random: Any) -> None:
    changed = np.array([[random.random() < 0.3 for _ in range(width)] for _ in range(height)])
    rows, columns = busiest(changed, side, step=step)
    shown = changed[rows, columns]
    assert shown.shape == (min(side, height), min(side, width))
    tall, wide = shown.shape
    tried = [
        int(changed[row : row + tall, column : column + wide].sum())
        for row in {*range(0, height - tall + 1, step), height - tall}
        for column in {*range(0, width - wide + 1, step), width - wide}
    ]
    assert int(shown.sum()) == max(tried)
