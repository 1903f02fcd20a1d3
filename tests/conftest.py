"""What holds for every test."""

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes, to be made or to be run, says how busy the machine is, and nothing of the code.
settings.register_profile("atelier", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("atelier")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files with tests of the shared world last: it stands still while tests with a loop of their own run.

    By files, as xdist hands them out: one that came early for a single test of its own would leave the world standing
    for minutes, until the bot's requests ran out of their five.
    """
    shared = {item.path for item in items if "shared_stage" in getattr(item, "fixturenames", ())}
    items.sort(key=lambda item: item.path in shared)
