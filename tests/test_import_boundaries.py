"""Packages point one way only; each is imported in a process of its own."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

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


def test_the_test_can_fail() -> None:
    assert loaded(["json", "csv"], {"csv"}) == "csv"
