"""Scenes of a STAC API. Items may use any of the naming schemes in use."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from pystac_client import Client
from pystac_client.exceptions import APIError
from pystac_client.stac_api_io import StacApiIO
from rasterio.crs import CRS
from requests.exceptions import RequestException
from urllib3.util.retry import Retry

from analytics.grid import Window
from inference.composites.area import cells_of, degrees_of
from inference.composites.assets import WEB, Patience, gdal_path
from inference.composites.bands import CLASSIFICATION, REFLECTANCE, band_of, fitness, resolved
from inference.composites.network import GuardedIO, Network
from inference.composites.scenes import Asset, Scene, baseline_in, overpass_of, radiometry
from inference.composites.seasons import Season
from inference.errors import (
    MissingBand,
    OffGrid,
    UnreachableSource,
    UnreadableImagery,
)

_PAGE = 100
_FAILURES = (429, 500, 502, 503, 504)
_PICTURES = frozenset({"visual", "thumbnail", "overview"})
"""Roles of assets that are pictures of bands and hold no measurements."""


def search(
    address: str,
    *,
    collection: str,
    window: Window,
    season: Season,
    patience: Patience,
    most_cloud: float = 100,
    offset: int | None = None,
    network: Network | None = None,
) -> list[Scene]:
    """Find the scenes of a season that touch a window. ``most_cloud`` is in percent.

    ``offset`` is added to stored numbers, whatever the metadata say. ``network`` asks in place of
    the library, and says which assets may be read. Raises UnreachableSource for
    a catalogue that does not answer, UnreadableImagery for an address that is no STAC API, and
    errors of single items.
    """
    try:
        with warnings.catch_warnings():
            # An API may offer more than the conformance classes that it declares.
            warnings.simplefilter("ignore", UserWarning)
            items = list(_items(address, collection, window, season, patience, network))
    except (APIError, RequestException) as error:
        raise UnreachableSource(
            address, found=_shortened(error), expected="an answer of a STAC API"
        ) from error
    except (KeyError, TypeError, ValueError, NotImplementedError) as error:
        raise UnreadableImagery(
            address,
            found=_shortened(error),
            expected="the address of a STAC API that can be searched",
            hint="It is the address of the API's first page, such as …/v1",
        ) from error
    scenes = (
        scene_of(item, offset=offset)
        for item in items
        if float((item.get("properties") or {}).get("eo:cloud_cover") or 0) <= most_cloud
    )
    found = [scene for scene in scenes if scene.footprint.intersection(window)]
    if network is not None:
        for scene in found:
            _permit(network, scene)
    return found


def _permit(network: Network, scene: Scene) -> None:
    """Raise UnreachableSource for a scene with an asset that must not be read. The endpoint of
    buckets is the operator's."""
    for asset in (*scene.bands.values(), scene.classification):
        if asset is not None and asset.path.startswith(WEB):
            network.permit(asset.path.removeprefix(WEB))


def scene_of(item: Mapping[str, Any], *, offset: int | None = None) -> Scene:
    """The scene of a STAC item. Raises ImageryError with the item's name."""
    name = str(item.get("id", "an item without id"))
    try:
        return _Item(item, name).scene(forced=offset)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableImagery(
            name,
            found=f"{type(error).__name__}: {_shortened(error)}",
            expected="a STAC item of Sentinel-2 L2A",
        ) from error


def _items(
    address: str,
    collection: str,
    window: Window,
    season: Season,
    patience: Patience,
    network: Network | None,
) -> Iterator[dict[str, Any]]:
    retry = Retry(
        total=patience.attempts - 1,
        backoff_factor=patience.pause,
        status_forcelist=_FAILURES,
        allowed_methods=None,  # a search is a POST and may be repeated
        raise_on_status=False,
    )
    stac_io = (
        StacApiIO(timeout=patience.timeout, max_retries=retry)
        if network is None
        else GuardedIO(network)
    )
    client = Client.open(address, stac_io=stac_io)
    client.add_conforms_to("ITEM_SEARCH")
    query: dict[str, Any] = {
        "collections": [collection],
        "bbox": list(degrees_of(window)),
        "datetime": season.interval or None,
        "limit": _PAGE,
    }
    try:
        yield from client.search(method="POST", **query).items_as_dicts()
    except APIError as error:
        # All APIs support GET. Most support POST, which allows longer queries.
        if error.status_code not in (404, 405, 501):
            raise
        yield from client.search(method="GET", **query).items_as_dicts()


class _Item:
    """A STAC item, read as one of Sentinel-2 L2A."""

    def __init__(self, item: Mapping[str, Any], name: str) -> None:
        self.item, self.name = item, name
        self.properties: Mapping[str, Any] = item["properties"]
        self.product = str(self.properties.get("s2:product_uri") or "")
        self.baseline = str(
            self.properties.get("s2:processing_baseline")
            or self.properties.get("processing:version")
            or baseline_in(self.product)
            or baseline_in(name)
        )

    def scene(self, *, forced: int | None) -> Scene:
        properties, name = self.properties, self.name
        taken = properties.get("datetime") or properties.get("start_datetime")
        day = datetime.fromisoformat(str(taken)).date() if taken else None
        bands = {
            band: self._asset(band, self.item["assets"][key], index, forced)
            for band, (key, index) in _choice(self.item["assets"]).items()
        }
        classification = bands.pop(CLASSIFICATION, None)
        if classification is None:
            raise MissingBand(
                name,
                found=f"assets {', '.join(self.item['assets'])}",
                expected="the scene classification (SCL) among them",
                hint="Without it clouds cannot be distinguished from ground",
            )
        return Scene(
            name=name,
            day=day,
            overpass=overpass_of(
                str(properties.get("s2:datatake_id") or ""),
                self.product,
                name,
                platform=str(properties.get("platform") or ""),
                day=day,
            ),
            baseline=self.baseline,
            footprint=self._footprint(),
            bands={band: bands[band] for band in REFLECTANCE if band in bands},
            classification=classification,
        )

    def _asset(self, band: str, asset: Mapping[str, Any], index: int, forced: int | None) -> Asset:
        listed = (asset.get(field) or () for field in ("raster:bands", "bands"))
        sources = [*(bands[index - 1] for bands in listed if len(bands) >= index), asset]

        def number(key: str) -> float | None:
            found = (source.get(k) for source in sources for k in (key, f"raster:{key}"))
            return next((float(value) for value in found if isinstance(value, int | float)), None)

        scale, shift = 1.0, 0.0
        if band != CLASSIFICATION:
            flags = (v for k, v in self.properties.items() if k.endswith("boa_offset_applied"))
            applied = next(flags, None)
            scale, shift = radiometry(
                self.baseline,
                of=self.name,
                scale=number("scale"),
                offset=number("offset"),
                applied=applied if isinstance(applied, bool) else None,
                forced=forced,
            )
        return Asset(self._path(asset), index, scale, shift, self._crs(asset))

    def _path(self, asset: Mapping[str, Any]) -> str:
        links = self.item.get("links") or ()
        base = next((link["href"] for link in links if link["rel"] == "self"), "")
        reference = urljoin(base, asset["href"]) if "://" not in asset["href"] else asset["href"]
        try:
            return gdal_path(reference)
        except ValueError:
            raise UnreachableSource(
                self.name,
                found=f"an asset at {_shortened(reference)}",
                expected="an address with https, http or s3",
            ) from None

    def _crs(self, asset: Mapping[str, Any]) -> str:
        for source in (asset, self.properties):
            if source.get("proj:code"):
                return str(source["proj:code"])
            if source.get("proj:epsg"):
                return f"EPSG:{source['proj:epsg']}"
        return ""

    def _footprint(self) -> Window:
        box = [float(side) for side in self.item["bbox"]]
        # With heights a box has six numbers.
        west, south, east, north = (box[0], box[1], box[3], box[4]) if len(box) == 6 else box
        if west > east:
            raise OffGrid(
                self.name, found="a box across the antimeridian", expected="one within Europe"
            )
        return cells_of((west, south, east, north), crs=CRS.from_epsg(4326), name=self.name)


def _choice(assets: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[str, int]]:
    """The asset key and the position of each band: found by the key, or by the names of the asset's
    bands, or by their common names."""
    keys = [(*resolved(key), key) for key in assets]
    by_key = sorted((fitness(band, metres), band, key) for band, metres, key in keys if band)
    chosen: dict[str, tuple[str, int]] = {}
    for _, band, key in by_key:
        chosen.setdefault(band, (key, 1))
    for names in (("name",), ("common_name", "eo:common_name")):
        for key, asset in assets.items():
            # The field is `bands` from STAC 1.1 on, `eo:bands` before.
            described = asset.get("bands") or asset.get("eo:bands") or ()
            for position, description in enumerate(described if _is_image(asset) else (), start=1):
                for name in names:
                    found = band_of(str(description.get(name) or ""))
                    if found is not None:
                        chosen.setdefault(found, (key, position))
    return chosen


def _is_image(asset: Mapping[str, Any]) -> bool:
    """Whether an asset is a raster of measurements."""
    kind = str(asset.get("type") or "image/tiff")
    rasters = ("image/tiff", "image/jp2", "image/vnd.stac.geotiff")
    return kind.startswith(rasters) and not _PICTURES & set(asset.get("roles") or ())


def _shortened(error: object, length: int = 160) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= length else text[: length - 1] + "…"
