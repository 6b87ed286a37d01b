"""The release: whatever makes an answer is part of its name."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client, override_settings

from clcplus import release, snapshots
from clcplus.release import FOLDERS, LIBRARIES, hash_of
from tests.world import world

__all__ = ["world"]

ROOT = Path(settings.BASE_DIR)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of all that makes answers."""
    copied = tmp_path_factory.mktemp("release")
    for folder in FOLDERS:
        left_out = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, copied / folder, ignore=left_out)
    (copied / LIBRARIES).parent.mkdir()
    shutil.copy(ROOT / LIBRARIES, copied / LIBRARIES)
    (copied / "manifest.json").write_text("{}")
    return copied


def name_of(tree: Path) -> str:
    return hash_of(tree, manifest=tree / "manifest.json")


def one_of_each_folder(tree: Path) -> list[Path]:
    """A file of each folder and each kind; the source of a translation makes no answer."""
    found = {(path.parent, path.suffix): path for path in tree.rglob("*") if path.is_file()}
    return [path for path in found.values() if path.suffix != ".po"]


def test_a_changed_line_in_any_folder_is_another_release(tree: Path) -> None:
    files, before = one_of_each_folder(tree), name_of(tree)
    parts = {path.relative_to(tree).as_posix() for path in (file.parent for file in files)}
    assert {"analytics/queries", "clcplus/views/zones", "clcplus/maps", "templates/zones"} <= parts
    for file in files:
        content = file.read_bytes()
        file.write_bytes(content + b"\n")
        assert name_of(tree) != before, file
        file.write_bytes(content)
    assert name_of(tree) == before


def _add(tree: Path) -> Callable[[], object]:
    added = tree / "templates" / "added.html"
    added.touch()
    return added.unlink


def _rename(tree: Path) -> Callable[[], object]:
    old, new = (tree / "templates" / name for name in ("home.html", "moved.html"))
    old.rename(new)
    return lambda: new.rename(old)


def _remove(tree: Path) -> Callable[[], object]:
    gone = tree / "manifest.json"
    content = gone.read_bytes()
    gone.unlink()
    return lambda: gone.write_bytes(content)


@pytest.mark.parametrize("change", [_add, _rename, _remove])
def test_a_file_added_moved_or_removed_is_another_release(
    tree: Path, change: Callable[[Path], Callable[[], object]]
) -> None:
    before = name_of(tree)
    undo = change(tree)
    assert name_of(tree) != before
    undo()
    assert name_of(tree) == before


def test_compiled_python_is_no_part_of_it(tree: Path) -> None:
    before = name_of(tree)
    compiled = tree / "clcplus" / "__pycache__" / "urls.cpython-311.pyc"
    compiled.parent.mkdir()
    compiled.write_bytes(b"x")
    assert name_of(tree) == before


def test_the_image_has_all_that_the_release_is_made_of() -> None:
    stage = (ROOT / "Dockerfile").read_text().partition(" AS runtime\n")[2].partition("\nFROM")[0]
    copied = {words[-1] for line in stage.splitlines() if (words := line.split())[:1] == ["COPY"]}
    assert {*FOLDERS, LIBRARIES.as_posix()} <= copied


def test_in_development_a_changed_template_shows_at_once(tree: Path) -> None:
    template = tree / "templates" / "home.html"
    content = template.read_bytes()
    with override_settings(DEBUG=True, BASE_DIR=tree):
        before = release.release()
        template.write_bytes(content + b"\n")
        assert release.release() != before
        template.write_bytes(content)
        assert release.release() == before


@pytest.mark.parametrize("shown", [{"DEMONSTRATION": True}, {"BASEMAP": {"tiles": "x"}}])
def test_settings_that_pages_show_are_part_of_it(shown: dict[str, object]) -> None:
    with override_settings(DEMONSTRATION=False):
        before = release.release()
        with override_settings(**shown):
            assert release.release() != before


@pytest.mark.django_db
@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/territories/commune/07001/",
        "/territories/commune/07001/tables/statistics.csv",
        "/api/v1/territories/commune/07001/",
        "/api/v1/statistics/?level=commune",
        "/tiles/territories/commune.json",
        "/tiles/territories/commune/14/8192/5800.mvt",
    ],
)
def test_a_reader_gets_the_answer_of_the_new_release(
    client: Client, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    first = client.get(path)
    assert first.status_code == 200
    held = {"If-None-Match": first["ETag"]}
    assert client.get(path, headers=held).status_code == 304
    monkeypatch.setattr(snapshots, "release", lambda: "next")
    assert client.get(path, headers=held).status_code == 200
