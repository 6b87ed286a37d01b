"""Whoever can write to Redis runs nothing in our processes."""

from __future__ import annotations

import json
import logging
import os
import pickle
import pickletools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from celery import current_app
from django.conf import settings
from django.core.cache import cache

from clcplus.maps.kept import kept


class Attack:
    """What makes a file as soon as it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def plant(key: str, value: bytes) -> None:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.set(cache.make_key(key), value)


def kept_raw(key: str) -> Any:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        return client.get(cache.make_key(key))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("before", [b"", b"b", b"j"])
def test_a_planted_pickle_is_not_executed(
    tmp_path: Path, protocol: int, before: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    mark = tmp_path / "executed"
    attack = before + pickle.dumps(Attack(mark), protocol)
    plant("key", attack)
    with caplog.at_level(logging.WARNING, "clcplus.cache"):
        found = cache.get("key", "missing")
    assert not mark.exists()
    if before != b"b":  # bytes are bytes
        assert found == "missing"
        assert "dropped" in caplog.text
        assert kept_raw("key") is None
    plant("key", attack)
    assert set(cache.get_many(["key", "other"])) == ({"key"} if before == b"b" else set())
    assert not mark.exists()


def test_a_planted_tile_is_made_anew(tmp_path: Path) -> None:
    for planted in (pickle.dumps(Attack(tmp_path / "executed")), b"junk", b"j[1]", b"99999999999"):
        plant("here", planted)
        assert kept("here", lambda: b"the tile") == b"the tile"
        assert kept("here", lambda: b"not asked") == b"the tile"
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize("value", [b"", b"\x80\x05tile", 7, "text", [1, {"a": None}], True, 1.5])
def test_cached_values_come_back(value: Any) -> None:
    cache.set("key", value)
    assert cache.get("key") == value
    assert type(cache.get("key")) is type(value)
    assert cache.get_many(["key", "other"]) == {"key": value}


def test_values_that_are_no_data_are_not_cached() -> None:
    with pytest.raises(TypeError):
        cache.set("key", object())
    assert cache.get("key") is None


def test_numbers_can_be_counted_with() -> None:
    cache.set("key", 7)
    assert cache.incr("key") == 8
    assert cache.get("key") == 8


def test_nothing_else_that_others_can_write_is_unpickled() -> None:
    """Sessions, tasks, their results, and what steers workers."""
    assert settings.SESSION_ENGINE == "django.contrib.sessions.backends.db"
    assert settings.SESSION_SERIALIZER.endswith("JSONSerializer")
    conf = current_app.conf
    assert list(conf.accept_content) == ["json"]
    assert list(conf.result_accept_content) == ["json"]
    assert {conf.task_serializer, conf.result_serializer, conf.event_serializer} == {"json"}
    assert list(current_app.control.mailbox.accept) == ["json"]


@pytest.mark.django_db
def test_no_pickle_is_written_to_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    for number, value in enumerate([b"tile", {"a": 1}, "text", 3]):
        cache.set(f"key{number}", value)
        raw = kept_raw(f"key{number}")
        with pytest.raises((ValueError, IndexError)):
            list(pickletools.genops(raw))
    assert json.loads(kept_raw("key1")[1:]) == {"a": 1}
