"""What holds for every test."""

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes, to be made or to be run, says how busy the machine is, and nothing of the code.
settings.register_profile("atelier", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("atelier")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of the shared world last: it stands still while tests with a loop of their own run."""
    items.sort(key=lambda item: "shared_stage" in getattr(item, "fixturenames", ()))
