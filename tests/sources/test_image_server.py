"""The ImageServer's description, its windows, and its errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from analytics.grid import Window
from analytics.products import valid_codes
from clcplus.sources import image_server
from clcplus.sources.client import Client
from clcplus.sources.errors import AccessRefused, SourceError, SourceUnavailable
from tests.sources.conftest import AREA
from tests.sources.image_service import ImageService, as_json, json_error, tiff
from tests.sources.misbehaviour import Reply, Served

ClientOf = Callable[..., Client]
# What a damaged TIFF lacks, rasterio says as a warning.
pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
CODES = valid_codes("clcplus", 2021)
PART = Window(AREA.row + 10, AREA.column + 20, 40, 60)


def test_the_list_gives_the_years_that_have_a_service(
    server: Served, raster: ImageService, client_of: ClientOf
) -> None:
    assert image_server.years(client_of(server), root=server.url) == [2018, 2021]
    raster.years = (2023, 2018)
    assert image_server.years(client_of(server), root=server.url) == [2018, 2023]
    raster.years = ()
    assert image_server.years(client_of(server), root=server.url) == []


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (json_error(499, "Token Required"), AccessRefused),
        (json_error(500, "Busy"), SourceUnavailable),
        (json_error(404, "Folder not found"), SourceError),
        (Reply(b"<html><title>Sign in</title>"), SourceError),
        (Reply(b"[]"), SourceError),
        (Reply(b'{"services": {"2021": 1}}'), SourceError),
        (Reply(b"{}"), SourceError),
        (Reply(status=503), SourceUnavailable),
    ],
)
def test_a_list_that_is_none_is_no_empty_list(
    server: Served, client_of: ClientOf, reply: Reply, error: type[SourceError]
) -> None:
    server.faults = [reply] * 9
    with pytest.raises(error):
        image_server.years(client_of(server), root=server.url)


def test_strange_entries_of_the_list_are_passed_over(server: Served, client_of: ClientOf) -> None:
    name = "CLC_plus/CLMS_CLCplus_RASTER_{}_010m_eu"
    services = [{"name": name.format(year), "type": "ImageServer"} for year in ("٢٠٢١", "20211")]
    services += [None, 7, {"type": "ImageServer"}, {"name": 3, "type": "ImageServer"}]  # type: ignore[list-item]
    server.faults = [as_json({"services": services})]
    assert image_server.years(client_of(server), root=server.url) == []


def test_the_description_gives_area_and_limits(server: Served, client_of: ClientOf) -> None:
    found = image_server.describe(client_of(server), server.url)
    assert (found.area, found.most_rows, found.most_columns) == (AREA, 4100, 15000)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"pixelSizeX": 20}, "20 × 10 m"),
        ({"pixelType": "U16"}, "U16"),
        ({"bandCount": 3}, "3 bands"),
        ({"maxImageHeight": 0}, "limits"),
        ({"extent": None}, "without"),
        ({"extent": {"xmin": 0}}, "without"),
        ({"maxImageWidth": "many"}, "many"),
    ],
)
def test_another_grid_is_refused(
    server: Served, raster: ImageService, client_of: ClientOf, other: Any, message: str
) -> None:
    raster.description = other
    with pytest.raises(SourceError, match=message):
        image_server.describe(client_of(server), server.url)


@pytest.mark.parametrize(
    "other", [{"xmin": 5}, {"spatialReference": {"wkid": 102100}}, {"xmax": 0}]
)
def test_another_extent_is_refused(
    server: Served, raster: ImageService, client_of: ClientOf, other: Any
) -> None:
    raster.description = {"extent": {**raster.described()["extent"], **other}}
    with pytest.raises(SourceError):
        image_server.describe(client_of(server), server.url)


def test_a_window_has_the_cells_of_the_raster(
    server: Served, raster: ImageService, client_of: ClientOf
) -> None:
    client = client_of(server)
    service = image_server.describe(client, server.url)
    found = image_server.fetch(client, service, PART, codes=CODES)
    np.testing.assert_array_equal(found, raster.codes[10:50, 20:80])


@pytest.mark.parametrize(
    "fault",
    [
        json_error(500, "Error exporting image"),
        Reply(b"busy", status=429),
        lambda reply: Reply(reply.body[: len(reply.body) // 2]),
        lambda reply: Reply(reply.body[:-100], claimed_length=len(reply.body)),
    ],
    ids=["json under 200", "429", "half a TIFF", "truncated"],
)
def test_errors_that_pass(
    server: Served, raster: ImageService, client_of: ClientOf, fault: Any
) -> None:
    client = client_of(server)
    service = image_server.describe(client, server.url)
    server.faults = [fault]
    found = image_server.fetch(client, service, PART, codes=CODES)
    np.testing.assert_array_equal(found, raster.codes[10:50, 20:80])
    assert len(server.requests) == 3


SMALLER = Window(PART.row, PART.column, 40, 59)
MOVED = Window(PART.row, PART.column + 1, 40, 60)


@pytest.mark.parametrize(
    ("fault", "error", "message"),
    [
        (json_error(400, "Invalid bbox"), SourceError, "Invalid bbox"),
        (json_error(499, "Token Required"), AccessRefused, "Token Required"),
        (Reply(b"<html><title>Sign in</title>"), SourceError, "Sign in"),
        (Reply(b""), SourceError, "empty"),
        (Reply(b'{"error": "broken"}'), SourceError, "broken"),
        (Reply(b'{"href": "https://example.org/x.tif"}'), SourceError, "href"),
        (Reply(tiff(np.ones(SMALLER.shape, np.uint8), SMALLER)), SourceError, "40 × 59"),
        (Reply(tiff(np.ones(PART.shape, np.uint8), MOVED)), SourceError, "bounds"),
        (Reply(tiff(np.ones(PART.shape, np.uint16), PART)), SourceError, "uint16"),
        (Reply(tiff(np.ones(PART.shape, np.uint8), PART, count=3)), SourceError, "uint8"),
        (Reply(tiff(np.ones(PART.shape, np.uint8), PART, crs="EPSG:3857")), SourceError, "system"),
        (Reply(tiff(np.full(PART.shape, 77, np.uint8), PART)), SourceError, "codes 77"),
        (Reply(b"II*\0" + b"\xff" * 60), SourceUnavailable, "cannot be read"),
    ],
)
def test_wrong_answers_are_refused(
    server: Served, client_of: ClientOf, fault: Reply, error: type[SourceError], message: str
) -> None:
    client = client_of(server)
    service = image_server.describe(client, server.url)
    server.faults = [fault] * 9
    with pytest.raises(error, match=message) as found:
        image_server.fetch(client, service, PART, codes=CODES)
    assert "\n" not in str(found.value)


def test_a_tiff_that_claims_a_huge_raster_is_not_read(server: Served, client_of: ClientOf) -> None:
    # A block of 20 480 x 20 480 cells: 3 kB would become 419 MB.
    huge = tiff(None, PART, height=20_480, width=20_480, tiled=True, sparse_ok=True)
    assert len(huge) < 2 * PART.cells + 1_000_000
    client = client_of(server)
    service = image_server.describe(client, server.url)
    server.faults = [Reply(huge)]
    with pytest.raises(SourceError, match="20480 × 20480 cells"):
        image_server.fetch(client, service, PART, codes=CODES)


def test_declared_no_data_is_no_data(server: Served, client_of: ClientOf) -> None:
    client = client_of(server)
    service = image_server.describe(client, server.url)
    codes = np.zeros(PART.shape, np.uint8)
    codes[:, 0] = 1
    server.faults = [Reply(tiff(codes, PART, nodata=0))]
    found = image_server.fetch(client, service, PART, codes=CODES)
    assert (found[:, 1:] == 255).all()
    assert (found[:, 0] == 1).all()


def test_a_window_beyond_the_service_is_an_error_of_the_caller(
    server: Served, client_of: ClientOf
) -> None:
    client = client_of(server)
    service = image_server.describe(client, server.url)
    with pytest.raises(ValueError, match="inside"):
        image_server.fetch(client, service, Window(0, 0, 5, 5), codes=CODES)
