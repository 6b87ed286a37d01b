"""The benchmarks find what they import: neither the type checker nor another test looks at them."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
PATHS = sorted(BENCHMARKS.glob("*.py"))
ONLY_OF_BENCHMARKS = ("rasterstats",)
"""Packages that ``make bench`` installs and ``make test`` does not (requirements/bench.in)."""


class AnyNames(ModuleType):
    """Stands for a package that is not installed: it has every public name."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("_"):
            raise AttributeError(name)
        return object()


@pytest.fixture(autouse=True)
def packages_of_benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand-ins for the packages that are not installed."""
    for name in ONLY_OF_BENCHMARKS:
        if name not in sys.modules and importlib.util.find_spec(name) is None:
            package = AnyNames(name)
            package.__spec__ = ModuleSpec(name, None)
            monkeypatch.setitem(sys.modules, name, package)


def missing(text: str) -> Iterator[str]:
    """Modules and names that a module imports or takes from a module, and that do not exist.

    Imports within functions count too. Most benchmarks import late, so an import of the benchmark
    itself would not show them.
    """
    tree = ast.parse(text)
    modules: dict[str, ModuleType] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _unknown_module(alias.name)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                found = _imported(node.module, alias.name)
                if found is None:
                    yield f"{node.module}.{alias.name}"
                elif isinstance(found, ModuleType):
                    modules[alias.asname or alias.name] = found
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = modules.get(node.value.id)
            if module is not None and not hasattr(module, node.attr):
                yield f"{module.__name__}.{node.attr}"


def _unknown_module(name: str) -> Iterator[str]:
    if importlib.util.find_spec(name) is None:
        yield name


def _imported(module: str, name: str) -> object | None:
    """What ``from module import name`` gives; None where it would fail."""
    try:
        holder = importlib.import_module(module)
        if not hasattr(holder, name):
            return importlib.import_module(f"{module}.{name}")
    except ModuleNotFoundError:
        return None
    found: object = getattr(holder, name)
    return found


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_what_a_benchmark_imports_exists(path: Path) -> None:
    assert list(missing(path.read_text())) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("def f():\n    from analytics.grid import Nothing", "analytics.grid.Nothing"),
        ("from analytics.nowhere import Window", "analytics.nowhere.Window"),
        ("import analytics_of_nobody", "analytics_of_nobody"),
        ("from analytics import indicators\nindicators.nothing()", "analytics.indicators.nothing"),
    ],
)
def test_what_does_not_exist_is_found(text: str, found: str) -> None:
    assert list(missing(text)) == [found]


def test_there_are_benchmarks() -> None:
    assert len(PATHS) > 30
