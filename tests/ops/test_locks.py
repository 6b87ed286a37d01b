"""The lock files are whole, and say nothing of the machine they were written on."""

from __future__ import annotations

import json
import re

import pytest

from ops.layout import REQUIREMENTS, ROOT
from ops.virtual_environment import HASHED, LOCKS

PACKAGE_LOCK = (ROOT / "package-lock.json").read_text()


def locked(name: str) -> dict[str, str]:
    """Packages and versions of a lock file."""
    text = (REQUIREMENTS / f"{name}.txt").read_text()
    return dict(re.findall(r"^([a-z0-9][\w.-]*)==([^\s;]+)", text, re.M | re.I))


def wanted(name: str) -> list[str]:
    """The packages a person asked for."""
    text = (REQUIREMENTS / f"{name}.in").read_text()
    return [word.lower() for word in re.findall(r"^([A-Za-z][\w.-]*)", text, re.M)]


@pytest.mark.parametrize("name", LOCKS)
def test_every_wanted_package_is_locked(name: str) -> None:
    assert [package for package in wanted(name) if package not in locked(name)] == []


@pytest.mark.parametrize("name", HASHED)
def test_every_locked_package_has_hashes(name: str) -> None:
    text = (REQUIREMENTS / f"{name}.txt").read_text()
    entries = [entry for entry in re.split(r"\n(?=[a-zA-Z0-9])", text) if "==" in entry]
    assert [entry.split("==")[0] for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("name", LOCKS)
def test_no_lock_names_an_index_or_a_folder(name: str) -> None:
    text = (REQUIREMENTS / f"{name}.txt").read_text()
    assert not re.search(r"://|--index-url|--extra-index|--find-links|^-e|@ file", text, re.M)


def test_locks_agree_on_what_they_share() -> None:
    """They are installed into one environment."""
    versions: dict[str, set[str]] = {}
    for name in LOCKS:
        for package, version in locked(name).items():
            versions.setdefault(package, set()).add(version)
    assert {package: found for package, found in versions.items() if len(found) > 1} == {}


@pytest.mark.parametrize("name", ["model", "torch"])
def test_the_model_brings_no_cuda_on_its_own(name: str) -> None:
    assert [one for one in locked(name) if one.startswith(("nvidia", "cuda", "triton"))] == []
    assert not re.search(r"\+cpu|\+cu\d", (REQUIREMENTS / f"{name}.txt").read_text())


def test_front_end_packages_are_exact_and_have_a_reason() -> None:
    package = json.loads((ROOT / "package.json").read_text())
    named = package["dependencies"] | package["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in named.values())
    assert set(package["reasons"]) == set(named)


def test_front_end_lock_has_hashes_and_names_no_registry() -> None:
    assert '"resolved"' not in PACKAGE_LOCK
    packages = json.loads(PACKAGE_LOCK)["packages"]
    assert [name for name, entry in packages.items() if name and "integrity" not in entry] == []
    assert "omit-lockfile-registry-resolved=true" in (ROOT / ".npmrc").read_text()
