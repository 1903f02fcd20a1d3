"""What holds for every test."""

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes, to be made or to be run, says how busy the machine is, and nothing of the code.
settings.register_profile("atelier", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("atelier")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long files first, and those with tests of the shared world last, by files, as xdist hands them out.

    A long file that comes last leaves all workers but one idle. The shared world stands still while tests with a loop
    of their own run: for a single test in an early file it would stand for minutes, until the bot's requests ran out
    of their five.
    """
    shared = {item.path for item in items if "shared_stage" in getattr(item, "fixturenames", ())}
    long = {item.path for item in items if item.get_closest_marker("e2e") or item.get_closest_marker("browser")}
    items.sort(key=lambda item: (item.path in shared, item.path not in long))
