"""Attack: a file or value in a place that another account can write to, which a process of ours
loads as code: pickles of a schedule, of compiled kernels, of a cache."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from celery import beat
from django.conf import settings
from django.core.cache import cache

from analytics.counting import kernel_cache
from analytics.errors import UnsafeFolder
from clcplus.celery import app
from ops import commands
from ops.layout import ROOT

LOADERS = {"pickle", "shelve", "joblib", "dill", "cloudpickle", "marshal"}


def test_the_schedule_is_in_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shelf in /tmp, planted before beat starts."""
    monkeypatch.chdir(tmp_path)
    service = beat.Service(
        app, schedule_filename=str(tmp_path / "planted"), scheduler_cls=app.conf.beat_scheduler
    )
    assert type(service.scheduler) is beat.Scheduler
    assert set(settings.CELERY_BEAT_SCHEDULE) <= set(service.scheduler.schedule)
    service.sync()
    assert list(tmp_path.iterdir()) == []
    assert not {"-s", "--schedule", "-S", "--scheduler"} & set(commands.beat())


def test_beat_starts_where_it_can_write_nothing(tmp_path: Path) -> None:
    """And leaves no file of its own, such as one with its process number."""
    running = subprocess.Popen(
        [sys.executable, "-m", *commands.beat()],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
    )
    with running:
        assert running.stderr is not None
        assert any("beat: Starting..." in line for line in running.stderr)
        running.terminate()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "value", [b"", b"\x80\x05bytes", 7, True, None, "text", [1.5, 2.5], {"a": ["b", None]}]
)
def test_the_cache_returns_what_it_stored(value: object) -> None:
    cache.set("kept", value, 60)
    try:
        assert cache.get("kept", "nothing") == value
        assert type(cache.get("kept", "nothing")) is type(value)
    finally:
        cache.delete("kept")


def test_a_folder_of_kernels_is_made_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "numba"
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(folder))
    kernel_cache.check()
    assert folder.stat().st_mode & 0o777 == 0o700
    kernel_cache.check()


def test_a_folder_of_kernels_that_others_can_write_to_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "numba"
    folder.mkdir()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(folder))
    for mode in (0o777, 0o720, 0o1777):
        folder.chmod(mode)
        with pytest.raises(UnsafeFolder):
            kernel_cache.check()
    folder.chmod(0o755)
    kernel_cache.check()
    link = tmp_path / "link"
    link.symlink_to(folder)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(link))
    with pytest.raises(UnsafeFolder):
        kernel_cache.check()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_kernels_of_another_account_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "numba"
    folder.mkdir(mode=0o700)
    os.chown(folder, 12345, 12345)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(folder))
    with pytest.raises(UnsafeFolder):
        kernel_cache.check()


@pytest.mark.parametrize("module", ["analytics", "inference", "manage"])
def test_no_program_starts_beside_planted_kernels(module: str, tmp_path: Path) -> None:
    folder = tmp_path / "numba"
    folder.mkdir()
    folder.chmod(0o777)
    words = {
        "analytics": ["zonal", "zones.gpkg", "raster.tif", "--id-field", "id"],
        "inference": ["predict", "checkpoint", "composite.tif", "-o", "predicted"],
        "manage": ["check"],
    }
    done = subprocess.run(
        [sys.executable, "-m", module, *words[module]],
        cwd=ROOT,
        env=os.environ | {"NUMBA_CACHE_DIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "nobody else can write to" in done.stderr


def test_no_module_loads_pickles() -> None:
    """The state of a training is read by torch with ``weights_only``; numpy's arrays never with
    ``allow_pickle``."""
    found = []
    for package in ("analytics", "inference", "clcplus", "demonstration", "ops"):
        for file in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text())):
                found += [f"{file.name}: {what}" for what in _loaded(node)]
    assert found == []


def _loaded(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom) and node.module in LOADERS:
        return [node.module]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        given = {word.arg: ast.unparse(word.value) for word in node.keywords}
        called = ast.unparse(node.func)
        owner = called.split(".")[0]
        if owner in LOADERS and node.func.attr in {"load", "loads", "open", "Unpickler"}:
            return [called]
        if called == "torch.load" and given.get("weights_only") != "True":
            return [called]
        if given.get("allow_pickle", "False") != "False":
            return [called]
    return []
