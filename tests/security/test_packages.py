"""Attack: a package is replaced where it is fetched from. Each is installed by its hash; torch,
whose builds are different files, by its exact version alone."""

from __future__ import annotations

import re

import pytest

from ops import virtual_environment
from ops.layout import REQUIREMENTS, ROOT
from ops.virtual_environment import HASHED, LOCKS, TORCH


def entries(name: str) -> list[str]:
    """The packages of a lock file with their hashes."""
    text = (REQUIREMENTS / f"{name}.txt").read_text()
    return [entry for entry in re.split(r"\n(?=[a-zA-Z0-9])", text) if "==" in entry]


def test_only_torch_has_no_hash() -> None:
    found = {path.stem for path in REQUIREMENTS.glob("*.txt")}
    assert found == set(LOCKS)
    without = [
        entry.split("==")[0]
        for name in sorted(found)
        for entry in entries(name)
        if "--hash=sha256:" not in entry
    ]
    assert without == ["torch"]
    assert [entry.split()[0] for entry in entries(TORCH)] == ["torch==2.13.0"]
    assert not any(entry.startswith("torch==") for name in HASHED for entry in entries(name))


def test_lock_files_agree_on_each_version() -> None:
    """They are installed together: two versions of one package end every installation."""
    versions: dict[str, dict[str, str]] = {}
    for name in LOCKS:
        for entry in entries(name):
            package, version = entry.split()[0].split(";")[0].split("==")
            versions.setdefault(package.lower(), {})[name] = version
    assert len(versions) > 100
    assert not {p: found for p, found in versions.items() if len({*found.values()}) > 1}


def test_what_is_installed_is_held_to_its_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """All lock files but torch's, which goes without dependencies."""
    asked: list[tuple[str, ...]] = []

    def pip(*words: str) -> str:
        asked.append(words)
        return '{"install": [{"metadata": {"version": "2.13.0+cpu"}}]}'

    monkeypatch.setattr(virtual_environment, "_pip", pip)
    monkeypatch.setattr(virtual_environment, "_stamp_of", lambda name: "")
    monkeypatch.setattr(virtual_environment, "_stamp", lambda names: None)
    monkeypatch.setattr(virtual_environment, "_ensure_created", lambda: None)
    virtual_environment.ensure(["runtime", "model"])
    files = [f"{REQUIREMENTS}/{name}.txt" for name in ("runtime", "model", "torch")]
    installed = [words for words in asked if "--dry-run" not in words]
    assert installed == [
        ("install", "--require-hashes", "-r", files[0], "-r", files[1]),
        ("install", "--no-deps", "-r", files[2]),
    ]


def test_the_image_holds_packages_to_their_hashes() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    for name in ("runtime", "model"):
        assert f"--no-deps --require-hashes -r /tmp/{name}.txt" in dockerfile
    assert set(re.findall(r"pip install [^&\n]*-r /tmp/(\w+)\.txt", dockerfile)) == {
        "runtime", "model", "torch",
    }  # fmt: skip
