"""The bill of materials names each package of each lock file, and is valid."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from ops import sbom
from ops.layout import REQUIREMENTS, ROOT
from ops.problems import Problem


@pytest.fixture(scope="module")
def document() -> dict[str, object]:
    text = sbom.bill()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    found: dict[str, object] = json.loads(text)
    return found


def test_every_pinned_package_is_named(document: dict[str, list[dict[str, str]]]) -> None:
    named = {(entry["name"].lower(), entry["version"]) for entry in document["components"]}
    pinned = set()
    for path in REQUIREMENTS.glob("*.txt"):
        pinned |= set(re.findall(r"^([\w.-]+)==([^\s;\\]+)", path.read_text(), re.MULTILINE))
    assert len(pinned) > 100
    assert {(name.lower(), version) for name, version in pinned} <= named
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    for place, package in packages.items():
        name = place.rpartition("node_modules/")[2].rpartition("/")[2]
        assert not place or (name, package["version"]) in named


def test_what_serves_readers_is_told_from_what_tests(document: dict[str, list[dict]]) -> None:  # type: ignore[type-arg]
    scopes = {entry["name"]: entry["scope"] for entry in document["components"]}
    assert scopes["django"] == scopes["maplibre-gl"] == "required"
    assert scopes["torch"] == "optional"
    assert scopes["pytest"] == scopes["typescript"] == "excluded"
    hashes = {entry["name"]: entry.get("hashes", []) for entry in document["components"]}
    assert all(len(found["content"]) == 64 for found in hashes["django"])
    assert len(hashes["maplibre-gl"][0]["content"]) == 128


def test_the_same_packages_have_the_same_number(document: dict[str, object]) -> None:
    assert json.loads(sbom.bill())["serialNumber"] == document["serialNumber"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"packages": {"": {}, "node_modules/x": {}}}'])
def test_a_broken_lock_of_npm_is_named(tmp_path: Path, text: str) -> None:
    lock = tmp_path / "package-lock.json"
    lock.write_text(text)
    with pytest.raises(Problem, match=r"package-lock\.json: found .*expected a lock file of npm"):
        sbom.bill(npm_lock=lock)


def test_a_lock_file_of_which_nothing_is_known_is_no_gap(tmp_path: Path) -> None:
    folder = tmp_path / "requirements"
    shutil.copytree(REQUIREMENTS, folder)
    (folder / "new.txt").write_text("x==1\n")
    with pytest.raises(Problem, match=r"found bench, .*new.*say in ops/sbom\.py"):
        sbom.bill(requirements=folder)
    (folder / "new.txt").unlink()
    (folder / "runtime.txt").write_text("# nothing\n")
    with pytest.raises(Problem, match=r"runtime\.txt: found no package"):
        sbom.bill(requirements=folder)
