"""The bill of materials: every package of the lock files, as CycloneDX JSON.

.venv/bin/python -m ops.sbom            # to the standard output
.venv/bin/python -m ops.sbom -o FILE
"""

from __future__ import annotations

import argparse
import base64
import binascii
import json
import re
import sys
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from ops.layout import REQUIREMENTS, ROOT
from ops.problems import Problem, run

NPM_LOCK = ROOT / "package-lock.json"
# What serves readers, what some installations have, and what only builds and tests.
SCOPES = {
    "runtime": ComponentScope.REQUIRED,
    "model": ComponentScope.OPTIONAL,
    "torch": ComponentScope.OPTIONAL,
    "tracing": ComponentScope.OPTIONAL,
    "frontend": ComponentScope.EXCLUDED,
    "test": ComponentScope.EXCLUDED,
    "bench": ComponentScope.EXCLUDED,
}
_PACKAGE = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_NAMESPACE = uuid.UUID("0f6c1ba5-6a8e-4c5f-9d0f-6d6c2a3e7d11")


def bill(*, requirements: Path = REQUIREMENTS, npm_lock: Path = NPM_LOCK) -> str:
    """The document, valid by the schema of CycloneDX. Raises Problem for a lock file that cannot be
    read."""
    bom = Bom()
    platform = Component(name="clcplus-statistics", type=ComponentType.APPLICATION)
    bom.metadata.component = platform
    found: dict[str, Component] = {}
    named: set[str] = set()
    for component, direct in (*_of_python(requirements), *_of_npm(npm_lock)):
        # A package stands in several lock files: the first one says what it is needed for.
        found.setdefault(str(component.purl), component)
        if direct:
            named.add(str(component.purl))
    bom.components.update(found.values())
    bom.register_dependency(platform, [found[purl] for purl in sorted(named)])
    # The same packages make the same number.
    bom.serial_number = uuid.uuid5(_NAMESPACE, "\n".join(sorted(found)))
    text: str = JsonV1Dot6(bom).output_as_string(indent=2)
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong is not None:
        raise Problem(f"bill of materials: found {wrong}; expected what the schema allows")
    return text


def _of_python(folder: Path) -> Iterator[tuple[Component, bool]]:
    """Packages, and whether the platform itself asks for them."""
    known = {path.stem for path in folder.glob("*.txt")}
    if known != set(SCOPES):
        raise Problem(
            f"{folder}: found {', '.join(sorted(known))}; expected {', '.join(sorted(SCOPES))}: "
            "say in ops/sbom.py what a new lock file is for"
        )
    for name, scope in SCOPES.items():
        path = folder / f"{name}.txt"
        entries = re.split(r"\n(?=[^\s#])", path.read_text(encoding="utf-8"))
        packages = [(entry, match) for entry in entries if (match := _PACKAGE.match(entry))]
        if not packages:
            raise Problem(f"{path}: found no package; expected lines such as name==1.0")
        for entry, match in packages:
            hashes = [HashType(alg=HashAlgorithm.SHA_256, content=h) for h in _HASH.findall(entry)]
            purl = PackageURL("pypi", name=match[1].lower().replace("_", "-"), version=match[2])
            component = _component(purl, scope=scope, lock=path.name, hashes=hashes)
            yield component, "-r requirements/" in entry


def _of_npm(path: Path) -> Iterator[tuple[Component, bool]]:
    try:
        packages: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["packages"]
        platform = packages[""]
        wanted = {**platform.get("dependencies", {}), **platform.get("devDependencies", {})}
        for place, package in packages.items():
            if place:  # not the platform itself
                direct = place.removeprefix("node_modules/") in wanted
                yield _of_npm_package(place, package, lock=path.name), direct
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Problem(
            f"{path}: found {type(error).__name__}: {error}; expected a lock file of npm, version 3"
        ) from error


def _of_npm_package(place: str, package: dict[str, Any], *, lock: str) -> Component:
    full = package.get("name") or place.rpartition("node_modules/")[2]
    group, _, name = full.rpartition("/")
    scope = ComponentScope.OPTIONAL if package.get("optional") else ComponentScope.REQUIRED
    if package.get("dev"):
        scope = ComponentScope.EXCLUDED
    purl = PackageURL("npm", namespace=group or None, name=name, version=package["version"])
    return _component(
        purl,
        scope=scope,
        lock=lock,
        hashes=list(_of_integrity(package.get("integrity", ""))),
        license=package.get("license", ""),
    )


def _of_integrity(text: str) -> Iterator[HashType]:
    names = {"sha512": HashAlgorithm.SHA_512, "sha256": HashAlgorithm.SHA_256}
    for word in text.split():
        algorithm, _, encoded = word.partition("-")
        if algorithm in names:
            try:
                content = base64.b64decode(encoded, validate=True).hex()
            except binascii.Error as error:
                raise ValueError(f"the integrity {word[:40]}") from error
            yield HashType(alg=names[algorithm], content=content)


def _component(
    purl: PackageURL,
    *,
    scope: ComponentScope,
    lock: str,
    hashes: Iterable[HashType],
    license: str = "",
) -> Component:
    return Component(
        name=purl.name,
        group=purl.namespace,
        version=purl.version,
        purl=purl,
        bom_ref=str(purl),
        scope=scope,
        hashes=hashes,
        licenses=[LicenseFactory().make_from_string(license)] if license else (),
        properties=[Property(name="clcplus:lock", value=lock)],
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="ops.sbom", description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, help="file to write")
    output = parser.parse_args().output
    text = bill()
    if output is None:
        sys.stdout.write(text + "\n")
        return 0
    try:
        output.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise Problem(f"{output}: cannot be written: {error.strerror}") from error
    return 0


if __name__ == "__main__":
    run(main)
