"""Packages point one way only; each is imported in a process of its own."""

from __future__ import annotations

import ast
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import analytics
import inference

PROGRAM = """
import importlib, sys
for name in {modules!r}:
    importlib.import_module(name)
wrong = sorted(set(m.split(".")[0] for m in sys.modules) & set({forbidden!r}))
print(" ".join(wrong))
"""


def modules_of(package) -> list[str]:  # type: ignore[no-untyped-def]
    found = [package.__name__]
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not module.name.endswith("__main__"):
            found.append(module.name)
    return found


def loaded(modules: list[str], forbidden: set[str]) -> str:
    program = PROGRAM.format(modules=modules, forbidden=sorted(forbidden))
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_the_engine_knows_no_django_no_model_and_no_platform() -> None:
    forbidden = {
        "django",
        "rest_framework",
        "celery",
        "torch",
        "transformers",
        "clcplus",
        "inference",
    }
    assert loaded(modules_of(analytics), forbidden) == ""


def test_the_model_knows_no_django_and_no_platform() -> None:
    assert loaded(modules_of(inference), {"django", "celery", "clcplus"}) == ""


@pytest.mark.parametrize(
    "module", ["clcplus.wsgi", "clcplus.tasks", "clcplus.urls", "clcplus.celery"]
)
def test_the_platform_starts_without_torch(module: str) -> None:
    start = ["clcplus.wsgi", module] if module != "clcplus.wsgi" else [module]
    assert loaded(start, {"torch", "transformers"}) == ""


PLATFORM = Path(__file__).parents[1] / "clcplus"
OUTPUTS = {"views", "api", "report", "maps"}
"""What answers readers. Each renders the records of ``analytics`` through the shared rooms."""
SHARED = ("presentation", "files", "http", "areas")


def imports_of(room: str, into: set[str]) -> Iterator[str]:
    """Imports in the modules of a room of the platform that lead into others."""
    for path in sorted((PLATFORM / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                continue
            for name in names:
                package, _, rest = name.partition(".")
                if package == "clcplus" and rest.split(".")[0] in into:
                    yield f"{path.relative_to(PLATFORM)}: {name}"


@pytest.mark.parametrize("room", SHARED)
def test_what_outputs_share_knows_none_of_them(room: str) -> None:
    assert list(imports_of(room, OUTPUTS)) == []


@pytest.mark.parametrize("room", sorted(OUTPUTS))
def test_outputs_know_none_of_each_other(room: str) -> None:
    assert list(imports_of(room, OUTPUTS - {room})) == []


def test_imports_between_rooms_are_found() -> None:
    assert list(imports_of("views", {"presentation"}))


def test_the_test_can_fail() -> None:
    assert loaded(["json", "csv"], {"csv"}) == "csv"
