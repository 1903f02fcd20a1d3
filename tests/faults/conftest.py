"""Fixtures of the fault matrix: each file brings its own `trial`; whatever happens in it is judged after each row."""

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from sandbox.visitor import Visitor
from tests.faults.trial import Trial


@pytest_asyncio.fixture(loop_scope="session")
async def member(trial: Trial, request: pytest.FixtureRequest) -> AsyncGenerator[Visitor]:
    """Bring somebody into a channel of this row's own, and hold the row against every promise when it is over."""
    name: str = request.node.name
    trial.begin()
    yield trial.visitor(trial.channel(name), "mia")
    trial.mend()
    if trial.bot.pid is None:
        await trial.bot.start()
    await trial.judge()
