"""Fixtures of the sandbox's own tests."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.sandbox.scene import Scene, open_scene


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncGenerator[Scene]:
    async with open_scene(tmp_path) as opened:
        yield opened
