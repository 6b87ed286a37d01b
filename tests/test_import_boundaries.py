"""Packages point one way only; each is imported in a process of its own."""

from __future__ import annotations

import ast
import graphlib
import importlib
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import analytics
import demonstration
import inference

ROOT = Path(__file__).parents[1]
PACKAGES = ("analytics", "inference", "clcplus", "demonstration", "ops")

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


def rooms_of(package) -> dict[str, set[str]]:  # type: ignore[no-untyped-def]
    """Packages inside a package that offer names to others, and these names."""
    found = {}
    for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        if module.ispkg:
            offered = getattr(importlib.import_module(module.name), "__all__", None)
            if offered is not None:
                found[module.name] = set(offered)
    return found


def trespasses(package, *folders: Path) -> Iterator[str]:  # type: ignore[no-untyped-def]
    """Imports, outside of a room, of what the room does not offer."""
    rooms = rooms_of(package)
    for folder in folders or (ROOT / name for name in PACKAGES):
        for path in sorted(folder.rglob("*.py")):
            home = ".".join(path.relative_to(folder.parent).parts[:2])
            for name in imported(path):
                room = ".".join(name.split(".")[:2])
                offered = name[len(room) + 1 :] in rooms.get(room, set())
                if room in rooms and room not in (home, name) and not offered:
                    yield f"{path.relative_to(folder)}: {name}"


def cycle_of(package: str, root: Path = ROOT) -> list[str]:
    """Rooms and modules at the top of a package that depend on each other in a circle."""
    needed: dict[str, set[str]] = {}
    for path in sorted((root / package).rglob("*.py")):
        place = path.relative_to(root).with_suffix("").parts
        if len(place) == 2 and place[1].startswith("__"):
            continue
        names = (name.split(".") for name in imported(path))
        found = {name[1] for name in names if name[0] == package and len(name) > 1}
        needed.setdefault(place[1], set()).update(found - {place[1]})
    try:
        graphlib.TopologicalSorter(needed).prepare()
    except graphlib.CycleError as error:
        circle: list[str] = error.args[1]
        return circle
    return []


def imported(path: Path) -> Iterator[str]:
    """Full names of what a module imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


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


def test_the_demonstration_knows_no_django_no_platform_and_loads_no_torch() -> None:
    forbidden = {"django", "celery", "clcplus", "torch", "transformers"}
    assert loaded(modules_of(demonstration), forbidden) == ""


@pytest.mark.parametrize("room", sorted(rooms_of(inference)))
def test_a_room_loads_without_torch(room: str) -> None:
    assert loaded([room], {"torch", "transformers"}) == ""


def test_rooms_are_reached_only_through_what_they_offer() -> None:
    assert list(trespasses(inference)) == []


ROOMS = {
    "change": "numba rasterio pyogrio",
    "checks": "numba rasterio pyogrio",
    "commands": "numba rasterio pyogrio",
    "counting": "numba rasterio pyogrio",
    "custom_zones": "pyogrio",
    "estimation": "numba rasterio pyogrio",
    "figures": "numba rasterio pyogrio",
    "files": "numba rasterio pyogrio",
    "geometry": "numba rasterio pyogrio",
    "patches": "numba rasterio pyogrio",
    "queries": "numba rasterio pyogrio",
    "rasters": "numba pyogrio",
    "sampling": "numba rasterio pyogrio",
    "search": "numba rasterio pyogrio",
    "uploads": "numba rasterio pyogrio",
    "zones": "numba",
}
"""Rooms of the engine that other packages reach only by what they offer; and what offering it must
not load."""


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_of_the_engine_offers_names_and_loads_fast(room: str) -> None:
    name = f"analytics.{room}"
    assert name in rooms_of(analytics)
    assert loaded([name], set(ROOMS[room].split())) == ""


def test_other_packages_reach_rooms_of_the_engine_by_what_they_offer_alone() -> None:
    others = [ROOT / name for name in PACKAGES if name != "analytics"]
    assert list(trespasses(analytics, *others)) == []


def test_a_forbidden_import_is_found(tmp_path: Path) -> None:
    module = tmp_path / "stranger.py"
    module.write_text(
        "from inference.training.state import State\n"
        "from inference.training import Configuration, state, trainer\n"
        "import inference.composites.medians\n"
    )
    assert sorted(trespasses(inference, tmp_path)) == [
        "stranger.py: inference.composites.medians",
        "stranger.py: inference.training.state",
        "stranger.py: inference.training.state.State",
    ]


@pytest.mark.parametrize("package", ["analytics", "inference", "clcplus", "demonstration"])
def test_rooms_depend_on_each_other_in_one_direction(package: str) -> None:
    assert cycle_of(package) == []


def test_an_import_cycle_is_found(tmp_path: Path) -> None:
    package = tmp_path / "house"
    (package / "hall").mkdir(parents=True)
    (package / "hall/door.py").write_text("from house.kitchen import table")
    (package / "kitchen.py").write_text("from house.hall import door")
    assert set(cycle_of("house", tmp_path)) == {"hall", "kitchen"}


@pytest.mark.parametrize(
    "module", ["clcplus.wsgi", "clcplus.tasks", "clcplus.urls", "clcplus.celery"]
)
def test_the_platform_starts_without_torch(module: str) -> None:
    start = ["clcplus.wsgi", module] if module != "clcplus.wsgi" else [module]
    assert loaded(start, {"torch", "transformers"}) == ""


PLATFORM = ROOT / "clcplus"
OUTPUTS = {"views", "api", "report", "maps"}
"""What answers readers. Each renders the records of ``analytics`` through the shared rooms."""
SHARED = ("presentation", "files", "http", "areas")


def imports_of(room: str, into: set[str]) -> Iterator[str]:
    """Imports in the modules of a room of the platform that lead into others."""
    for path in sorted((PLATFORM / room).rglob("*.py")):
        for name in imported(path):
            package, _, rest = name.partition(".")
            if package == "clcplus" and rest.split(".")[0] in into:
                yield f"{path.relative_to(PLATFORM)}: {name}"


@pytest.mark.parametrize("room", SHARED)
def test_rooms_that_outputs_share_import_no_output(room: str) -> None:
    assert list(imports_of(room, {*OUTPUTS, "templatetags"})) == []


@pytest.mark.parametrize("room", sorted(OUTPUTS))
def test_outputs_do_not_import_each_other(room: str) -> None:
    assert list(imports_of(room, OUTPUTS - {room})) == []


@pytest.mark.parametrize("room", ["actions", "jobs", "models"])
def test_rooms_that_change_data_import_no_output(room: str) -> None:
    assert list(imports_of(room, OUTPUTS)) == []


def test_clients_of_services_elsewhere_know_no_database() -> None:
    rooms = {path.stem for path in PLATFORM.iterdir()} - {"sources", "errors"}
    assert list(imports_of("sources", rooms)) == []


def test_imports_between_rooms_are_found() -> None:
    assert list(imports_of("views", {"presentation"}))


def test_the_test_can_fail() -> None:
    assert loaded(["json", "csv"], {"csv"}) == "csv"
