"""A region that was ingested and published, its folders, and a second cluster to restore into."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.test import override_settings
from psycopg.conninfo import conninfo_to_dict

from clcplus.backups import backup, postgresql_tools, restore
from clcplus.backups.manifest import Manifest
from clcplus.database import read_side
from ops.account import of_servers
from ops.places import Place
from ops.postgresql import Cluster
from tests.ops.conftest import folder_for_servers
from tests.region import Region
from tests.runs import committed

FOLDERS = ("checkpoints", "imagery", "predictions", "inbox")


def folder_settings(home: Path) -> dict[str, Any]:
    """The settings of a platform whose folders lie below one."""
    named = {f"CLCPLUS_{name.upper()}": home / name for name in FOLDERS}
    return {"RASTER_STORE": str(home / "store"), **named}


def folder_variables(home: Path) -> dict[str, str]:
    """The same for another process."""
    return {name: str(value) for name, value in folder_settings(home).items()}


@pytest.fixture(scope="module")
def home(
    region: Region,
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Path]:
    """The folders of the platform that is backed up; its rows are committed."""
    home = tmp_path_factory.mktemp("platform")
    for name in FOLDERS:
        (home / name / "deeper").mkdir(parents=True)
        (home / name / "deeper" / "a file, é.bin").write_bytes(name.encode() * 99)
    (home / "imagery" / "empty.csv").touch()
    with (
        override_settings(**folder_settings(home)),
        django_db_blocker.unblock(),
        committed(region, store=home / "store"),
    ):
        yield home


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Another PostgreSQL, of its own."""
    with folder_for_servers() as folder:
        place = Place(folder / ".local", of_servers())
        server = Cluster(place, durable=False)
        child = server.start()
        try:
            yield server
        finally:
            child.stop()
            place.release()


_numbers = itertools.count()
_spare: list[str] = []
"""Databases that are still empty: to make one takes longer than most tests."""


@dataclass
class Elsewhere:
    """An empty database of the other cluster, and a folder for its files."""

    url: str
    home: Path
    changed: bool = False

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(statement).fetchall()  # type: ignore[call-overload,no-any-return]

    def do(self, statement: str) -> None:
        self.changed = True
        with psycopg.connect(self.url) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    @contextmanager
    def entered(self, **settings: Any) -> Iterator[None]:
        """What restores in this process inside the block restores here."""
        with (
            override_settings(**{**folder_settings(self.home), **settings}),
            pytest.MonkeyPatch.context() as patch,
        ):
            patch.setattr(postgresql_tools, "_parameters", lambda: conninfo_to_dict(self.url))
            yield

    def restore(self, source: Path, **settings: Any) -> None:
        """Restore a backup here."""
        with self.entered(**settings):
            restore.restore(source, tell=lambda _: None)

    @property
    def tables(self) -> int:
        return int(
            self.rows(
                "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
                " AND tablename <> 'spatial_ref_sys'"
            )[0][0]
        )

    @property
    def untouched(self) -> bool:
        """Whether nothing was restored here."""
        return self.tables == 0 and not [one for one in self.home.rglob("*") if one.is_file()]


@pytest.fixture
def elsewhere(cluster: Cluster, tmp_path: Path) -> Iterator[Elsewhere]:
    """An empty place."""
    if not _spare:
        name = f"empty_{next(_numbers)}"
        with psycopg.connect(cluster.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
        _spare.append(cluster.url().replace("/clcplus?", f"/{name}?"))
    made = Elsewhere(_spare.pop(), tmp_path / "elsewhere")
    made.home.mkdir()
    yield made
    if not made.changed and made.tables == 0:
        _spare.append(made.url)


@pytest.fixture(scope="module")
def whole(home: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    """A backup of the platform, and its manifest."""
    target = tmp_path_factory.mktemp("backups") / "whole"
    made = backup.make(target, tell=lambda _: None)
    read_side.dispose()
    return target, made
