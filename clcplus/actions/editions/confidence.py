"""Confidence layers of editions: how sure the makers of a map are of the class of each cell."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.db import transaction

from analytics.errors import RasterError
from analytics.nomenclature import MISSING_CODES
from analytics.patches import MOST_CONFIDENT
from analytics.rasters import (
    Source,
    Store,
    check_disjoint,
    content_hash,
    find_sources,
    inspect,
    open_store,
    read_sources,
    write_confidence_cog,
)
from clcplus.actions import unused_files
from clcplus.actions.editions import publication, stored_tiles
from clcplus.actions.editions.registration import Say
from clcplus.database import locks
from clcplus.errors import WrongState
from clcplus.models import ConfidenceTile, Edition, EditionTile

_CODES = frozenset(range(MOST_CONFIDENT + 1)) | frozenset(MISSING_CODES)


def add_confidence(*, slug: str, paths: Sequence[Path], say: Say | None = None) -> Edition:
    """Check the sources of an edition's confidence layer and store its tiles, in place of those of
    a former layer. Pairs of the edition are then to be filtered again.

    Cells that no source has are of unknown confidence. Raises UnknownEdition, WrongState for an
    edition that is not loaded, RasterError, and StoreError.
    """
    edition = Edition.objects.filter(slug=slug).first()
    if edition is None:
        raise publication.unknown(slug)
    if edition.loaded_at is None:
        raise WrongState(slug, found="an edition that is not loaded yet", expected="a loaded one")
    sources = [
        inspect(path, codes=_CODES, progress=None if say is None else partial(say, path.name))
        for path in find_sources(paths)
    ]
    check_disjoint(sources)
    digest = content_hash(sources)
    if digest == edition.confidence_hash:
        return edition
    tiles = _stored(edition, sources, store=open_store(settings.RASTER_STORE))
    with transaction.atomic():
        # No run stores what it has filtered with the former layer meanwhile.
        locks.lock_until_commit(locks.Kind.FINALISE)
        former = ConfidenceTile.objects.filter(edition=edition)
        keys = {tile.key for tile in tiles}
        unused_files.use(keys)
        unused_files.note(former.exclude(key__in=keys).values_list("key", flat=True))
        former.delete()
        ConfidenceTile.objects.bulk_create(tiles)
        edition.confidence_hash = digest
        edition.save(update_fields=("confidence_hash",))
    return edition


def _stored(edition: Edition, sources: Sequence[Source], *, store: Store) -> list[ConfidenceTile]:
    """The tiles of a layer, put into the store."""
    tiles = [
        _put(tile, sources, store=store)
        for tile in EditionTile.objects.filter(edition=edition)
        if any(
            stored_tiles.window_of(tile).intersection(source.window) is not None
            for source in sources
        )
    ]
    if not tiles:
        raise RasterError(
            Path(sources[0].path).name,
            found=f"no cell in the tiles of {edition.slug}",
            expected="the confidence layer of that edition",
        )
    return tiles


def _put(tile: EditionTile, sources: Sequence[Source], *, store: Store) -> ConfidenceTile:
    window = stored_tiles.window_of(tile)
    with TemporaryDirectory(prefix="clcplus-confidence-") as folder:
        path = Path(folder, "confidence.tif")
        digest = write_confidence_cog(read_sources(sources, window), window=window, path=path)
        key = f"{tile.edition.slug}/confidence-{tile.name}-{digest[:16]}.tif"
        unused_files.note([key])
        store.put(path, key)
    return ConfidenceTile(
        edition=tile.edition,
        name=tile.name,
        key=key,
        row=tile.row,
        column=tile.column,
        height=tile.height,
        width=tile.width,
    )
