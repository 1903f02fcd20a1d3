"""Fixtures of the end-to-end tests: one stage for all that can share it."""

from collections.abc import AsyncGenerator, Iterator

import pytest
import pytest_asyncio

from sandbox.discord import Channel
from sandbox.visitor import Visitor
from tests.e2e.stage import Stage, check_log, check_wires, open_stage


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stage]:
    async with open_stage(tmp_path_factory.mktemp("shared")) as opened:
        yield opened


@pytest.fixture
def stage(shared_stage: Stage) -> Stage:
    return shared_stage


@pytest.fixture(autouse=True)
def judged(request: pytest.FixtureRequest) -> Iterator[None]:
    """Judge the wires after each test on the shared stage, so that the test at fault is the one that fails."""
    yield
    if "shared_stage" in request.fixturenames:
        opened: Stage = request.getfixturevalue("shared_stage")
        check_wires(opened.world)
        check_log(opened.bot)


@pytest_asyncio.fixture(loop_scope="session")
async def channel(stage: Stage, request: pytest.FixtureRequest) -> Channel:
    return stage.channel(request.node.name)


@pytest_asyncio.fixture(loop_scope="session")
async def anna(stage: Stage, channel: Channel) -> Visitor:
    return stage.visitor(channel, "anna")


@pytest_asyncio.fixture(loop_scope="session")
async def ben(stage: Stage, channel: Channel) -> Visitor:
    return stage.visitor(channel, "ben")
