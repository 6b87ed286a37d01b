"""Fixtures that several folders of tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.region import Region, make_region

pytest_plugins = ["tests.exclusive_tests"]

# A busy machine is slow, which is no failure: how fast examples are made is not tested.
settings.register_profile("any-machine", suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-machine")

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


def pytest_configure(config: pytest.Config) -> None:
    """Load what needs Django only where there is Django: `make test-fast` runs without."""
    if config.pluginmanager.hasplugin("django"):
        config.pluginmanager.import_plugin("tests.platform_fixtures")


@pytest.fixture(scope="session")
def region(tmp_path_factory: pytest.TempPathFactory) -> Region:
    """The small random region; its files are never changed."""
    return make_region(tmp_path_factory.mktemp("region"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data beside the checkout; the test is skipped where there is none."""
    if not SHARED.is_dir():
        pytest.skip("the real data are not beside this checkout (../shared/data)")
    return SHARED
